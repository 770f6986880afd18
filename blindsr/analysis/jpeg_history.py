"""Whether pixels without a JPEG header were a JPEG once, and by which tables.

A JPEG's brightness coefficients are multiples of the table's steps, and decoding, rounding to 8 bits and
storing as PNG leaves them within half a level or so of them. For a table T the mean of cos(2 pi c / T) over
the coefficients c that are no zeros is then near 1; under any other table the angles are spread and it is
near 0. Tried are the tables of T.81, annex K, scaled by libjpeg's quality, which most programs use, and all
64 positions of the blocks (a JPEG that was cropped). Phones' own tables are not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.fft import dctn

from blindsr.io.jpeg_tables import BLOCK, JPEGTables, Steps
from srbase.errors import InputError

Array = npt.NDArray[np.float64]

LUMA: Final = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
])  # fmt: skip
"""Table K.1 of T.81."""
CHROMA_FIRST: Final = np.array([
    [17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99],
])  # fmt: skip
"""Table K.2; all other steps are 99."""


LEAST_SIDE: Final = 3 * BLOCK
"""Pixels: each position of the blocks then has a whole one and a border on either side of it."""


@dataclass(frozen=True, kw_only=True)
class JPEGHistoryConfig:
    """When pixels count as a JPEG's."""

    qualities: tuple[int, ...] = tuple(range(40, 97))  # of libjpeg; finer steps drown in rounding
    agreement: float = 0.5  # least mean cosine; near 0 by chance
    least_step: int = 3  # grey levels: finer steps than this are not asked
    most_blocks: int = 1024  # looked at; the middle ones of a larger image
    least_coefficients: int = 60  # that are no zeros, for a table to be believed

    def __post_init__(self) -> None:
        if not 0 < self.agreement < 1:
            raise InputError(f"JPEG history's agreement is {self.agreement}; wanted a share between 0 and 1")
        if not all(1 <= quality <= 100 for quality in self.qualities):
            raise InputError(f"JPEG history's qualities are {self.qualities}; wanted 1 to 100")


def find_tables(luma: Array, config: JPEGHistoryConfig) -> JPEGTables | None:
    """The tables behind the luma (H, W) in 0..1, None where none is believed. Colours are thought halved."""
    if min(luma.shape) < LEAST_SIDE:
        return None
    levels = _middle(luma, config) * 255 - 128
    best: tuple[float, int, tuple[int, int]] = (config.agreement, 0, (0, 0))
    for phase in _striking(levels):
        coefficients = _coefficients(levels, phase)
        for quality in config.qualities:
            agreement = _agreement(coefficients, scaled(LUMA, quality), config)
            if agreement > best[0]:
                best = (agreement, quality, phase)
    if best[1] == 0:
        return None
    (y, x), (top, left) = best[2], _first(luma, config)
    chroma = np.full((BLOCK, BLOCK), 99)
    chroma[:4, :4] = CHROMA_FIRST
    tables = (scaled(table, best[1]) for table in (LUMA, chroma))
    luma_steps, chroma_steps = (_steps(table) for table in tables)
    return JPEGTables(luma_steps, chroma_steps, True, ((y + top) % BLOCK, (x + left) % BLOCK), read=False)


def scaled(table: npt.NDArray[np.int64], quality: int) -> npt.NDArray[np.int64]:
    """A table of annex K at libjpeg's quality, 1 to 100."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((table * percent + 50) // 100, 1, 255)


def nearest_quality(tables: JPEGTables) -> int:
    """The quality of libjpeg, 1 to 100, whose luma table is nearest in the mean ratio of steps.

    >>> nearest_quality(JPEGTables(_steps(scaled(LUMA, 87)), _steps(LUMA), True))
    87
    """
    steps = np.log(tables.steps())
    return min(range(1, 101), key=lambda quality: np.abs(np.log(scaled(LUMA, quality)) - steps).mean())


def _steps(table: npt.NDArray[np.int64]) -> Steps:
    return tuple(tuple(int(step) for step in row) for row in table)


def _first(luma: Array, config: JPEGHistoryConfig) -> tuple[int, int]:
    """The first pixel of the middle part."""
    side = BLOCK * (int(np.sqrt(config.most_blocks)) + 1)
    return max(0, (luma.shape[0] - side) // 2), max(0, (luma.shape[1] - side) // 2)


def _middle(luma: Array, config: JPEGHistoryConfig) -> Array:
    top, left = _first(luma, config)
    side = BLOCK * (int(np.sqrt(config.most_blocks)) + 1)
    return luma[top : top + side, left : left + side].astype(np.float64)


def _striking(levels: Array) -> list[tuple[int, int]]:
    """The four likeliest positions (y, x) of the blocks' first pixels, 0 to 7 each: along either axis the two
    whose borders stand out most, best first."""
    order = []
    for plane in (levels.T, levels):
        steps = np.diff(plane, axis=1)
        jumps = np.abs(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2).mean(axis=0)
        sums = [jumps[(p - 2) % BLOCK :: BLOCK].mean() for p in range(BLOCK)]  # step i leads to pixel i + 2
        order.append(np.argsort(sums)[::-1])
    return [(int(y), int(x)) for y in order[0][:2] for x in order[1][:2]]


def _coefficients(levels: Array, phase: tuple[int, int]) -> Array:
    """Cosine coefficients (n, 8, 8) of the whole blocks that differ: a pattern that recurs says one thing."""
    rows, columns = ((n - p) // BLOCK for n, p in zip(levels.shape, phase, strict=True))
    whole = levels[phase[0] : phase[0] + BLOCK * rows, phase[1] : phase[1] + BLOCK * columns]
    blocks = whole.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3).reshape(-1, BLOCK, BLOCK)
    return np.asarray(dctn(np.unique(blocks, axis=0), axes=(1, 2), norm="ortho"))


def _agreement(coefficients: Array, table: npt.NDArray[np.int64], config: JPEGHistoryConfig) -> float:
    """Mean cosine over the coefficients that are no zeros under the table; the constant ones are left out."""
    asked = table >= config.least_step
    asked[0, 0] = False
    turns = coefficients[:, asked] / table[asked]
    turns = turns[np.abs(turns) > 0.5]
    if turns.size < config.least_coefficients:
        return 0.0
    return float(np.cos(2 * np.pi * turns).mean())
