"""How large a photograph is, from the head of its file: nothing is decoded."""

from pathlib import Path
from typing import Any

import tifffile
from PIL import UnidentifiedImageError

from blindsr.io import by_pillow
from blindsr.io.decode import DAMAGED, not_decoded, quiet
from blindsr.io.formats import DICOM, FITS, HEIF, PNG, RAW, TIFF, check_claim, kind_of, refuse_known
from srbase.errors import InputError

ENOUGH = 1 << 16
"""Bytes in which the first picture's head lies, but for TIFF, whose directories lie anywhere."""


def read_size(path: Path) -> tuple[int, int] | None:
    """Width and height as the photograph will be read, upright; None where only decoding tells.

    Raises InputError for a file that is missing, a folder, or no image that could be read. A file whose
    pixels are damaged passes. A pipe is not touched, as it can be read but once.
    """
    require_file(path)
    if not path.is_file():
        return None
    try:
        with quiet():
            size = _size_in_head(path)
    except InputError as error:
        raise InputError(f"{path}{joint_of(error)}{error}") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path} {not_decoded('not an image')}") from error
    except DAMAGED:  # said in full where it is decoded
        return None
    return size


def joint_of(error: InputError) -> str:
    """What stands between a file's name and the message: nothing but a space where that is its predicate."""
    return " " if str(error).startswith(("cannot", "is ", "has ", "holds ")) else ": "


def require_file(path: Path) -> None:
    """Raises InputError unless the path is a file."""
    if path.is_dir():
        raise InputError(f"{path} is a directory; wanted an image file")
    if not path.exists():
        raise InputError(f"{path} does not exist; wanted an image file")


def _size_in_head(path: Path) -> tuple[int, int] | None:
    try:
        with path.open("rb") as file:
            head = file.read(ENOUGH)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from error
    kind = kind_of(head, path.suffix)
    if kind is None:
        refuse_known(head)
    file_bytes = path.stat().st_size
    if kind in (RAW, HEIF, FITS, DICOM):
        return None
    if kind is PNG:
        width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
        check_claim(width, height, file_bytes)
        return None if b"eXIf" in head or b"Raw profile" in head else (width, height)
    if kind is TIFF:
        with tifffile.TiffFile(path) as pages:
            page: Any = pages.pages.first
            turned = page.tags.valueof("Orientation", 1) > 4
            size = (int(page.imagewidth), int(page.imagelength))
        check_claim(*size, file_bytes)
        return size[::-1] if turned else size
    return by_pillow.read_size(path)
