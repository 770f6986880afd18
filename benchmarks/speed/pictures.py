"""Photographs of any size without a data set: a bundled one, mirrored as far as wanted."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from skimage import data

from blindsr.io.photo import Photo, write_photo
from srbase.imaging.resample import downscale
from srbase.kernels.random_kernels import random_kernel

SIZES: Final = {"0.1": (384, 256), "0.7": (1024, 683), "3": (2048, 1536), "12": (4000, 3000)}
"""Megapixels to width and height."""
KERNEL: Final = 1
"""Seed of a kernel of no symmetry but the half turn, whose self-ensemble has two members."""


def picture(width: int, height: int) -> torch.Tensor:
    """(3, height, width) in 0..1: scikit-image's astronaut (NASA, public domain)."""
    whole = torch.from_numpy(data.astronaut()).permute(2, 0, 1).float() / 255
    for dim, wanted in ((1, height), (2, width)):
        both = torch.cat([whole, whole.flip(dim)], dim=dim)
        times = -(-wanted // both.shape[dim])
        whole = torch.cat([both] * times, dim=dim).narrow(dim, 0, wanted)
    return whole.contiguous()


def photograph(folder: Path, megapixels: str) -> Path:
    """A JPEG of this size in the folder, as a phone would hand it over."""
    path = folder / f"{megapixels}.jpg"
    if not path.exists():
        write_photo(path, Photo(picture(*SIZES[megapixels])))
    return path


def made_small(folder: Path, megapixels: str) -> Path:
    """A PNG of this size that a random kernel made from a larger picture: every stage has work on it."""
    path = folder / f"{megapixels}.png"
    if not path.exists():
        width, height = SIZES[megapixels]
        kernel = random_kernel(np.random.default_rng(KERNEL), 2).kernel
        write_photo(path, Photo(downscale(picture(2 * width, 2 * height), kernel).clamp(0, 1)))
    return path
