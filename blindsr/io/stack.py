"""Files with several pictures of one size: pages of a TIFF, planes of a FITS, frames of a DICOM.

The file's bytes are in memory. Its pages are decoded one at a time, and those of a result are encoded one at
a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

import torch

from blindsr.io import descriptions, dicom, fits, tiff
from blindsr.io.decode import convert_damage
from blindsr.io.exif import DESCRIPTION
from blindsr.io.formats import DICOM, FITS, TIFF, format_for_writing, kind_of
from blindsr.io.header import joint_of
from blindsr.io.ifd import Entry
from blindsr.io.metadata import Metadata
from blindsr.io.photo import Photo, decode_photo, pixels_for, read_file
from blindsr.io.values import Values
from srbase.errors import InputError
from srbase.imaging.image import is_finite

FLOAT: Final = "float32"
"""Of a stack whose pages have values of several data types: it holds whole numbers of 16 bits exactly."""


@dataclass(frozen=True, eq=False)
class Stack:
    """The pages of a file.

    Attributes:
        data: the file.
        name: what messages call it.
        suffix: the ending of the file's name, of use for camera RAW alone.
        numbers: of its pages, from 1, smaller versions of pages left out; of a file that has no pages None
            alone.
        sha256: of the file.
    """

    data: bytes
    name: str
    suffix: str
    numbers: Sequence[int | None]
    sha256: str

    def __len__(self) -> int:
        return len(self.numbers)

    def page(self, index: int) -> Photo:
        """A page, from 0. Raises InputError where it cannot be decoded."""
        number = self.numbers[index]
        return decode_photo(self.data, self.name, suffix=self.suffix, page=number, sha256=self.sha256)

    @cached_property
    def _is_transparent(self) -> bool:
        """Whether one of several pages is transparent anywhere; those that may be are decoded for it."""
        if len(self) == 1 or kind_of(self.data, self.suffix) is not TIFF:
            return False
        with convert_damage():
            candidates = tiff.pages_with_further_channels(self.data)
        return any(
            self.page(index).alpha is not None
            for index, number in enumerate(self.numbers)
            if (number or 1) in candidates
        )

    def __iter__(self) -> Iterator[Photo]:
        """The pages, one after the other. All of several have alpha if one of them is transparent anywhere.

        Raises InputError where they are not of one kind.
        """
        kind = None
        for index, number in enumerate(self.numbers):
            photo = self.page(index)
            own = (photo.image.shape, photo.bits, photo.metadata.icc)
            kind = kind or own
            if own != kind:
                raise InputError(f"{self.name}: page {number} is not like the first; wanted --pages {number}")
            if photo.alpha is None and self._is_transparent:
                photo = replace(photo, alpha=torch.ones_like(photo.image[:1]))
            yield photo

    def data_type(self) -> str | None:
        """The data type that holds the values of all pages; None where their numbers are no values.

        Of a FITS they are decoded up to the first one whose values need floats.

        Raises:
            InputError: for pages of MONOCHROME1 that have no common scale of values.
        """
        if kind_of(self.data, self.suffix) not in (FITS, DICOM):
            return None
        meanings, plane = set(), kind_of(self.data, self.suffix) is FITS
        for photo in self:
            meanings.add(photo.values)
            if plane and photo.values is not None and photo.values.dtype == FLOAT:
                return FLOAT
        if meanings == {None}:
            return None
        if any(meaning is not None and meaning.step < 0 for meaning in meanings):
            if len(meanings) > 1 or any(m is not None and m.headroom > 1 for m in meanings):
                raise InputError(
                    f"{self.name}: pages of MONOCHROME1 have no common scale of values; wanted --pages N"
                )
            return None
        types = {"uint16" if meaning is None else meaning.dtype for meaning in meanings}
        return types.pop() if len(types) == 1 else FLOAT


def read_stack(path: Path) -> Stack:
    """The pages of a file, or of a pipe, which is read once. Raises InputError."""
    return decode_stack(read_file(path), str(path), suffix=path.suffix)


def decode_stack(data: bytes, name: str, *, suffix: str = "") -> Stack:
    """The pages in the bytes of a file.

    Args:
        data: the whole file.
        name: what messages call it.
        suffix: the ending of the file's name, of use for camera RAW alone.

    Raises:
        InputError: for a file whose pages cannot be told, or have several sizes.
    """
    kind = kind_of(data, suffix)
    found: Sequence[int] = ()
    try:
        with convert_damage():
            if kind is TIFF:
                found = tiff.page_numbers(data)
            elif kind in (FITS, DICOM):
                found = range(1, (fits if kind is FITS else dicom).count_pages(data) + 1)
    except InputError as error:
        raise InputError(f"{name}{joint_of(error)}{error}") from error
    numbers = found if tuple(found) not in ((), (1,)) else (None,)
    return Stack(data, name, suffix, numbers, hashlib.sha256(data).hexdigest())


def check_holds_pages(path: Path) -> None:
    """Raises InputError where the ending names a format that holds one picture."""
    if format_for_writing(path) is not TIFF:
        raise InputError(f"{path} holds no pages; wanted .tif for --pages all")


class StackWriter:
    """A multi-page TIFF that is written page by page.

    Args:
        file: it can be written and searched.
        count: of the pages.
        dtype: of values, from :meth:`Stack.data_type`.
    """

    def __init__(self, file: BinaryIO, count: int, dtype: str | None = None) -> None:
        self.file, self.count, self.dtype = file, count, dtype
        self.pages: tiff.PageWriter | None = None
        self.notes: tuple[str, ...] = ()

    def append(self, photo: Photo) -> None:
        """Write a page. What belongs to the first one belongs to all.

        Raises:
            ArithmeticError: the page is not finite.
        """
        if not is_finite(photo.image):
            raise ArithmeticError("a page of the result holds NaN or infinite values and was not written")
        pixels, notes = pixels_for(TIFF, photo, self.dtype)
        if self.pages is None:
            metadata, left_out = _of_pages(photo.metadata, pixels, self.count)
            size = self.count * pixels.nbytes
            self.pages, lost = tiff.page_writer(self.file, metadata, size)
            self.notes = notes + left_out + lost
        self.pages.append(pixels)

    def close(self) -> None:
        """Finish the file, which stays open."""
        if self.pages is not None:
            self.pages.close()


def _of_pages(metadata: Metadata, pixels: Values, count: int) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata of a stack of such pages, and a line about what was true of others alone."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    description = metadata.exif and metadata.exif.description
    lost = list(metadata.lost)
    metadata = metadata.with_image_size(width, height, channels)
    if description and metadata.exif is not None:
        true = descriptions.describing_pages(description, width, height, channels, count)
        main = {tag: entry for tag, entry in metadata.exif.main.items() if tag != DESCRIPTION}
        if true is None:
            lost.append(f"{descriptions.kind_of(description)}'s description")
        else:
            main[DESCRIPTION] = Entry(2, len(true) + 1, true + b"\0")
        metadata = replace(metadata, exif=replace(metadata.exif, main=main) or None)
    return metadata, (f"not true of the new pixels, left out: {', '.join(lost)}",) if lost else ()
