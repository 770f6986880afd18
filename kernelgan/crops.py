"""Where crops are taken: at random, with probability proportional to their mean gradient (Fig. D)."""

import torch
from torch.nn import functional as F

from srbase.errors import InputError

SMALLEST_GRADIENT = 1e-6
"""Added to every crop's mean gradient (images in 0..1): a flat image is sampled evenly."""


def crop_probabilities(magnitude: torch.Tensor, crop: int) -> torch.Tensor:
    """Probability of each crop's top-left corner: (H, W) to (H - crop + 1, W - crop + 1), sum 1, float64.

    The means come from running sums, whose cost does not depend on the crop's size.
    """
    height, width = magnitude.shape
    if min(height, width) < crop:
        raise InputError(f"image is {width}x{height}; crops of {crop} need at least {crop}x{crop}")
    total = F.pad(magnitude.double(), (1, 0, 1, 0)).cumsum(0).cumsum(1)
    total = total[crop:] - total[:-crop]
    weight = (total[:, crop:] - total[:, :-crop]).clamp(min=0) / crop**2 + SMALLEST_GRADIENT
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
