"""Arrays of numbers out of MATLAB's files, which are looked through before SciPy reads them.

SciPy follows the sizes that a file claims, and a damaged one can lead it round in a ring for ever. Sources:
MAT-File Format R2024, Level 5 (a header of 128 bytes, then elements of a tag and its data) and Level 4
(headers of 20 bytes, each with its name and numbers behind it).
"""

import struct
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS: Final = frozenset(
    {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)
LEVEL_4_BYTES: Final = (8, 4, 4, 2, 2, 1)
"""Bytes of a number by the second digit of a Level 4 header's type."""


def read(data: bytes, most_cells: int) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of numbers with at most so many cells, by name. Raises ValueError, and what SciPy raises."""
    if len(data) < HEADER_BYTES or 0 in data[:4]:
        _require_sane_level_4(data)
    else:
        _require_sane_level_5(data)
    from scipy import io as scipy_io  # takes 50 ms to load

    file: Any = BytesIO(data)
    names = [
        name
        for name, shape, kind in scipy_io.whosmat(file)
        if kind in NUMBERS and 0 < np.prod([float(side) for side in shape]) <= most_cells
    ]
    file.seek(0)
    loaded: dict[str, npt.NDArray[np.generic]] = scipy_io.loadmat(file, variable_names=names)
    return loaded


def _require_sane_level_5(data: bytes) -> None:
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise ValueError("it is no MATLAB file of level 4 or 5 (those of version 7.3 are not read)")
    at = HEADER_BYTES
    while at < len(data):
        if at + 8 > len(data):
            raise ValueError("it ends within a tag")
        kind, size = struct.unpack_from(order + "II", data, at)
        if kind not in (MATRIX, COMPRESSED) or not 0 < size <= len(data) - at - 8:
            raise ValueError("an element's size makes no sense")
        at += 8 + size


def _require_sane_level_4(data: bytes) -> None:
    at = 0
    while at < len(data):
        if at + 20 > len(data):
            raise ValueError("it ends within a header")
        order = "<" if 0 <= struct.unpack_from("<i", data, at)[0] <= 5000 else ">"
        kind, rows, columns, imaginary, name_bytes = struct.unpack_from(order + "5i", data, at)
        number = kind // 10 % 10
        if kind < 0 or number >= len(LEVEL_4_BYTES) or min(rows, columns) < 0 or not 0 < name_bytes < 256:
            raise ValueError("a header makes no sense")
        at += 20 + name_bytes + rows * columns * LEVEL_4_BYTES[number] * (2 if imaginary else 1)
    if at != len(data) or not data:
        raise ValueError("it ends before its numbers do")
