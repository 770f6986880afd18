"""Where crops are taken: at random, with probability proportional to their mean gradient (Fig. D)."""

import torch
from torch.nn import functional as F

from blindsr.errors import InputError

SMALLEST_GRADIENT = 1e-6
"""Added to every crop's mean gradient (images in 0..1): a flat image is sampled evenly."""


def crop_probabilities(magnitude: torch.Tensor, crop: int) -> torch.Tensor:
    """Probability of each crop's top-left corner: (H, W) to (H - crop + 1, W - crop + 1), sum 1, float64."""
    height, width = magnitude.shape
    if min(height, width) < crop:
        raise InputError(f"image is {width}x{height}; crops of {crop} need at least {crop}x{crop}")
    mean = F.avg_pool2d(magnitude[None, None].double(), crop, stride=1)[0, 0]
    weight = mean + SMALLEST_GRADIENT
    return weight / weight.sum()


def draw_corners(
    probabilities: torch.Tensor, count: int, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """``count`` top-left corners (y, x) drawn from the map, on the CPU.

    Inverts the cumulative sum: torch.multinomial stops at 2^24 places, a 16-megapixel photograph.
    """
    cumulative = probabilities.flatten().cpu().cumsum(0)
    draws = torch.rand(count, generator=rng, dtype=torch.float64) * cumulative[-1]
    flat = torch.searchsorted(cumulative, draws, right=True).clamp(max=cumulative.numel() - 1)
    width = probabilities.shape[1]
    return flat // width, flat % width


def take_crops(image: torch.Tensor, ys: torch.Tensor, xs: torch.Tensor, crop: int) -> torch.Tensor:
    """Crops (R, C, crop, crop) of (C, H, W) at the given corners; a copy, never a view."""
    corners = zip(ys.tolist(), xs.tolist(), strict=True)
    return torch.stack([image[:, y : y + crop, x : x + crop] for y, x in corners])
