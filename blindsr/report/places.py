"""Where in two versions of a large photograph there is most to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blindsr.report.pixels import Pixels

CELLS: Final = 4
"""Cells along a side of a square: squares begin at any of them."""


@dataclass(frozen=True)
class Place:
    """The square that begins at row ``top`` and column ``left``, and why it is shown."""

    top: int
    left: int
    words: str


def places(first: Pixels, second: Pixels, count: int, side: int) -> list[Place]:
    """Squares of ``side`` pixels that do not overlap, at most ``count``.

    first, second: (H, W, 3), H and W at least a quarter of ``side``; a square ends where they end. The first
    ``count - 1`` are those in which they differ most (mean squared); the last one is ordinary, with the
    median of all squares' differences or as near to it as there is room, lest only extremes be shown.
    """
    cell = side // CELLS
    energy = _of_squares(_of_cells(first, second, cell))
    order = [(int(i) * cell, int(j) * cell) for i, j in zip(*_descending(energy), strict=True)]
    chosen: list[tuple[int, int]] = []
    for place in order:
        if len(chosen) < count - 1 and _apart(place, chosen, side):
            chosen.append(place)
    words = ["where they differ most", *["where they differ much"] * (len(chosen) - 1)]
    found = [Place(*place, why) for place, why in zip(chosen, words, strict=True)]
    by_rank = sorted(range(len(order)), key=lambda rank: abs(rank - len(order) // 2))
    ordinary = next((order[rank] for rank in by_rank if _apart(order[rank], chosen, side)), None)
    return found if ordinary is None else [*found, Place(*ordinary, "an ordinary place")]


def _of_cells(first: Pixels, second: Pixels, cell: int) -> npt.NDArray[np.float64]:
    """Sum of squared differences in each whole cell; a strip of cells at a time."""
    rows, columns = (max(1, length // cell) for length in first.shape[:2])
    sums = np.zeros((rows, columns))
    for row in range(rows):
        strip = np.s_[row * cell : (row + 1) * cell, : columns * cell]
        squares = np.square(first[strip].astype(np.float32) - second[strip]).sum(axis=(0, 2))
        sums[row] = [part.sum() for part in np.array_split(squares, columns)]
    return sums


def _of_squares(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sums over every CELLS x CELLS cells (fewer where there are fewer)."""
    shape = (min(CELLS, cells.shape[0]), min(CELLS, cells.shape[1]))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(cells, shape).sum(axis=(2, 3)))


def _descending(energy: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rows, columns = np.unravel_index(np.argsort(-energy, axis=None, kind="stable"), energy.shape)
    return np.asarray(rows), np.asarray(columns)


def _apart(place: tuple[int, int], others: list[tuple[int, int]], side: int) -> bool:
    return all(max(abs(place[0] - top), abs(place[1] - left)) >= side for top, left in others)
