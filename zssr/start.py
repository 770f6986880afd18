"""What the network adds its residual to: an upscaling that needs no training.

Bicubic interpolation is the paper's (section 4). The inverse of the kernel at hand, linear or made sharper
along edges (:mod:`blindsr.restoration`), already holds most of what the network would have to learn. Sons
and the test image start alike.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

import torch

from blindsr.restoration.kernel_inverse import KernelInverse, inverse_for
from srbase.imaging.image import central
from srbase.imaging.resample import CUBIC_REACH, bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.runtime.threads import one_thread
from zssr.config import ZSSRConfig

SAME: Final = 1e-12
"""Sum of squared differences of two inverses, images in 0..1, under which they are the same: a flat image."""


class Start(Protocol):
    """An upscaling."""

    @property
    def reach(self) -> int:
        """LR pixels that an HR pixel sees on each side."""

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (C, h, w) to (C, s*h, s*w), any values; not clipped."""


@dataclass(frozen=True)
class BicubicStart:
    """Bicubic interpolation."""

    scale: int
    reach: int = CUBIC_REACH

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (C, h, w) to (C, s*h, s*w)."""
        return bicubic_upscale(image, self.scale)


def start_for(image: torch.Tensor, kernel: SRKernel, config: ZSSRConfig) -> Start:
    """The start for a kernel; the inverse's noise and share are chosen from the LR image (C, h, w).

    A flipped father's son is made by the same kernel after the flip, so it has the same start.
    """
    if config.inverse is None:
        return BicubicStart(kernel.scale)
    with one_thread():  # so that sums over the image do not depend on the number of threads
        inverse = inverse_for(image, kernel, config.inverse)
        if config.inverse.adaptive is None:
            return inverse
        return replace(inverse, share=share_of_adaptive(inverse, image, config.window))


def share_of_adaptive(inverse: KernelInverse, image: torch.Tensor, window: int) -> float:
    """How much of the way from the linear to the adaptive inverse to go, 0..1, by the image's own word.

    The LR image (its central ``window`` pixels) is shrunk by the kernel and brought back by both; the
    share is the least-squares one. Edges that the image has are found to gain, and fine texture,
    which the adaptive inverse takes for noise, is found to lose.
    """
    if min(image.shape[-2:]) < 2 * inverse.kernel.scale:  # it has no son to speak of
        return 0.0
    father = central(image, min(window, *image.shape[-2:]), multiple=inverse.kernel.scale)
    son = downscale(father, inverse.kernel)
    linear = inverse.linear(son)
    change = inverse.upscale(son) - linear
    energy = float(change.square().sum())
    if energy < SAME:
        return 0.0
    return min(max(float(((father - linear) * change).sum()) / energy, 0.0), 1.0)
