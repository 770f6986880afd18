"""How much a result differs from bicubic interpolation, as a number and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from blindsr.report.pixels import Pixels

LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue, ITU-R BT.601."""
STRIP: Final = 256
"""Rows that are in memory as floats at a time."""
UNCHANGED: Final = 0.25
"""Levels of 255: a smaller rms difference is rounding (0.29 at most)."""
SLIGHT, STRONG = 0.15, 0.41
"""Relative change of the rms gradient: up to the one it is slight, from the other on strong. The gradient of
a step that is blurred by a Gaussian of deviation d has an rms proportional to 1/sqrt(d): it gains 0.15 where
d falls by a quarter, and 0.41 where it falls by half."""
SAME: Final = 0.01
"""Relative change of the rms gradient that is neither sharpening nor softening."""


@dataclass(frozen=True)
class Change:
    """Attributes:
    levels: root mean square difference of the luma, levels of 255.
    contrast: rms gradient of the result over that of bicubic interpolation, less 1: above 0 it is sharper.
    """

    levels: float
    contrast: float

    @property
    def words(self) -> str:
        """What was done and how strongly, a participle and an adverb."""
        if self.levels < UNCHANGED:
            return "hardly changed"
        if abs(self.contrast) < SAME:
            return "changed slightly"
        verb, size = ("sharpened", self.contrast) if self.contrast > 0 else ("softened", -self.contrast)
        how = "slightly" if size <= SLIGHT else "clearly" if size < STRONG else "strongly"
        return f"{verb} {how}"


def change(bicubic: Pixels, result: Pixels) -> Change:
    """Compare a result with bicubic interpolation.

    Args:
        bicubic: (H, W, 3).
        result: (H, W, 3).

    Returns:
        The change of the luma.
    """
    difference = before = after = 0.0
    for top in range(0, len(bicubic), STRIP):
        first, second = (luma(pixels[top : top + STRIP]) for pixels in (bicubic, result))
        difference += float(np.square(second - first).sum(dtype=np.float64))
        before += _gradient_power(first)
        after += _gradient_power(second)
    count = bicubic.shape[0] * bicubic.shape[1]
    ratio = (after / before) ** 0.5 if before > 0 else 1.0
    return Change((difference / count) ** 0.5, ratio - 1)


def luma(pixels: Pixels) -> npt.NDArray[np.float32]:
    """(H, W) in levels of 255, of (H, W, 3)."""
    return np.asarray(pixels @ LUMA, np.float32)


def _gradient_power(plane: npt.NDArray[np.float32]) -> float:
    return float(sum(np.square(np.diff(plane, axis=axis)).sum(dtype=np.float64) for axis in (0, 1)))
