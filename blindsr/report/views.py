"""What a page shows of the versions of a photograph: all of it, or the places where there is most to see.

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
from blindsr.report.places import Differences, Place, differences

MOST_PIXELS: Final = 1 << 20
"""Untouched pixels of a version: three bytes each at worst, three versions, 4/3 for base64: 12.6 MB."""
PLACES: Final = 6
SIDE: Final = 416
"""Squares of a large photograph, and their pixels a side: 1.04 million together."""
OVERVIEW_SIDE: Final = 1280
"""Pixels of the longer side of a large photograph that is shown whole."""
SPOT: Final = 160
"""Pixels a side of what an eye takes in at once: a page opens with such a spot in its middle."""


@dataclass(frozen=True)
class Stop:
    """A point where a page stops, in pixels as shown, and why."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class View:
    """The same part of each version, by name, as WebP.

    Attributes:
        title: what it is.
        box: left, top, width, height in pixels of the whole.
        shrink: how many of them a shown pixel spans.
        pictures: WebP by version.
        stops: where to look, the most different one first.
    """

    title: str
    box: tuple[int, int, int, int]
    shrink: float
    pictures: Mapping[str, bytes]
    stops: tuple[Stop, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as shown."""
        return max(1, round(self.box[2] / self.shrink)), max(1, round(self.box[3] / self.shrink))


def views(
    versions: Mapping[str, Pixels], compared: tuple[str, str], icc: bytes | None = None
) -> tuple[View, ...]:
    """The parts of a photograph to show.

    Args:
        versions: (H, W, 3) by name, all of one size.
        compared: the two whose differences decide which parts are shown; edges are those of the first.
        icc: the colour profile of all of them.

    Returns:
        One view of a small photograph. Of a large one the whole, shrunk, then squares.
    """
    first, second = (versions[name] for name in compared)
    height, width = first.shape[:2]
    whole = (0, 0, width, height)
    changed = differences(first, second)
    if height * width <= MOST_PIXELS:
        pictures = {name: exact(pixels, icc) for name, pixels in versions.items()}
        stops = []
        for place in changed.windows(SPOT, PLACES, ordinary=False):
            down, across = min(SPOT, height - place.top), min(SPOT, width - place.left)
            stops.append(Stop(place.left + across / 2, place.top + down / 2, place.words))
        return (View("The whole photograph, every pixel", whole, 1, pictures, tuple(stops)),)
    pictures = {name: shrunk(pixels, OVERVIEW_SIDE, icc) for name, pixels in versions.items()}
    shrink = max(1.0, max(width, height) / OVERVIEW_SIDE)
    how = f"shrunk {shrink:.1f} times" if shrink > 1 else "compressed"
    overview = View(f"The whole photograph, {how}", whole, shrink, pictures)
    return overview, *(
        _square(place, number, changed, versions, icc)
        for number, place in enumerate(changed.windows(SIDE, PLACES, ordinary=True), 1)
    )


def _square(
    place: Place, number: int, changed: Differences, versions: Mapping[str, Pixels], icc: bytes | None
) -> View:
    top, left = place.top, place.left
    cut = {name: pixels[top : top + SIDE, left : left + SIDE] for name, pixels in versions.items()}
    down, across = next(iter(cut.values())).shape[:2]
    pictures = {name: exact(np.ascontiguousarray(pixels), icc) for name, pixels in cut.items()}
    y, x = changed.centre(top, left, down, across, SPOT)
    title = f"Place {number}, every pixel, {place.words}"
    return View(title, (left, top, across, down), 1, pictures, (Stop(x - left, y - top, place.words),))
