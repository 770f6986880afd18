"""PNM of more than 8 bits (P2, P3, P5, P6), which Pillow reads as 8 where it has colours.

Netpbm's specification: white space and comments in the header; two bytes a sample, the higher first, where
the largest value is over 255.
"""

import re
from typing import Final

import numpy as np

from blindsr.io.formats import check_claim
from blindsr.io.raster import Raster

GAP: Final = rb"(?:\s|#[^\n]*\n)+"
HEADER: Final = re.compile(rb"P([2356])" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,5})\s")
LONGEST_HEADER = 1 << 16


def decode(data: bytes) -> Raster | None:
    """Gray or RGB, 16 bits; None where 8 bits hold everything. Raises ValueError where it is damaged."""
    header = HEADER.match(data[:LONGEST_HEADER])
    if header is None:
        return None
    kind, width, height, largest = (int(value) for value in header.groups())
    if not 255 < largest < 65536:
        return None
    check_claim(width, height, len(data))
    channels = 3 if kind in (3, 6) else 1
    count = width * height * channels
    if kind in (5, 6):
        body = data[header.end() : header.end() + 2 * count]
        values = np.frombuffer(body[: len(body) // 2 * 2], ">u2")
    else:
        words = re.sub(rb"#[^\n]*", b"", data[header.end() :]).split(maxsplit=count)[:count]
        values = np.array([int(word[:9]) for word in words], dtype=np.int64)
    if values.size < count or not count:
        raise ValueError("the file ends before its pixels do")
    scaled = np.minimum(values, largest) * (65535 / largest) + 0.5
    shape = (height, width) if channels == 1 else (height, width, channels)
    return Raster(scaled.astype(np.uint16).reshape(shape), 16)
