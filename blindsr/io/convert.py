"""What callers hand over, and how it is given back: photographs and kernels as files or arrays.

An image is a path, a decoded :class:`blindsr.io.photo.Photo`, or an array (H, W) or (H, W, C) with C
from 1 to 4 (gray, gray and alpha, RGB, RGB and alpha) of uint8, uint16 or floats in 0..1.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from blindsr.io.kernel_files import read_kernel
from blindsr.io.photo import Photo, from_pixels, read_photo
from srbase.errors import InputError
from srbase.imaging.pixels import quantise
from srbase.kernels.kernel import SRKernel

Pixels = npt.NDArray[Any]
Image = str | os.PathLike[str] | Photo | Pixels
Kernel = SRKernel | str | os.PathLike[str] | Pixels


def photo_of(image: Image) -> Photo:
    """The decoded photograph. Raises InputError where it cannot be used."""
    if isinstance(image, Photo):
        return image
    if isinstance(image, str | os.PathLike):
        return read_photo(Path(image))
    return from_pixels(np.asarray(image))


def kernel_of(kernel: Kernel | None, scale: int) -> SRKernel | None:
    """The kernel, centred for this scale; an :class:`SRKernel` as it is."""
    if kernel is None or isinstance(kernel, SRKernel):
        return kernel
    if isinstance(kernel, str | os.PathLike):
        return read_kernel(Path(kernel), scale)
    return SRKernel(np.asarray(kernel), scale).centred()


def array_like(photo: Photo, image: Image) -> Pixels:
    """The photograph as an array of the data type (and number of axes) that the input has; of a file whose
    numbers have a meaning, their values."""
    if photo.values is not None:
        return photo.values.values(photo.image)
    channels = photo.image if photo.alpha is None else torch.cat([photo.image, photo.alpha])
    if isinstance(image, str | os.PathLike | Photo):
        return quantise(channels, photo.bits)
    given = np.asarray(image)
    if photo.alpha is None and given.ndim == 3 and given.shape[2] in (2, 4):  # alpha, opaque all over
        channels = torch.cat([channels, torch.ones_like(channels[:1])])
    if np.issubdtype(given.dtype, np.floating):
        floats = channels.clamp(0, 1).permute(1, 2, 0).numpy().astype(given.dtype)
        return floats[..., 0] if given.ndim == 2 else floats
    whole = quantise(channels, photo.bits).astype(given.dtype)
    return whole[..., None] if given.ndim == 3 and whole.ndim == 2 else whole


def require_parent_folder(path: Path) -> None:
    """Raise InputError unless the folder of a file to be written is there."""
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: {path.parent} is no folder; wanted one that is there")
