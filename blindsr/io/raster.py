"""What a decoder hands on: pixels as stored, what belongs to them, and what was lost."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from blindsr.io.metadata import Metadata

if TYPE_CHECKING:
    from blindsr.io.values import ValueScale

Whole = npt.NDArray[Any]
"""Pixels of uint8 or uint16."""


@dataclass(frozen=True, eq=False)
class Raster:
    """Pixels (H, W) or (H, W, 1 to 4) of uint8 or uint16; the last of 2 or 4 is straight alpha.

    Where they have ``values`` of their own, which (H, W) floats in 0..1 always have, these tell what they
    mean.

    ``bits`` is the depth to keep; ``notes`` are lines for people about what the file held besides.
    ``turned`` says that the orientation is already applied.
    """

    pixels: Whole
    bits: int
    metadata: Metadata = field(default_factory=Metadata)
    notes: tuple[str, ...] = ()
    turned: bool = False
    values: "ValueScale | None" = None


TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""Orientation tag to counter-clockwise quarter turns, and whether the result is then mirrored."""


def turned_upright(pixels: Whole, orientation: int) -> Whole:
    """Apply an orientation tag (TIFF 6.0, page 36) to (H, W[, C])."""
    if orientation not in TURNS:
        return pixels
    turns, mirrored = TURNS[orientation]
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def unpremultiplied(planes: Whole) -> Whole:
    """Straight colours of (H, W, C) whole numbers whose last channel is an alpha they were multiplied by."""
    peak = np.iinfo(planes.dtype).max
    alpha = planes[..., -1:].astype(np.float64)
    colours = planes[..., :-1] * (peak / np.maximum(alpha, 1))
    straight = np.floor(np.minimum(colours, peak) + 0.5).astype(planes.dtype)
    return np.concatenate([straight, planes[..., -1:]], axis=2)


def keyed(planes: Whole, key: Whole) -> Whole:
    """(H, W, C) with an alpha added that is 0 where the pixel is the key (C,), and full elsewhere."""
    peak = np.iinfo(planes.dtype).max
    alpha = np.where((planes == key).all(axis=2, keepdims=True), 0, peak).astype(planes.dtype)
    return np.concatenate([planes, alpha], axis=2)
