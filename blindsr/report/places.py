"""Where two versions of a photograph differ most, leaving noise out.

Noise that is amplified changes every pixel of a picture, often more than an edge that becomes sharper, and
there is nothing to see in it. So a change counts as far as the picture has one direction there. With the
structure tensor J of the first version, summed over a cell,

    coherence = sqrt((Jxx - Jyy)^2 + 4 Jxy^2) / (Jxx + Jyy)

is 1 on an edge or a line and near 0 in noise (B. Jaehne, Digital Image Processing, on local structure).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blindsr.report.change import luma
from blindsr.report.pixels import Pixels

Array = npt.NDArray[np.float64]

CELL: Final = 16
"""Pixels a side: in noise so many gradients have a coherence of about 0.1."""
EPSILON: Final = 1.0
"""Squared levels a pixel: gradients under it are rounding, and have no direction."""
NOTHING: Final = 0.02
"""Share of the largest window's energy under which a window has nothing to show."""

MOST, MUCH, ORDINARY = "where they differ most", "where they differ much", "an ordinary place"


@dataclass(frozen=True)
class Place:
    """The window that begins at row ``top`` and column ``left``, and why it is shown."""

    top: int
    left: int
    words: str


@dataclass(frozen=True, eq=False)
class Differences:
    """How much there is to see in each cell of CELL x CELL pixels.

    Attributes:
        energy: (rows, columns), squared levels, weighted by coherence squared.
    """

    energy: Array

    def windows(self, side: int, count: int, *, ordinary: bool) -> list[Place]:
        """Windows of ``side`` pixels that do not overlap, those with the largest energy first.

        Args:
            side: pixels, rounded down to cells.
            count: at most so many.
            ordinary: the last one is that of median energy, or as near to it as there is room, so that not
                only extremes are shown.

        Returns:
            At least one; a window ends where the picture ends.
        """
        cells = max(1, side // CELL)
        sums = self._sums(cells)
        order = [(int(i) * CELL, int(j) * CELL) for i, j in zip(*_descending(sums), strict=True)]
        least = NOTHING * float(sums.max())
        chosen: list[tuple[int, int]] = []
        for place in order:
            if len(chosen) == count - ordinary or sums[place[0] // CELL, place[1] // CELL] < least:
                break
            if _apart(place, chosen, cells * CELL):
                chosen.append(place)
        chosen = chosen or order[:1]
        words = [MOST, *[MUCH] * (len(chosen) - 1)]
        found = [Place(*place, why) for place, why in zip(chosen, words, strict=True)]
        if not ordinary:
            return found
        by_rank = sorted(range(len(order)), key=lambda rank: abs(rank - len(order) // 2))
        middle = next((order[rank] for rank in by_rank if _apart(order[rank], chosen, cells * CELL)), None)
        return found if middle is None else [*found, Place(*middle, ORDINARY)]

    def centre(self, top: int, left: int, height: int, width: int, side: int) -> tuple[float, float]:
        """Row and column of the middle of the window of ``side`` pixels with the largest energy in a box."""
        rows = slice(top // CELL, max(top // CELL + 1, (top + height) // CELL))
        columns = slice(left // CELL, max(left // CELL + 1, (left + width) // CELL))
        place = Differences(self.energy[rows, columns]).windows(side, 1, ordinary=False)[0]
        down, right = (
            min(start + side / 2, max(length - side / 2, length / 2))
            for start, length in ((place.top, height), (place.left, width))
        )
        return top + down, left + right

    def _sums(self, cells: int) -> Array:
        shape = tuple(min(cells, length) for length in self.energy.shape)
        return np.asarray(np.lib.stride_tricks.sliding_window_view(self.energy, shape).sum(axis=(2, 3)))


def differences(first: Pixels, second: Pixels) -> Differences:
    """Compare two versions of a photograph.

    Args:
        first: (H, W, 3), the one whose structure tells edges from noise.
        second: (H, W, 3).

    Returns:
        The differences by cells; what is left at the lower and right border belongs to the last cells.
    """
    rows, columns = (max(1, length // CELL) for length in first.shape[:2])
    energy = np.zeros((rows, columns))
    edges = np.arange(columns) * CELL
    for row in range(rows):
        last = row == rows - 1
        strip = slice(row * CELL, None if last else (row + 1) * CELL + 1)  # one more row for the gradient
        before, after = luma(first[strip]), luma(second[strip])
        across, down = _gradients(before)
        planes = (np.square(after - before), across * across, down * down, across * down)
        squares, xx, yy, xy = (
            np.add.reduceat(plane[: None if last else CELL].sum(axis=0, dtype=np.float64), edges)
            for plane in planes
        )
        coherence = np.hypot(xx - yy, 2 * xy) / (xx + yy + EPSILON * CELL * CELL)
        energy[row] = squares * coherence**2
    return Differences(energy)


def _gradients(plane: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Along columns and along rows, (H, W) each, between four pixels: of white noise they are uncorrelated,
    where two differences that share a pixel would look like a direction."""
    grown = np.pad(plane, ((0, 1), (0, 1)), mode="edge")
    falling, rising = grown[1:, 1:] - grown[:-1, :-1], grown[:-1, 1:] - grown[1:, :-1]
    half = np.float32(0.5)
    return np.asarray(half * (falling + rising)), np.asarray(half * (falling - rising))


def _descending(energy: Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rows, columns = np.unravel_index(np.argsort(-energy, axis=None, kind="stable"), energy.shape)
    return np.asarray(rows), np.asarray(columns)


def _apart(place: tuple[int, int], others: list[tuple[int, int]], side: int) -> bool:
    return all(max(abs(place[0] - top), abs(place[1] - left)) >= side for top, left in others)
