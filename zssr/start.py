"""What the network adds its residual to: an upscaling that needs no training.

``bicubic`` is the paper's (section 4). ``inverse`` is the regularised least-squares solution for the
kernel at hand (:mod:`blindsr.inverse.linear`), ``adaptive`` that solution made sharper along edges
(:mod:`blindsr.inverse.adaptive`); both already hold most of what the network would have to learn. Sons
and the test image start alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.inverse.adaptive import AdaptiveConfig, sharpen
from blindsr.inverse.linear import InverseConfig, InverseFilter, inverse_filter
from blindsr.inverse.noise import choose_weight
from zssr.config import ZSSRConfig

Start = Callable[[torch.Tensor], torch.Tensor]
"""LR (C, h, w) to (C, s*h, s*w), any values; not clipped."""


def start_for(image: torch.Tensor, kernel: SRKernel, config: ZSSRConfig) -> Start:
    """The start for a kernel; the inverse's weight is chosen from the LR image (C, h, w)."""
    if config.start == "bicubic":
        return partial(bicubic_upscale, scale=kernel.scale)
    if config.start == "inverse":
        return kernel_start(image, kernel).upscale
    start = kernel_start(image, kernel, adaptive=AdaptiveConfig())
    return replace(start, share=share_of_adaptive(start, image, config.window)).upscale


def share_of_adaptive(start: "KernelStart", image: torch.Tensor, window: int) -> float:
    """How much of the way from the linear to the adaptive inverse to go, 0..1, by the image's own word.

    The LR image (its central ``window`` pixels) is shrunk by the kernel and brought back by both; the
    share is the least-squares one. Edges that the image has are found to gain, and fine texture,
    which the adaptive inverse takes for noise, is found to lose.
    """
    height, width = image.shape[-2:]
    side = min(window, height, width)
    side -= side % start.kernel.scale
    y, x = (height - side) // 2, (width - side) // 2
    father = image[:, y : y + side, x : x + side]
    son = downscale(father, start.kernel)
    linear = start.filter.upscale(son)
    change = start.upscale(son) - linear
    energy = float(change.square().sum())
    if energy < 1e-12:  # a flat image: both are the same
        return 0.0
    return min(max(float(((father - linear) * change).sum()) / energy, 0.0), 1.0)


@dataclass(frozen=True, eq=False)
class KernelStart:
    """An upscaling for one image's kernel and noise; make it by :func:`kernel_start`.

    A flipped father's son is made by the same kernel after the flip, so it needs the same start; a flipped
    *test* image has the turned kernel and needs a start of its own.
    """

    kernel: SRKernel
    weight: float
    filter: InverseFilter
    adaptive: AdaptiveConfig | None  # None: the linear inverse alone
    share: float = 1.0  # of the adaptive inverse's difference from the linear one

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (C, h, w) in 0..1 to (C, s*h, s*w), not clipped. Differentiable only where linear."""
        linear = self.filter.upscale(image)
        if self.adaptive is None:
            return linear
        sharp = sharpen(linear, image, self.kernel, self.weight, self.adaptive)
        return torch.lerp(linear, sharp, self.share)


def kernel_start(
    image: torch.Tensor,
    kernel: SRKernel,
    *,
    weight: float | None = None,
    adaptive: AdaptiveConfig | None = None,
) -> KernelStart:
    """The start for an LR image (C, h, w) in 0..1; the weight is chosen from the image unless given."""
    weight = choose_weight(image, kernel) if weight is None else weight
    return KernelStart(kernel, weight, inverse_filter(kernel, InverseConfig(weight=weight)), adaptive)
