"""Photographs from standard input, results to standard output, where a command has ``-`` for a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blindsr.cli import files
from srbase.errors import InputError

if TYPE_CHECKING:
    from mmap import mmap

    from blindsr.io.photo import Photo
    from blindsr.io.stack import Stack

NAME = "standard input"


def read_photo(path: Path, *, page: int | None = None) -> "Photo":
    """Decode a photograph from a file, a pipe or standard input.

    Args:
        path: A file; ``-`` is standard input.
        page: Of a TIFF, FITS or DICOM, from 1; needed where it is a stack. None: the first one.

    Raises:
        InputError: The content is no whole image, or a stack without a page.
    """
    from blindsr.io import photo

    if path == files.STREAM:
        return photo.decode_photo(sys.stdin.buffer.read(), NAME, page=page)
    return photo.read_photo(path, page=page)


def read_stack(path: Path) -> "Stack":
    """The pages of a file, a pipe or standard input.

    Args:
        path: A file; ``-`` is standard input.

    Raises:
        InputError: The pages cannot be told.
    """
    from blindsr.io import stack

    if path == files.STREAM:
        return stack.decode_stack(sys.stdin.buffer.read(), NAME)
    return stack.read_stack(path)


def write(data: "bytes | mmap") -> None:
    """Write a result to standard output.

    Args:
        data: The whole file.

    Raises:
        InputError: Standard output cannot be written.
    """
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise InputError(f"standard output cannot be written: {error.strerror}") from error
