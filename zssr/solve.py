"""image + kernels -> SR image: the whole super-resolution."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from srbase.errors import InputError
from srbase.imaging.image import is_finite, require_size
from srbase.imaging.range_limits import RangeLimits
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent
from srbase.upscaler import BaseUpscaler, bicubic_base
from zssr.config import ZSSRConfig
from zssr.infer import infer
from zssr.network import build
from zssr.train import History, train


@dataclass(frozen=True, eq=False)
class Training:
    """One training and one inference: the scale, the steps taken, and the curves of the training.

    ``history`` maps step, error (mean squared), learning_rate and loss to their values, one a test.
    """

    scale: int
    steps: int
    history: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class SRResult:
    """An SR image (C, s*H, s*W) in 0..1 and the trainings behind it, coarse to fine."""

    image: torch.Tensor
    trainings: tuple[Training, ...]


def super_resolve(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    config: ZSSRConfig,
    *,
    base: BaseUpscaler = bicubic_base,
    rng: torch.Generator,
    on_step: OnProgress = silent,
    limits: RangeLimits = RangeLimits(),  # noqa: B008 - frozen
) -> SRResult:
    """Super-resolve an LR image by networks trained on it alone.

    image: (C, H, W) float32 in 0..1, C 1 or 3; it is only read. kernels: by scale; the one for
    ``scale`` must be there. x2 is one step. x4 is coarse to fine where the x2 kernel is there too:
    the x2 result joins the fathers and the network keeps its weights for the x4 step, whose kernel is
    the x4 one (ZSSR, section 3.3); without it, one direct step. base: what the network adds its residual
    to, for the image and each kernel; bicubic interpolation in the paper (section 4). With ``max_steps`` 0
    nothing is trained and the result is the base's, back-projected. limits: of the result's values.
    Raises InputError for an image too small to train on or a kernel that is missing, ArithmeticError where
    training diverged.
    """
    if scale not in kernels:
        raise InputError(f"kernels are for {sorted(kernels)}; wanted one for x{scale}")
    if config.max_steps:
        require_size(image, config.smallest_image(scale), "ZSSR")
    network = build(config, image.shape[0], rng, image.device) if config.max_steps else None
    fathers, trainings, result = [image], [], image
    scales = sorted(s for s in kernels if s <= scale) if network else [scale]
    for step_scale in scales:
        kernel = kernels[step_scale]
        upscaler = base(image, kernel)
        taken, history = 0, History()
        if network is not None:
            taken, history = train(network, fathers, kernel, upscaler, config, rng=rng, on_step=on_step)
        result = infer(network, image, kernel, upscaler, config, on_step, limits)
        if not is_finite(result):
            raise ArithmeticError(f"ZSSR diverged at x{step_scale}: the result is not finite")
        trainings.append(Training(step_scale, taken, history))
        fathers.append(result)
    return SRResult(result, tuple(trainings))
