"""Photographs in and out of files.

The depth comes from the file's data type, never from its values. The orientation is applied on reading; the
colour profile, EXIF, XMP and print size go along, made true of the new pixels. docs/formats.md has the table.
"""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from blindsr.io import atomic
from blindsr.io.decode import decode
from blindsr.io.encode import encode
from blindsr.io.file_evidence import FileEvidence
from blindsr.io.formats import READABLE as READABLE
from blindsr.io.formats import TIFF, Format, format_for_writing
from blindsr.io.formats import WRITABLE as WRITABLE
from blindsr.io.formats import check_fits as check_fits
from blindsr.io.formats import least_bytes as least_bytes
from blindsr.io.header import joint_of, require_file
from blindsr.io.header import read_size as read_size
from blindsr.io.jpeg_tables import JPEGTables, read_tables
from blindsr.io.metadata import Metadata
from blindsr.io.values import ValueScale
from srbase.errors import InputError
from srbase.imaging.image import is_finite
from srbase.imaging.pixels import depth, quantise, to_tensors


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photograph: image (C, H, W) float32 in 0..1 with C 1 or 3, and what belongs to it.

    ``notes`` are lines for people about what the file held besides.
    """

    image: torch.Tensor
    alpha: torch.Tensor | None = None  # (1, H, W), 0..1
    bits: int = 8  # 8 or 16
    metadata: Metadata = field(default_factory=Metadata)
    sha256: str = ""  # of the file
    jpeg: JPEGTables | None = None  # how the file's pixels were stored, where it is a JPEG
    notes: tuple[str, ...] = ()
    values: ValueScale | None = None  # what the numbers mean, where that is not the brightness

    @property
    def file_evidence(self) -> FileEvidence:
        """What the file tells of how its pixels came about."""
        exif = self.metadata.exif
        return FileEvidence(self.jpeg, exif.taken_size if exif else None)

    def with_image(
        self, image: torch.Tensor, alpha: torch.Tensor | None, *, factor: float | None = None
    ) -> "Photo":
        """The same depth and metadata around other pixels (C, H, W); the size in inches and on the map stays.

        Args:
            image: (C, H, W) in 0..1, of the same scene.
            alpha: (1, H, W) in 0..1, or None.
            factor: pixels of the new picture over those of the old one along each side; None: their sizes say
            it.
                To be given where the old one was cropped.
        """
        down, across = (
            image.shape[axis] / self.image.shape[axis] if factor is None else factor for axis in (1, 2)
        )
        metadata = self.metadata.for_upscaled((across, down))
        return replace(self, image=image, alpha=alpha, metadata=metadata, sha256="", jpeg=None, notes=())


def read_photo(path: Path | str, *, page: int | None = None) -> Photo:
    """Decode a photograph, upright.

    Args:
        path: a file, or a pipe (``/dev/stdin``, a shell's ``<(command)``): it is opened and read once.
        page: of a TIFF, FITS or DICOM, from 1; needed where it is a stack. None: the first one.

    Raises:
        InputError: for anything that is not a whole image, and for a stack without a page.
    """
    path = Path(path)
    return decode_photo(read_file(path), str(path), suffix=path.suffix, page=page)


def read_file(path: Path) -> bytes:
    """The bytes of a file or a pipe, which is opened once. Raises InputError."""
    require_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def decode_photo(
    data: bytes, name: str, *, suffix: str = "", page: int | None = None, sha256: str | None = None
) -> Photo:
    """The photograph in the bytes of a file, as :func:`read_photo` reads it.

    Args:
        data: the whole file.
        name: what messages call it.
        suffix: the ending of a file's name, with its dot; of use for camera RAW alone.
        page: as of :func:`read_photo`.
        sha256: of the data, where it is known.

    Raises:
        InputError: as :func:`read_photo`.
    """
    try:
        raster = decode(data, suffix, page)
        image, alpha = to_tensors(raster.pixels)
    except InputError as error:
        raise InputError(f"{name}{joint_of(error)}{error}") from error
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    return Photo(
        image,
        alpha,
        raster.bits,
        raster.metadata,
        sha256,
        read_tables(data),
        raster.notes,
        raster.values,
    )


def from_pixels(pixels: npt.NDArray[np.generic]) -> Photo:
    """A photograph around an array (H, W) or (H, W, C): uint8, uint16, or floats in 0..1.

    The depth follows the data type: 8 bits for uint8, 16 for all others. Raises InputError.
    """
    image, alpha = to_tensors(pixels)
    return Photo(image, alpha, bits=depth(pixels))


def write_photo(path: Path, photo: Photo, *, replace: bool = True) -> tuple[str, ...]:
    """Encode by the file's ending and write it whole; a line for each thing that the format cannot hold.

    16-bit photographs stay 16-bit in PNG and TIFF and become 8-bit elsewhere; alpha is laid on white
    where the format has none. Raises InputError where the file cannot be written, and where it exists and
    ``replace`` is not set; ArithmeticError where the image is not finite.
    """
    data, notes = encode_photo(path, photo)
    atomic.write(path, data, replace=replace)
    return notes


def encode_photo(path: Path, photo: Photo) -> tuple[bytes, tuple[str, ...]]:
    """The file that :func:`write_photo` writes, as bytes, and its lines."""
    kind = format_for_writing(path)
    height, width = photo.image.shape[1:]
    channels = photo.image.shape[0] + (photo.alpha is not None)
    check_fits(path, width, height, channels=channels, bits=photo.bits)
    if not is_finite(photo.image):
        raise ArithmeticError(f"the result for {path} holds NaN or infinite values and was not written")
    pixels, notes = pixels_for(kind, photo)
    data, left_out = encode(pixels, photo.metadata, kind)
    return data, notes + left_out


def check_writable_name(path: Path) -> None:
    """Raises InputError where the ending names no format that can be written."""
    format_for_writing(path)


def pixels_for(
    kind: Format, photo: Photo, dtype: str | None = None
) -> tuple[npt.NDArray[np.generic], tuple[str, ...]]:
    """The pixels (H, W) or (H, W, C) as this format has them, and what that costs.

    ``dtype`` is the data type of a TIFF's values, which holds all of them; None: the one that fits these.
    """
    image, notes = photo.image.detach().cpu(), []
    if photo.alpha is not None:
        alpha = photo.alpha.detach().cpu()
        image = torch.cat([image, alpha]) if kind.alpha else image * alpha + (1 - alpha)
        notes += [] if kind.alpha else [f"{kind.name} cannot hold transparency: it is laid on white"]
    deep = photo.bits == 16 and kind.deep
    if photo.values is not None:
        if kind is TIFF and photo.values.step > 0:
            values = photo.values if dtype is None else replace(photo.values, dtype=dtype)
            return values.values(image), ()
        image, meaning = photo.values.fit_to_bits(image, 16 if deep else 8)
        notes.append(f"{kind.name} holds whole numbers from 0: {meaning}")
    notes += [f"{kind.name} holds 8 of the 16 bits"] if photo.bits == 16 and not deep else []
    pixels = quantise(image, 16 if deep else 8)
    return (pixels if dtype is None else pixels.astype(np.dtype(dtype))), tuple(notes)
