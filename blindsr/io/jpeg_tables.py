"""What a JPEG file says about its own error: the quantisation tables, and where its blocks lie.

A JPEG stores, for each block of 8x8 pixels, the coefficients of its cosine transform, each rounded to a
multiple of the step that the file's table gives (ITU-T T.81, section A.3). The error of every coefficient is
thus bounded by half a step, before anybody looks at the pixels. Colour differences are often halved in
size first ("4:2:0"); above half the band they then hold nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from blindsr.io.decode import DAMAGED, quiet

BLOCK: Final = 8
"""Pixels a side of a block."""
SIGNATURE: Final = b"\xff\xd8\xff"
Steps = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class JPEGTables:
    """luma (8, 8): step of each cosine coefficient, grey levels of 255; rows by vertical frequency. chroma:
    of both colour differences; a gray image repeats luma's.

    chroma_halved: colour differences were stored at a smaller size. phase (y, x): the first pixel of a whole
    block, 0 to 7. read: from a file's header; else estimated from the pixels.
    """

    luma: Steps
    chroma: Steps
    chroma_halved: bool
    phase: tuple[int, int] = (0, 0)
    read: bool = True

    def steps(self) -> npt.NDArray[np.float64]:
        """The luma steps as an array (8, 8)."""
        return np.array(self.luma, dtype=np.float64)

    def turned(self, orientation: int, size: tuple[int, int]) -> "JPEGTables":
        """The tables of the upright image, for an EXIF orientation (1 to 8) and the stored (height, width).

        A mirrored axis whose length is no multiple of 8 begins within a block.
        """
        down, across = (n % BLOCK for n in size)
        y = down if orientation in (3, 4, 6, 7) else 0
        x = across if orientation in (2, 3, 7, 8) else 0
        if orientation < 5:
            return replace(self, phase=(y, x))
        y = across if orientation in (7, 8) else 0  # axes swapped: the upright rows were columns
        x = down if orientation in (6, 7) else 0
        luma, chroma = (tuple(zip(*table, strict=True)) for table in (self.luma, self.chroma))
        return replace(self, luma=luma, chroma=chroma, phase=(y, x))


def read_tables(data: bytes) -> JPEGTables | None:
    """The tables of a JPEG file, for the upright image; None for any other file. Decodes nothing."""
    if not data.startswith(SIGNATURE):
        return None
    try:
        with quiet(), Image.open(BytesIO(data)) as picture:
            found = getattr(picture, "quantization", {})
            layers = getattr(picture, "layer", [])
            orientation = int(picture.getexif().get(ExifTags.Base.Orientation, 1))
            size = (picture.height, picture.width)
    except DAMAGED:
        return None
    luma = found.get(0)
    if luma is None or len(luma) != BLOCK**2:
        return None
    halved = len(layers) >= 3 and tuple(layers[0][1:3]) != tuple(layers[1][1:3])
    tables = JPEGTables(_rows(luma), _rows(found.get(1, luma)), halved)
    return tables.turned(orientation, size) if 1 <= orientation <= 8 else tables


def _rows(steps: Sequence[int]) -> Steps:
    return tuple(tuple(int(step) for step in steps[BLOCK * i : BLOCK * (i + 1)]) for i in range(BLOCK))
