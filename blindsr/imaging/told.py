"""What a file tells of how its pixels came about, besides the pixels."""

from dataclasses import dataclass
from typing import Final, Literal

from blindsr.imaging.jpeg_tables import JPEGTables

Size = tuple[int, int]
"""Pixels, the order of the axes is of no account."""

MADE_SMALLER: Final = 0.9
"""Share of the camera's pixels along each side under which a picture was made smaller and not trimmed."""
SAME_SHAPE: Final = 0.02
"""Difference of these shares up to which a picture is the whole one made smaller, not a part of it."""


@dataclass(frozen=True)
class Told:
    """jpeg: the tables that the pixels were stored with. size: whether the picture is as large as its camera
    says that it took it ("taken"), or the same picture smaller ("shrunk"); None where it does not say."""

    jpeg: JPEGTables | None = None
    size: Literal["taken", "shrunk"] | None = None


def against_the_cameras(size: Size, taken: Size | None) -> Literal["taken", "shrunk"] | None:
    """A picture's size beside the one that its camera says it took.

    >>> against_the_cameras((3000, 4000), (4000, 3000)), against_the_cameras((800, 600), (1600, 1200))
    ('taken', 'shrunk')
    >>> against_the_cameras((1600, 900), (1600, 1200)) is None  # a part of it
    True
    """
    if taken is None or min(taken) < 1:
        return None
    shares = [ours / theirs for ours, theirs in zip(sorted(size), sorted(taken), strict=True)]
    if shares == [1.0, 1.0]:
        return "taken"
    same_shape = abs(shares[0] - shares[1]) < SAME_SHAPE * max(shares)
    return "shrunk" if same_shape and max(shares) < MADE_SMALLER else None
