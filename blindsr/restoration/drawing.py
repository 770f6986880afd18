r"""Enlargement of what is no photograph: drawings, and pixel art.

A drawing (text, a screen, line art, a comic, a chart) was drawn larger or as curves, and a program made it
small by a short filter. Its spectrum says little about that filter, because the spectrum is that of its
edges. So the filter is taken as bicubic, whatever was estimated. The inverse along edges
(:mod:`blindsr.restoration.adaptive`) is the start. Then two things that are known of the result are imposed
in turn, as projections onto convex sets (Youla and Webb, IEEE TMI 1, 1982):

1. Its values lie in a range. Where the darkest or lightest of the 3x3 LR pixels has the colour of a flat area
   beside it, that is the drawing's own colour, and the result does not go beyond it: no echo lines beside
   text. Where it has not, a stroke is thinner than a pixel, and the result may be darker or lighter than any
   LR pixel. It never goes beyond the darkest or lightest value of the whole image where flat areas have it.
2. Shrunk by the filter it is the LR image (back-projection; Irani and Peleg 1991).

The range comes last, so that flat areas stay exactly flat. Values inside it make good what it takes from the
mean of a neighbourhood, so that text stays as dark as it is.

Pixel art is enlarged by repeating pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch.nn import functional as F

from blindsr.analysis.kind import Blocks
from blindsr.restoration.config import DrawingConfig
from blindsr.restoration.inverse import Inverse, kernel_inverse
from srbase.imaging.range_limits import between_keeping_means, crowded
from srbase.imaging.resample import bicubic_upscale, downscale, nearest_upscale
from srbase.kernels.kernel import SRKernel

PROJECTED: Final = 16
"""LR pixels beyond which the projections change less than a level."""


@dataclass(frozen=True, eq=False)
class DrawingUpscaler:
    """The enlargement of one drawing: a :class:`srbase.upscaler.Upscaler`.

    kernel: by which the drawing was made small. inverse: of the kernel. flat: largest range of a flat 3x3
    neighbourhood. limits: least and most of each channel, (C, 1, 1) each.
    """

    kernel: SRKernel
    inverse: Inverse
    flat: float
    limits: tuple[torch.Tensor, torch.Tensor]
    config: DrawingConfig

    @property
    def reach(self) -> int:
        """LR pixels on each side on which an HR pixel depends visibly: each projection reaches 4 more, but
        its effect falls fast."""
        return self.inverse.reach + PROJECTED

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """Upscale a drawing or a tile of it. Deterministic.

        Args:
            image: LR, (1 or 3, h, w) in 0..1; it is only read.

        Returns:
            SR, (1 or 3, s*h, s*w) in 0..1.
        """
        least, most = bounds(image, self.kernel.scale, self.flat, self.config)
        least, most = torch.maximum(least, self.limits[0]), torch.minimum(most, self.limits[1])
        result = self.inverse.upscale(image).clamp_(least, most)
        for _ in range(self.config.projections):
            error = image - downscale(result, self.kernel)
            result.add_(bicubic_upscale(error, self.kernel.scale)).clamp_(least, most)
        error = image - downscale(result, self.kernel)
        result.add_(bicubic_upscale(error, self.kernel.scale))
        return between_keeping_means(result, least, most, self.kernel.scale, self.config.saturation)


def drawing_candidate(
    image: torch.Tensor,
    scale: int,
    config: DrawingConfig,
    *,
    stored: bool = False,
) -> DrawingUpscaler:
    """The enlargement of a drawing.

    Args:
        image: the whole LR image, (1 or 3, h, w) in 0..1, on which noise and amplitude are measured.
        scale: from LR to HR, 2 or 4.
        config: numbers of the enlargement.
        stored: whether the image was stored as JPEG, so that flat areas are not exactly flat.

    Returns:
        The enlargement.
    """
    kernel = SRKernel.bicubic(scale)
    flat = config.flat_stored if stored else config.flat
    limits = limits_of(image, flat, config)
    return DrawingUpscaler(kernel, kernel_inverse(image, kernel, config.inverse), flat, limits, config)


def limits_of(image: torch.Tensor, flat: float, config: DrawingConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """Least and most of each channel of the result.

    Args:
        image: the whole LR image, (C, h, w) in 0..1.
        flat: largest range of a flat 3x3 neighbourhood.
        config: numbers of the limits.

    Returns:
        Least and most, (C, 1, 1) each: those of the image where its flat areas have them, else 0 and 1.
    """
    is_flat = (_highest(image, 1) + _highest(-image, 1)) <= flat
    low, high = (pick(image, dim=(-2, -1), keepdim=True) for pick in (torch.amin, torch.amax))
    slack = config.overshoot * (high - low)
    low_of_flat = torch.where(is_flat, image, torch.inf).amin(dim=(-2, -1), keepdim=True)
    high_of_flat = torch.where(is_flat, image, -torch.inf).amax(dim=(-2, -1), keepdim=True)
    return (
        torch.where(low_of_flat <= low + slack, low, 0.0),
        torch.where(high_of_flat >= high - slack, high, 1.0),
    )


def bounds(
    image: torch.Tensor, scale: int, flat: float, config: DrawingConfig
) -> tuple[torch.Tensor, torch.Tensor]:
    """The range of each pixel of the result.

    Args:
        image: LR, (C, h, w) in 0..1.
        scale: from LR to HR.
        flat: largest range of a flat 3x3 neighbourhood.
        config: numbers of the range.

    Returns:
        Least and most, (C, s*h, s*w) each, in 0..1. Both are the pixel's value within areas of one colour
        and where a white (black) pixel has white (black) neighbours.
    """
    low, high = -_highest(-image, 1), _highest(image, 1)
    is_flat = (high - low) <= flat
    nothing = torch.full_like(image, -torch.inf)
    low_of_flat = -_highest(torch.where(is_flat, -image, nothing), config.reach)
    high_of_flat = _highest(torch.where(is_flat, image, nothing), config.reach)
    margin = config.slack * (high - low)
    least = torch.where(low_of_flat <= low + config.same, low, low - margin)
    most = torch.where(high_of_flat >= high - config.same, high, high + margin)
    least = torch.where(crowded(image >= 1), image, least.clamp_(0, 1))
    most = torch.where(crowded(image <= 0), image, most.clamp_(0, 1))
    return nearest_upscale(least, scale), nearest_upscale(most, scale)


def block_means(image: torch.Tensor, blocks: Blocks) -> torch.Tensor:
    """Each block of enlarged pixel art at its mean: without the ringing of a JPEG.

    Args:
        image: (C, h, w); it is only read.
        blocks: of the art.

    Returns:
        (C, h, w).
    """
    if blocks.factor > 1:
        for dim, phase in zip((-2, -1), blocks.phase, strict=True):
            image = _line_means(image, dim, blocks.factor, phase)
    return image


def _line_means(image: torch.Tensor, dim: int, factor: int, phase: int) -> torch.Tensor:
    """The mean of each block of rows or columns in place of its pixels; blocks at the borders may be cut."""
    length = image.shape[dim]
    block = (torch.arange(length, device=image.device) - phase).div(factor, rounding_mode="floor")
    block = block - block[0]  # a cut block at the border is number -1
    count = int(block[-1]) + 1
    moved = image.movedim(dim, 0)
    sums = torch.zeros((count, *moved.shape[1:]), dtype=image.dtype, device=image.device)
    sums.index_add_(0, block, moved)
    sizes = torch.bincount(block, minlength=count).to(sums).view(-1, *[1] * (sums.ndim - 1))
    return (sums / sizes).index_select(0, block).movedim(0, dim)


def _highest(planes: torch.Tensor, reach: int) -> torch.Tensor:
    """Largest of the square of ``2 reach + 1`` pixels around each, as far as it lies within."""
    return F.max_pool2d(planes[None], 2 * reach + 1, stride=1, padding=reach)[0]
