"""What a page shows of the versions of a photograph: all of it, or where there is most to see.

A small result is shown whole, its pixels untouched. Of a large one a page shows the whole, shrunk, and
squares with their pixels untouched. Of those there are so few that a page of three versions stays under
15 MB even where they are noise, which no encoder makes smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from blindsr.report.pixels import Pixels, exact, shrunk
from blindsr.report.places import places

MOST_PIXELS: Final = 1 << 20
"""Untouched pixels of a version: three bytes each at worst, three versions, 4/3 for base64: 12.6 MB."""
PLACES: Final = 6
SIDE: Final = 416
"""Squares of a large photograph, and their pixels a side: 1.04 million together."""
OVERVIEW_SIDE: Final = 1280
"""Pixels of the longer side of a large photograph that is shown whole."""


@dataclass(frozen=True)
class View:
    """The same part of each version, by name, as WebP.

    box: left, top, width, height in pixels of the whole. shrink: how many of them a shown pixel spans.
    """

    title: str
    box: tuple[int, int, int, int]
    shrink: float
    pictures: Mapping[str, bytes]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as shown."""
        return max(1, round(self.box[2] / self.shrink)), max(1, round(self.box[3] / self.shrink))


def views(versions: Mapping[str, Pixels], icc: bytes | None = None) -> tuple[View, ...]:
    """The parts to show of the versions (H, W, 3) by name, all of one size; the first two are compared.

    icc: the colour profile of all of them.
    """
    height, width = next(iter(versions.values())).shape[:2]
    whole = (0, 0, width, height)
    if height * width <= MOST_PIXELS:
        pictures = {name: exact(pixels, icc) for name, pixels in versions.items()}
        return (View("The whole photograph, every pixel", whole, 1, pictures),)
    pictures = {name: shrunk(pixels, OVERVIEW_SIDE, icc) for name, pixels in versions.items()}
    shrink = max(1.0, max(width, height) / OVERVIEW_SIDE)
    overview = View(f"The whole photograph, shrunk {shrink:.1f} times", whole, shrink, pictures)
    first, second = list(versions.values())[:2]
    return overview, *(
        _square(f"Place {number}, every pixel, {place.words}", place.top, place.left, versions, icc)
        for number, place in enumerate(places(first, second, PLACES, SIDE), 1)
    )


def _square(title: str, top: int, left: int, versions: Mapping[str, Pixels], icc: bytes | None) -> View:
    cut = {name: pixels[top : top + SIDE, left : left + SIDE] for name, pixels in versions.items()}
    down, across = next(iter(cut.values())).shape[:2]
    pictures = {name: exact(np.ascontiguousarray(pixels), icc) for name, pixels in cut.items()}
    return View(title, (left, top, across, down), 1, pictures)
