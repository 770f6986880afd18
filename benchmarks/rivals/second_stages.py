"""SRMD as a :class:`srbase.second_stage.SecondStage`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.rivals.srmd import SRMDConfig, super_resolve_srmd
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent


@dataclass(frozen=True, eq=False)
class WithSRMDCodes:
    """SRMD's noise-free network.

    Attributes:
        projection: of kernels, (15, 225), from :func:`benchmarks.rivals.srmd.read_projection`.
        config: how SRMD is run.
    """

    projection: npt.NDArray[np.float64]
    config: SRMDConfig

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
        """See :meth:`srbase.second_stage.SecondStage.restore`; noise is not told to this network.

        Raises:
            InputError: where ncnn or the weights are not installed.
        """
        del noise_variance, rng, on_step
        made = super_resolve_srmd(image, kernels[scale], self.projection, self.config)
        return made.clamp(0, 1).to(image.device)
