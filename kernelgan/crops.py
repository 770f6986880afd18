"""Which crops the networks are trained on (Fig. D).

A crop is drawn with a probability proportional to its mean gradient magnitude, so that flat regions, which
say nothing about the kernel, are rare.
"""

from typing import Final

import torch
from torch.nn import functional as F

from kernelgan.config import KernelGANConfig
from srbase.imaging.gradient import gradient_magnitude

SMALLEST_GRADIENT: Final = 1e-6
"""Added to the mean gradient of every crop (images in 0..1), so that a flat image is sampled evenly."""

Corners = tuple[torch.Tensor, torch.Tensor]
"""Rows and columns of the top-left corners of crops, int64, (steps,) each."""


def draw_crops(image: torch.Tensor, config: KernelGANConfig, rng: torch.Generator) -> tuple[Corners, Corners]:
    """Draw the places of all crops of one training.

    Args:
        image: (C, H, W) in 0..1, at least ``config.smallest_image`` pixels a side; only read.
        config: The number of steps and the sizes of the crops.
        rng: On the CPU. All of G's crops are drawn first, then all of D's.

    Returns:
        The corners of G's crops and of D's real crops, one of each for a step, on the CPU.
    """
    magnitude = gradient_magnitude(image)
    g_corners, d_corners = (
        draw_corners(crop_probabilities(magnitude, crop), config.steps, rng)
        for crop in (config.generator_crop, config.discriminator_crop)
    )
    return g_corners, d_corners


def crop_probabilities(magnitude: torch.Tensor, crop: int) -> torch.Tensor:
    """Compute the probability of each crop.

    The cost does not depend on the crop's size: with the integral image T of the magnitudes, the sum over a
    crop is T[y+n, x+n] - T[y, x+n] - T[y+n, x] + T[y, x].

    Args:
        magnitude: (H, W), the gradient magnitude of the image.
        crop: Pixels a side of a crop, at most min(H, W).

    Returns:
        (H - crop + 1, W - crop + 1) float64 of sum 1: for each top-left corner its probability.
    """
    integral = F.pad(magnitude.double(), (1, 0, 1, 0)).cumsum(0).cumsum(1)
    rows = integral[crop:] - integral[:-crop]
    mean = (rows[:, crop:] - rows[:, :-crop]).clamp(min=0) / crop**2  # rounding can make it negative
    weight = mean + SMALLEST_GRADIENT
    return weight / weight.sum()


def draw_corners(probabilities: torch.Tensor, count: int, rng: torch.Generator) -> Corners:
    """Draw top-left corners from a map of probabilities.

    The cumulative sum is inverted by hand, because torch.multinomial allows at most 2^24 places, which a
    photograph of 16 megapixels exceeds.

    Args:
        probabilities: (rows, columns), as :func:`crop_probabilities` gives them.
        count: How many corners to draw, with replacement.
        rng: On the CPU.

    Returns:
        Rows and columns, int64, (count,) each, on the CPU.
    """
    cumulative = probabilities.flatten().cpu().cumsum(0)
    draws = torch.rand(count, generator=rng, dtype=torch.float64) * cumulative[-1]
    flat = torch.searchsorted(cumulative, draws, right=True).clamp(max=cumulative.numel() - 1)
    width = probabilities.shape[1]
    return flat // width, flat % width
