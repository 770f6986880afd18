"""The interface of an upscaling that needs no training, and its simplest form.

ZSSR's network adds its residual to such an upscaling. ZSSR is handed one; it does not know which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch

from srbase.imaging.resample import CUBIC_REACH, bicubic_upscale
from srbase.kernels.kernel import SRKernel


class Upscaler(Protocol):
    """An upscaling of an image by a fixed integer scale."""

    @property
    def reach(self) -> int:
        """LR pixels on each side on which an HR pixel depends."""

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """Upscale an image.

        Args:
            image: LR, (C, h, w), values about 0..1; it is only read.

        Returns:
            SR, (C, s*h, s*w), not clipped.
        """


BaseUpscaler = Callable[[torch.Tensor, SRKernel], Upscaler]
"""From an LR image (C, h, w) and its kernel to the upscaling that a network starts from."""


@dataclass(frozen=True)
class BicubicUpscaler:
    """Bicubic interpolation, whatever the kernel: the base of the ZSSR paper (section 4)."""

    scale: int
    reach: int = CUBIC_REACH

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """See :meth:`Upscaler.upscale`."""
        return bicubic_upscale(image, self.scale)


def bicubic_base(image: torch.Tensor, kernel: SRKernel) -> Upscaler:
    """The :data:`BaseUpscaler` of the ZSSR paper.

    Args:
        image: LR, (C, h, w); not used.
        kernel: only its scale is used.

    Returns:
        Bicubic interpolation by the kernel's scale.
    """
    del image
    return BicubicUpscaler(kernel.scale)
