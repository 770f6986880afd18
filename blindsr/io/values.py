"""Images whose numbers have a meaning of their own: counts, Hounsfield units, a flux.

They are brought to 0..1 by an offset and a step, which is undone where the result is written: TIFF gets the
values themselves; other formats get whole numbers from 0, and a line says how they are turned into values.
The offset is 0, or the smallest value where that is negative. So an image times a constant gives the same
numbers in 0..1, or those numbers times a constant.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from blindsr.io.metadata import Metadata
from blindsr.io.raster import Raster
from srbase.errors import InputError
from srbase.imaging.pixels import PEAK, STRIP

Values = npt.NDArray[Any]
"""Whole numbers or floats."""

HEADROOM: Final = 4.0
"""Of floats, which have no largest value: a result at x2 may be so many times as bright as the brightest
pixel, which is the mean of four."""
LARGEST_OFFSET: Final = 2.0**31


@dataclass(frozen=True)
class ValueScale:
    """What the numbers of an image in 0..1 mean: ``offset + step * number``.

    ``dtype`` is the data type that holds the values: int8, int16 or float32. ``step`` is negative where
    bright pixels have small values.
    """

    offset: float
    step: float
    dtype: str = "float32"
    headroom: float = 1.0  # number of white over that of the brightest pixel, for who looks at it

    def values(self, image: torch.Tensor) -> Values:
        """The values (H, W) of an image (1, H, W) in 0..1, cut where the data type ends."""
        _, height, width = image.shape
        kind = np.dtype(self.dtype)
        limits: Any = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
        result = np.empty((height, width), kind)
        for top in range(0, height, STRIP):
            strip = slice(top, top + STRIP)
            values = self.offset + self.step * image[0, strip].detach().cpu().double().clamp(0, 1).numpy()
            values = values if kind.kind == "f" else np.floor(values + 0.5)
            result[strip] = np.clip(values, limits.min, limits.max).astype(kind)
        return result

    def fit_to_bits(self, image: torch.Tensor, bits: int) -> tuple[torch.Tensor, str]:
        """The image (1, H, W) for whole numbers of so many bits, and how these are turned into values.

        Floats fill the numbers up to the brightest pixel; whole values keep their step.
        """
        times = 1.0
        if self.headroom > 1:
            times = float(image.max().clamp(1e-12, 1))
        step = self.step * times / PEAK[bits]
        return image / times, f"value = {self.offset:.9g} {'-' if step < 0 else '+'} {abs(step):.9g} * pixel"


def raster_of_values(
    stored: Values,
    slope: float,
    intercept: float,
    metadata: Metadata,
    notes: tuple[str, ...],
    *,
    inverted: bool = False,
) -> Raster:
    """The gray picture of stored numbers.

    Args:
        stored: (H, W), whole numbers or floats.
        slope: value over stored number.
        intercept: value of the stored number 0.
        metadata: of the picture.
        notes: lines for people.
        inverted: whether bright pixels have small values (MONOCHROME1); the slope is then negative. Else
            bright pixels have large values, whatever the sign of the slope.

    Raises:
        InputError: for numbers that are not finite, and a slope of 0.
    """
    if not (np.isfinite(slope) and np.isfinite(intercept) and slope):
        raise InputError(f"has values of {intercept:g} + {slope:g} * number; wanted finite ones that differ")
    if stored.dtype.kind not in "iuf":
        raise InputError(f"has {stored.dtype} pixels; wanted whole numbers or floats")
    whole = None if stored.dtype.kind == "f" else _whole_numbers(stored, slope, intercept, inverted=inverted)
    pixels, meaning = whole or _fractions(stored, slope, intercept, inverted=inverted)
    return Raster(pixels, 8 if pixels.dtype == np.uint8 else 16, metadata, notes, values=meaning)


def _whole_numbers(
    stored: Values, slope: float, intercept: float, *, inverted: bool
) -> tuple[Values, ValueScale | None] | None:
    """Whole numbers as uint8 or uint16 and what they mean, if anything; None where their range is larger."""
    small = stored.dtype.itemsize == 1
    kind, most = (np.uint8, 255) if small else (np.uint16, 65535)
    if int(stored.max()) - int(stored.min()) > most or int(stored.max()) > np.iinfo(np.int64).max:
        return None
    numbers = stored.astype(np.int64)
    if slope < 0 and not inverted:
        numbers, slope = -numbers, -slope
    if slope == 1 and intercept == round(intercept) and abs(intercept) < LARGEST_OFFSET:
        numbers, intercept = numbers + int(intercept), 0.0
    low, high = min(0, int(numbers.min())), int(numbers.max())
    if high - low > most:
        return None
    meaning = None
    if low or intercept or slope != 1:
        dtype = _signed(low, high, small=small) if not intercept and slope == 1 else "float32"
        meaning = ValueScale(intercept + slope * low, slope * most, dtype)
    return (numbers - low).astype(kind), meaning


def _fractions(
    stored: Values, slope: float, intercept: float, *, inverted: bool
) -> tuple[Values, ValueScale]:
    """Numbers as floats in 0..1 and what they mean. Raises InputError where one is not finite."""
    sign = -1.0 if inverted else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        values = sign * intercept + sign * slope * stored.astype(np.float64)
        black = min(0.0, float(values.min()))
        span = HEADROOM * ((float(values.max()) - black) or 1.0)
    if not np.isfinite(span):
        count = int((~np.isfinite(values)).sum())
        raise InputError(f"holds {pixels_in_words(count)} that are no finite numbers; wanted them filled")
    meaning = ValueScale(sign * black + 0.0, sign * span, headroom=HEADROOM)  # 0.0, never -0.0
    return ((values - black) / span).astype(np.float32), meaning


def pixels_in_words(count: int) -> str:
    """``1 pixel``, ``2 pixels``."""
    return f"{count} pixel{'' if count == 1 else 's'}"


def _signed(low: int, high: int, *, small: bool) -> str:
    """The smallest data type that holds these values and is as deep as they were."""
    if small and low >= -128 and high <= 127:
        return "int8"
    return "int16" if low >= -32768 and high <= 32767 else "float32"
