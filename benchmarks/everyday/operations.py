"""What is done to pictures before people hold them: shrinking, sharpening, grain, storage.

Pictures are arrays (H, W, 3) of 8 bits; each function returns a new one. Random numbers come from the
generator that is passed in.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from scipy import ndimage

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]
Size = tuple[int, int]

FILTERS: Final = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
}
"""Pillow's resampling filters, which widen with the factor when they shrink."""
LUMA: Final = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in the luma (BT.601)."""


def resize(pixels: Pixels, size: Size, name: str) -> Pixels:
    """Resize (H, W, 3) to ``size`` (height, width) by one of `FILTERS`, or by "cv-linear": the bilinear
    filter that does not widen when it shrinks (OpenCV's default), so that fine detail is aliased.

    Args:
        pixels: (H, W, 3), 8 bits.
        size: (height, width) of the result.
        name: of the filter.

    Returns:
        (height, width, 3), 8 bits.
    """
    if name == "cv-linear":
        return _point_sampled(pixels, size)
    image = Image.fromarray(pixels).resize((size[1], size[0]), FILTERS[name])
    return np.asarray(image)


def _point_sampled(pixels: Pixels, size: Size) -> Pixels:
    rows, columns = (
        (np.arange(to) + 0.5) * of / to - 0.5 for to, of in zip(size, pixels.shape[:2], strict=True)
    )
    grid = np.meshgrid(rows, columns, indexing="ij")
    planes = [
        ndimage.map_coordinates(pixels[..., c].astype(np.float64), grid, order=1, mode="nearest")
        for c in range(3)
    ]
    return to_bytes(np.stack(planes, axis=-1))


def to_bytes(levels: Array) -> Pixels:
    """Round and clip grey levels to 8 bits."""
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def unsharp(pixels: Pixels, radius: float, percent: int, threshold: int = 0) -> Pixels:
    """Pillow's unsharp mask: a Gaussian of deviation ``radius`` px, ``percent`` of the difference added."""
    mask = ImageFilter.UnsharpMask(radius=radius, percent=percent, threshold=threshold)
    return np.asarray(Image.fromarray(pixels).filter(mask))


def blur(pixels: Pixels, deviation: float) -> Pixels:
    """A Gaussian of this deviation, px."""
    return to_bytes(ndimage.gaussian_filter(pixels.astype(np.float64), (deviation, deviation, 0)))


def median(pixels: Pixels) -> Pixels:
    """The median of 3x3 pixels, in each channel."""
    return np.asarray(ndimage.median_filter(pixels, (3, 3, 1)))


def grain(
    pixels: Pixels, deviation: float, size: float, rng: np.random.Generator, *, colour: float = 1.0
) -> Pixels:
    """Add Gaussian grain.

    Args:
        pixels: (H, W, 3), 8 bits.
        deviation: grey levels, of each channel.
        size: deviation of the Gaussian that the grain is correlated by, px; 0: white.
        rng: draws it.
        colour: share of the grain that differs from channel to channel, 0 (gray) to 1.

    Returns:
        (H, W, 3), 8 bits.
    """
    noise = rng.standard_normal(pixels.shape)
    if size > 0:
        noise = ndimage.gaussian_filter(noise, (size, size, 0))
        noise /= noise.std()
    gray = noise[..., :1]
    mixed = np.sqrt(colour) * noise + np.sqrt(1 - colour) * gray
    return to_bytes(pixels + deviation * mixed / max(float(mixed.std()), 1e-9))


def jpeg(pixels: Pixels, quality: int, *, halved: bool = True) -> Pixels:
    """Store as JPEG and read again. halved: colours at half the size (4:2:0)."""
    return _stored(pixels, "JPEG", quality=quality, subsampling=2 if halved else 0)


def webp(pixels: Pixels, quality: int) -> Pixels:
    """Store as WebP and read again."""
    return _stored(pixels, "WEBP", quality=quality)


def _stored(pixels: Pixels, kind: str, **options: object) -> Pixels:
    memory = BytesIO()
    Image.fromarray(pixels).save(memory, kind, **options)
    return np.asarray(Image.open(memory).convert("RGB"))


def rotate(pixels: Pixels, degrees: float) -> Pixels:
    """Turn about the centre, bicubic; the size stays, corners are filled by the nearest pixels."""
    turned = [
        ndimage.rotate(pixels[..., c].astype(np.float64), degrees, reshape=False, order=3, mode="nearest")
        for c in range(3)
    ]
    return to_bytes(np.stack(turned, axis=-1))


def video_frame(pixels: Pixels, quality: int = 60) -> Pixels:
    """A frame of a compressed film: studio range, colours at half the size, blocks that were smoothed."""
    levels = 16 + pixels.astype(np.float64) * 219 / 255
    stored = webp(to_bytes(levels), quality).astype(np.float64)
    return to_bytes((stored - 16) * 255 / 219)


def bayer(pixels: Pixels, *, gradient: bool = True) -> Pixels:
    """Keep one colour a pixel (RGGB) and fill in the others.

    Args:
        pixels: (H, W, 3), 8 bits.
        gradient: red and blue follow green's detail, as cameras do; else bilinear.

    Returns:
        (H, W, 3), 8 bits.
    """
    levels = pixels.astype(np.float64)
    rows, columns = np.indices(pixels.shape[:2]) % 2
    masks = [(rows == 0) & (columns == 0), rows != columns, (rows == 1) & (columns == 1)]
    cross = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4
    around = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
    green = ndimage.convolve(levels[..., 1] * masks[1], cross, mode="mirror")
    if gradient:
        known = np.where(masks[0], levels[..., 0], np.where(masks[2], levels[..., 2], levels[..., 1]))
        second = np.array([[0, 0, -1, 0, 0], [0] * 5, [-1, 0, 4, 0, -1], [0] * 5, [0, 0, -1, 0, 0]]) / 8
        bend = ndimage.convolve(known, second, mode="mirror")
        green = np.where(masks[1], levels[..., 1], green + bend)
    filled = [levels[..., 0], green, levels[..., 2]]
    for c in (0, 2):
        difference = (levels[..., c] - green if gradient else levels[..., c]) * masks[c]
        full = ndimage.convolve(difference, around, mode="mirror")
        filled[c] = full + green if gradient else full
    return to_bytes(np.stack(filled, axis=-1))


def luma(pixels: Pixels) -> Array:
    """Luma (H, W), 0..255, of (H, W, 3); not rounded."""
    return np.asarray(pixels.astype(np.float64) @ LUMA)
