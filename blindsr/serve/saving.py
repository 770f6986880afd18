"""A result at any strength, as a file: bicubic + strength * (ours - bicubic) in stored values, clipped."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blindsr.serve.worker import BICUBIC, BLEND, OURS

ROWS: Final = 256
"""Rows that are in memory as floats at a time."""


def mixed(bicubic: npt.NDArray[Any], ours: npt.NDArray[Any], strength: float) -> npt.NDArray[Any]:
    """Mix two versions of a photograph, as the page does.

    Args:
        bicubic: (H, W) or (H, W, C), uint8 or uint16.
        ours: the same.
        strength: 0 gives ``bicubic``, 1 ``ours``.

    Returns:
        The same type, rounded and clipped.
    """
    if strength == 1:
        return np.array(ours)
    result = np.empty_like(ours)
    most = np.iinfo(ours.dtype).max
    for top in range(0, len(ours), ROWS):
        rows = slice(top, top + ROWS)
        base = bicubic[rows].astype(np.float64)
        exact = base + strength * (ours[rows].astype(np.float64) - base)
        result[rows] = np.clip(np.rint(exact), 0, most)
    return result


def encoded(folder: Path, strength: float, name: str) -> bytes:
    """The file of a result.

    Args:
        folder: of a job that is done.
        strength: 0 and more.
        name: of the file; its ending is the format.

    Returns:
        Its bytes, with the photograph's metadata.

    Raises:
        InputError: where the format cannot hold it.
    """
    from blindsr.io.photo import encode_photo
    from srbase.imaging.pixels import to_tensors

    with (folder / BLEND).open("rb") as file:  # written by our own worker
        photo = pickle.load(file)
    bicubic, ours = (np.load(folder / version, mmap_mode="r") for version in (BICUBIC, OURS))
    image, _ = to_tensors(mixed(bicubic, ours, strength))
    return encode_photo(Path(name), replace(photo, image=image))[0]
