"""Writing 16-bit PNG with a colour profile, which neither Pillow nor torchvision can.

PNG specification (third edition): chunks in section 5.3, IHDR in 11.2.2, iCCP in 11.3.3.3.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
UP_FILTER = 2
"""Each row is stored as its difference from the row above: photographs shrink by about a fifth."""


def write(path: Path, pixels: npt.NDArray[np.generic], icc: bytes | None = None) -> None:
    """Write (H, W) or (H, W, C) whole numbers 0..65535, C from 1 to 4, as 16-bit PNG."""
    planes = np.atleast_3d(pixels).astype(">u2")
    height, width, channels = planes.shape
    rows = planes.reshape(height, -1).view(np.uint8)
    difference = np.diff(rows, axis=0, prepend=np.zeros((1, rows.shape[1]), np.uint8))
    filtered = np.insert(difference, 0, UP_FILTER, axis=1)
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPE[channels], 0, 0, 0)
    profile = _chunk(b"iCCP", b"profile\0\0" + zlib.compress(icc)) if icc else b""
    body = _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 6))
    path.write_bytes(SIGNATURE + _chunk(b"IHDR", header) + profile + body + _chunk(b"IEND", b""))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
