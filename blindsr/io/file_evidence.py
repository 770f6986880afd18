"""What a file tells of how its pixels came about, besides the pixels."""

from dataclasses import dataclass

from blindsr.io.jpeg_tables import JPEGTables

Size = tuple[int, int]
"""Pixels of the two sides, in either order: cameras tell them before a picture is turned upright."""


@dataclass(frozen=True)
class Told:
    """jpeg: the tables that the pixels were stored with. taken: how large the picture was when its camera
    took it, as the camera says; None where none is named, or it does not say."""

    jpeg: JPEGTables | None = None
    taken: Size | None = None
