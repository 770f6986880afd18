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

from srbase.errors import InputError

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS: Final = frozenset(
    {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)
LEVEL_4_BYTES: Final = (8, 4, 4, 2, 2, 1)
"""Bytes of a number by the second digit of a Level 4 header's type."""


HDF5: Final = b"\x89HDF\r\n\x1a\n"
HDF5_PLACES: Final = (0, 512)
"""Where an HDF5 file may begin; MATLAB puts 512 bytes of its own before it."""


def read(data: bytes, most_cells: int) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of numbers with at most so many cells, by name.

    Raises InputError for a file of version 7.3 where h5py is not installed, and where there are only cells or
    structures; ValueError, and what SciPy and h5py raise, where it is damaged.
    """
    if any(data.startswith(HDF5, place) for place in HDF5_PLACES):
        return _read_hdf5(data, most_cells)
    if len(data) < HEADER_BYTES or 0 in data[:4]:
        _require_sane_level_4(data)
    else:
        _require_sane_level_5(data)
    from scipy import io as scipy_io  # takes 50 ms to load

    file: Any = BytesIO(data)
    held = scipy_io.whosmat(file)
    names = [
        name
        for name, shape, kind in held
        if kind in NUMBERS and 0 < np.prod([float(side) for side in shape]) <= most_cells
    ]
    others = [(name, kind) for name, _, kind in held if kind in ("cell", "struct")]
    if others and not names:
        name, kind = others[0]
        raise InputError(f"holds '{name}', a {kind}; {CELL_WANTED if kind == 'cell' else STRUCT_WANTED}")
    file.seek(0)
    loaded: dict[str, npt.NDArray[np.generic]] = scipy_io.loadmat(file, variable_names=names)
    return loaded


def _read_hdf5(data: bytes, most_cells: int) -> dict[str, npt.NDArray[np.generic]]:
    """MATLAB stores arrays by columns, which HDF5 reads as rows of the transposed one."""
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            "was saved as MATLAB's v7.3; wanted save(..., '-v7'), or h5py to read it:"
            " pip install 'blindsr[hdf5]'"
        ) from error
    with h5py.File(BytesIO(data), "r") as file:
        arrays: dict[str, npt.NDArray[np.generic]] = {
            str(name): np.asarray(value[()]).T
            for name, value in file.items()
            if isinstance(value, h5py.Dataset) and value.dtype.kind in "fiu" and 0 < value.size <= most_cells
        }
    if not arrays:
        raise InputError(f"holds no array of numbers; {CELL_WANTED}")
    return arrays


CELL_WANTED: Final = (
    "wanted a 2-D array. In MATLAB: Kernel = kernels{1}; save('k.mat', 'Kernel', '-v7') (of USRNet, KAIR"
    " and DPIR: Kernel = rot90(kernels{1}, 2))"
)
STRUCT_WANTED: Final = "wanted a 2-D array. In MATLAB: Kernel = s.field; save('k.mat', 'Kernel', '-v7')"


def _require_sane_level_5(data: bytes) -> None:
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise ValueError("it is no MATLAB file of level 4 or 5 or of version 7.3")
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
