"""The eight flips and quarter turns of the square, for images and for kernels."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel


@dataclass(frozen=True)
class Symmetry:
    """Mirror left to right (if ``flip``), then turn counter-clockwise by quarter turns."""

    quarter_turns: int = 0
    flip: bool = False

    def apply(self, image: torch.Tensor) -> torch.Tensor:
        """The image (..., H, W), moved."""
        mirrored = image.flip(-1) if self.flip else image
        return torch.rot90(mirrored, self.quarter_turns, (-2, -1))

    def undo(self, image: torch.Tensor) -> torch.Tensor:
        """The inverse of :meth:`apply`."""
        turned = torch.rot90(image, -self.quarter_turns, (-2, -1))
        return turned.flip(-1) if self.flip else turned

    def of_kernel(self, kernel: SRKernel) -> SRKernel:
        """The kernel of the moved image, when ``kernel`` is that of the image."""
        turned = geometry.turn(kernel.array, kernel.scale, self.quarter_turns, flip=self.flip)
        return SRKernel(turned, kernel.scale)


SYMMETRIES: Final = tuple(Symmetry(turns, flip) for flip in (False, True) for turns in range(4))
"""All eight; the identity is the first."""


def symmetries_of(kernel: SRKernel, tolerance: float) -> tuple[Symmetry, ...]:
    """Those symmetries that leave the kernel as it is (``ZSSRConfig.same_kernel``); the identity always.

    A network trained for one kernel may see a flipped image only under these.
    """
    square = kernel.cropped(max(kernel.shape))
    return tuple(
        symmetry
        for symmetry in SYMMETRIES
        if float(np.abs(symmetry.of_kernel(square).array - square.array).sum()) <= tolerance
    )
