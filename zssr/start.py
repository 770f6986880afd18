"""What the network adds its residual to: an upscaling that needs no training.

Bicubic interpolation is the paper's (section 4). The inverse of the kernel at hand, linear
(:mod:`blindsr.inverse.linear`) or made sharper along edges (:mod:`blindsr.inverse.adaptive`), already holds
most of what the network would have to learn. Sons
and the test image start alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch

from blindsr.imaging.image import central
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.inverse.adaptive import sharpen
from blindsr.inverse.config import InverseConfig
from blindsr.inverse.linear import InverseFilter, inverse_filter
from blindsr.inverse.noise import choose_weight
from zssr.config import ZSSRConfig

Start = Callable[[torch.Tensor], torch.Tensor]
"""LR (C, h, w) to (C, s*h, s*w), any values; not clipped."""


def start_for(image: torch.Tensor, kernel: SRKernel, config: ZSSRConfig) -> Start:
    """The start for a kernel; the inverse's weight is chosen from the LR image (C, h, w)."""
    if config.inverse is None:
        return partial(bicubic_upscale, scale=kernel.scale)
    start = kernel_start(image, kernel, config.inverse)
    if config.inverse.adaptive is None:
        return start.upscale
    return replace(start, share=share_of_adaptive(start, image, config.window)).upscale


def share_of_adaptive(start: "KernelStart", image: torch.Tensor, window: int) -> float:
    """How much of the way from the linear to the adaptive inverse to go, 0..1, by the image's own word.

    The LR image (its central ``window`` pixels) is shrunk by the kernel and brought back by both; the
    share is the least-squares one. Edges that the image has are found to gain, and fine texture,
    which the adaptive inverse takes for noise, is found to lose.
    """
    scale = start.kernel.scale
    father = central(image, min(window, *image.shape[-2:]), multiple=scale)
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
    config: InverseConfig
    share: float = 1.0  # of the adaptive inverse's difference from the linear one

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (C, h, w) in 0..1 to (C, s*h, s*w), not clipped. Differentiable only where linear."""
        linear = self.filter.upscale(image)
        if self.config.adaptive is None:
            return linear
        return torch.lerp(linear, sharpen(linear, image, self.kernel, self.weight, self.config), self.share)


def kernel_start(
    image: torch.Tensor, kernel: SRKernel, config: InverseConfig, *, weight: float | None = None
) -> KernelStart:
    """The start for an LR image (C, h, w) in 0..1; the weight is chosen from the image unless given."""
    weight = choose_weight(image, kernel, config) if weight is None else weight
    return KernelStart(kernel, weight, inverse_filter(kernel, weight, config.linear), config)
