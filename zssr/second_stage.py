"""ZSSR as a :class:`srbase.second_stage.SecondStage`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from srbase.imaging.range_limits import RangeLimits
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent
from srbase.upscaler import BaseUpscaler, bicubic_base
from zssr.config import ZSSRConfig
from zssr.solve import Training, super_resolve


@dataclass(frozen=True, eq=False)
class ZeroShot:
    """ZSSR with its settings.

    Attributes:
        config: of ZSSR.
        base: what its network adds the residual to.
        limits: of the result's values.
        trainings: those of every call, in order.
    """

    config: ZSSRConfig
    base: BaseUpscaler = bicubic_base
    limits: RangeLimits = RangeLimits()  # noqa: RUF009 - frozen
    trainings: list[Training] = field(default_factory=list)

    def restore(
        self,
        image: torch.Tensor,
        kernels: Mapping[int, SRKernel],
        scale: int,
        noise_variance: float,
        *,
        rng: torch.Generator,
        on_step: OnProgress = silent,
    ) -> torch.Tensor:
        """See :meth:`srbase.second_stage.SecondStage.restore`.

        ``noise_variance`` is not used, as the base upscaler measures the noise. The trainings are appended to
        ``trainings``.
        """
        del noise_variance
        made = super_resolve(
            image, kernels, scale, self.config, base=self.base, rng=rng, on_step=on_step, limits=self.limits
        )
        self.trainings.extend(made.trainings)
        return made.image
