"""The small set for who has no data: crops of photographs that come with scikit-image."""

from functools import partial
from typing import Final

import torch
from skimage import data

from benchmarks.data.make import Source
from srbase.errors import InputError

SIDE = 256
"""HR pixels a side: an LR image of 128 pixels at x2 and 64, KernelGAN's least, at x4."""

CROPS: Final = {
    "astronaut": (0, 96),
    "coffee": (70, 150),
    "chelsea": (20, 90),
    "rocket": (150, 200),
}
"""Photograph to the crop's first row and column. All four are colour and in the public domain or CC0."""


def sample(limit: int | None = None) -> list[Source]:
    """The HR images of the sample set."""
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; wanted at least 1")
    names = list(CROPS)[:limit]
    return [Source(i, name, partial(_crop, name)) for i, name in enumerate(names, 1)]


def _crop(name: str) -> torch.Tensor:
    top, left = CROPS[name]
    pixels = torch.from_numpy(getattr(data, name)()[top : top + SIDE, left : left + SIDE].copy())
    return pixels.permute(2, 0, 1).to(torch.float32) / 255
