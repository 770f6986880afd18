"""Where crops are taken: at random, with probability proportional to their mean gradient (Fig. D)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from blindsr.errors import InputError

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


@dataclass(frozen=True, eq=False)
class Pixels:
    """The images of several games in one row of pixels, so that crops of all are cut at once.

    values (n,): every image's channels, one after another. Of each game, (games,) each: where its image
    begins, how far one channel lies from the next (0 for gray: its one channel serves for three), and its
    width.
    """

    values: torch.Tensor
    begin: torch.Tensor
    channel: torch.Tensor
    width: torch.Tensor

    @classmethod
    def of(cls, images: Sequence[torch.Tensor], games_each: int) -> "Pixels":
        """Of images (C, H, W), C 1 or 3, on one device, so many games for each."""
        begin, channel, width, total = [], [], [], 0
        for image in images:
            begin += [total] * games_each
            channel += [image[0].numel() if image.shape[0] > 1 else 0] * games_each
            width += [image.shape[2]] * games_each
            total += image.numel()
        numbers = (torch.tensor(n, device=images[0].device) for n in (begin, channel, width))
        return cls(torch.cat([image.flatten() for image in images]), *numbers)

    def cut(self, ys: torch.Tensor, xs: torch.Tensor, crop: int, channels: int) -> torch.Tensor:
        """Crops (games, channels, crop, crop) at each game's corner (games,); a copy, never a view."""
        axis = torch.arange(crop, device=self.values.device)
        rows = (ys[:, None] + axis) * self.width[:, None]
        columns = xs[:, None] + axis
        planes = self.begin[:, None] + self.channel[:, None] * torch.arange(channels, device=axis.device)
        places = planes[:, :, None, None] + rows[:, None, :, None] + columns[:, None, None, :]
        return self.values[places]
