"""An image in overlapping tiles, so that memory follows the tile and not the image.

A tile has a *core*, which it answers for, and a *rim* around it, which is read so that the core's answer
is the same as in one piece, and then dropped. At the image's border there is no rim on that side and more
on the other: all tiles of an image are read in one size, for which operators are made once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch


@dataclass(frozen=True)
class Span:
    """Along one axis: the core is ``first`` to ``last``, what is read ``begin`` to ``end`` (pixels)."""

    first: int
    last: int
    begin: int
    end: int


@dataclass(frozen=True)
class Tile:
    """One tile of an image."""

    rows: Span
    columns: Span

    def read(self, image: torch.Tensor, scale: int = 1) -> torch.Tensor:
        """The tile (..., s*h, s*w) with its rim, of an image that is ``scale`` times as large: a view."""
        return image[
            ...,
            scale * self.rows.begin : scale * self.rows.end,
            scale * self.columns.begin : scale * self.columns.end,
        ]

    def core(self, result: torch.Tensor, scale: int = 1) -> torch.Tensor:
        """Of a result (..., s*h, s*w) for all that was read, the core: a view."""
        top, left = self.rows.first - self.rows.begin, self.columns.first - self.columns.begin
        height, width = self.rows.last - self.rows.first, self.columns.last - self.columns.first
        return result[..., scale * top : scale * (top + height), scale * left : scale * (left + width)]

    def place(self, image: torch.Tensor, scale: int = 1) -> torch.Tensor:
        """Where the core lies in an image that is ``scale`` times as large: a view."""
        return image[
            ...,
            scale * self.rows.first : scale * self.rows.last,
            scale * self.columns.first : scale * self.columns.last,
        ]


def tiles(size: tuple[int, int], side: int, rim: int) -> list[Tile]:
    """The tiles of an image of ``size`` (h, w): cores of at most ``side`` pixels a side, nearly equal, in
    reading order; together they cover each pixel once."""
    rows, columns = (list(_spans(n, side, rim)) for n in size)
    return [Tile(row, column) for row in rows for column in columns]


def _spans(length: int, side: int, rim: int) -> Iterator[Span]:
    count = -(-length // side)
    cuts = [length * i // count for i in range(count + 1)]
    read = min(length, -(-length // count) + 2 * rim)
    for first, last in pairwise(cuts):
        begin = min(max(0, first - rim), length - read)
        yield Span(first, last, begin, begin + read)
