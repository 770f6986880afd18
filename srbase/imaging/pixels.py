"""Arrays of pixels, as people and files hold them, to image tensors and back."""

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from srbase.errors import InputError

PEAK = {8: 255.0, 16: 65535.0}
QUANTISATION = 1 / 12 / 255**2
"""Variance of rounding to 8 bits, image in 0..1."""
STRIP = 64
"""Rows that are rounded at a time."""
Pixels = npt.NDArray[np.generic]


def to_tensors(pixels: Pixels) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(H, W) or (H, W, C) to image (1 or 3, H, W) and alpha (1, H, W) or None, float32 in 0..1.

    uint8 and uint16 are scaled by their peak, floats must lie in 0..1. Other data types are refused: their
    values have no known white, and negative or large ones would be cut. The second or fourth channel is
    alpha; where it is opaque all over it is dropped. Fully transparent pixels get the nearest visible colour.
    Raises InputError for another shape or range.
    """
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    if planes.ndim != 3 or planes.shape[2] not in (1, 2, 3, 4) or 0 in planes.shape:
        raise InputError(f"image has shape {pixels.shape}; wanted gray or RGB, with or without alpha")
    tensor = torch.from_numpy(_in_unit_range(planes))
    if tensor.shape[0] in (1, 3):
        return tensor, None
    image, alpha = tensor[:-1], tensor[-1:]
    return (image, None) if bool((alpha == 1).all()) else (_bleed(image, alpha), alpha)


def depth(pixels: Pixels) -> int:
    """Bits a channel that hold everything of the pixels: 8 or 16, by the data type alone."""
    return 8 if pixels.dtype == np.uint8 else 16


def quantise(image: torch.Tensor, bits: int) -> Pixels:
    """(C, H, W) in 0..1 to (H, W) or (H, W, C) whole numbers of 8 or 16 bits, halves rounded up.

    Done in strips of rows: the float64 that rounding is done in is never there for the whole image.
    """
    channels, height, width = image.shape
    pixels = np.empty((height, width, channels), np.uint8 if bits == 8 else np.uint16)
    for top in range(0, height, STRIP):
        strip = slice(top, top + STRIP)
        values = levels(image[:, strip].detach().cpu(), bits)
        pixels[strip] = values.permute(1, 2, 0).numpy().astype(pixels.dtype)
    return pixels[..., 0] if channels == 1 else pixels


def levels(image: torch.Tensor, bits: int = 8) -> torch.Tensor:
    """Values in 0..1 to whole numbers 0..255 or 0..65535, as float64; halves rounded up, the rest clipped."""
    return (image.to(torch.float64).clamp(0, 1) * PEAK[bits] + 0.5).floor()


def rounded(image: torch.Tensor, bits: int = 8) -> torch.Tensor:
    """Values in 0..1 as a file of so many bits holds them, in their own float type."""
    return (levels(image, bits) / PEAK[bits]).to(image.dtype)


def _in_unit_range(planes: Pixels) -> npt.NDArray[np.float32]:
    """(H, W, C) to (C, H, W) in 0..1, channel by channel into one array."""
    height, width, channels = planes.shape
    result = np.empty((channels, height, width), np.float32)
    if np.issubdtype(planes.dtype, np.floating):
        result[:] = np.moveaxis(planes, 2, 0)
        if not np.isfinite(result.sum(dtype=np.float64)):
            raise InputError("image holds NaN or infinite values; wanted numbers in 0..1")
        if result.min() < 0 or result.max() > 1:
            raise InputError(f"image holds values from {result.min():g} to {result.max():g}; wanted 0..1")
        return result
    if planes.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"image is of {planes.dtype}; wanted uint8, uint16 or floats in 0..1. Convert it"
            " (image.astype(numpy.uint16)) if its values fit, else give floats: (image - low) / (high - low)"
        )
    peak = np.float32(PEAK[depth(planes)])
    for plane, values in zip(result, np.moveaxis(planes, 2, 0), strict=True):
        np.divide(values, peak, out=plane, dtype=np.float32, casting="unsafe")
    return result


def _bleed(image: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Give fully transparent pixels the nearest visible colour: what lies there is arbitrary and
    would ring into the visible edge.
    """
    hidden = (alpha[0] == 0).numpy()
    if not hidden.any() or hidden.all():
        return image
    nearest = ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True)
    return image[:, torch.from_numpy(nearest[0]), torch.from_numpy(nearest[1])]
