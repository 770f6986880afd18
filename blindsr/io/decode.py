"""From the bytes of a file to a raster: which decoder, and every failure as one line."""

import logging
import os
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import tifffile
from PIL import Image, UnidentifiedImageError

from blindsr.io import by_pillow, colour, dicom, fits, heif, png, pnm, raw, tiff
from blindsr.io.formats import DICOM, FITS, HEIF, PNG, PNM, RAW, TIFF, kind_of, refuse_known
from blindsr.io.metadata import Metadata
from blindsr.io.raster import Raster, turned_upright
from srbase.errors import InputError

DAMAGED: Final = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    RuntimeError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    MemoryError,
    struct.error,
    tifffile.TiffFileError,
)
"""What the decoders raise on files that are damaged or no images."""


def decode(data: bytes, suffix: str, page: int | None = None) -> Raster:
    """The first picture of a file, or a page of it (from 1), upright, with a profile that fits its pixels.

    suffix: the name's ending, of use for camera RAW alone. Raises InputError, whose message goes after the
    file's name.
    """
    with convert_damage():
        raster = _decoded(data, suffix, page)
    return _finished(raster)


@contextmanager
def convert_damage() -> Iterator[None]:
    """What the decoders raise in the block becomes an InputError; its message goes after the file's name."""
    try:
        with quiet():
            yield
    except InputError:
        raise
    except DAMAGED as error:
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        reason = "not an image" if isinstance(error, UnidentifiedImageError) else detail
        raise InputError(not_decoded(reason)) from error


def not_decoded(reason: str) -> str:
    """What is said of a file, after its name, that is no whole image."""
    return f"cannot be decoded ({reason}); wanted a whole image ({KINDS})"


KINDS: Final = "PNG, JPEG, TIFF, WebP, BMP and those in docs/formats.md"


def _decoded(data: bytes, suffix: str, page: int | None) -> Raster:
    kind = kind_of(data, suffix)
    if kind is None:
        refuse_known(data)
    if page is not None and kind not in (TIFF, FITS, DICOM):
        raise InputError("has no pages; wanted a TIFF, FITS or DICOM, as a page is asked for")
    if kind is FITS:
        return fits.decode(data, page)
    if kind is DICOM:
        return dicom.decode(data, page)
    if kind is RAW:
        with _stderr_shut():
            return raw.decode(data)
    if kind is HEIF:
        return heif.decode(data)
    if kind is PNG:
        return png.decode(data)
    if kind is TIFF:
        with _stderr_shut():
            return _decoded_tiff(data, page)
    if kind is PNM and (deep := pnm.decode(data)) is not None:
        return deep
    return by_pillow.decode(data)


def _decoded_tiff(data: bytes, page: int | None) -> Raster:
    try:
        unusual = tiff.decode(data, page)
    except tiff.IsRawError:
        return raw.decode(data)
    if unusual is not None:
        return unusual
    plain = by_pillow.decode(data, frame=(page or 1) - 1)
    metadata = tiff.metadata_of(data, page)
    if plain.metadata.icc is None:  # spent on the way to sRGB
        metadata = replace(metadata, icc=None)
    return replace(plain, metadata=metadata, notes=tiff.page_notes(data, page) + plain.notes)


def _finished(raster: Raster) -> Raster:
    """Upright, and without a profile of other pixels."""
    pixels, metadata = raster.pixels, raster.metadata
    if not raster.turned:
        pixels = turned_upright(pixels, metadata.orientation)
    metadata = metadata.upright()
    turned = tuple(f"leaves out {words}" for words in metadata.lost)
    metadata = replace(metadata, lost=())
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    metadata, notes = colour.fitting(metadata, channels)
    return replace(
        raster, pixels=pixels, metadata=_within_reason(metadata), notes=raster.notes + turned + notes
    )


def _within_reason(metadata: Metadata) -> Metadata:
    """Without densities that no printer has."""
    density = metadata.density
    if density is not None and not all(0.01 < value < 1e5 for value in density):
        return replace(metadata, density=None)
    return metadata


@contextmanager
def _stderr_shut() -> Iterator[None]:
    """LibTIFF and LibRaw write their complaints there past Python; what matters of them is raised too."""
    try:
        sys.stderr.flush()
        kept, nothing = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError, AttributeError):  # there is none
        yield
        return
    os.dup2(nothing, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nothing)


STDERR: Final = 2


@contextmanager
def quiet() -> Iterator[None]:
    """What the libraries would say about small faults of a file stays unsaid: it was read all the same."""
    names = ["tifffile", "pydicom"]
    if "astropy" in logging.root.manager.loggerDict:  # it makes its own, and fails where another is there
        names.append("astropy")
    logs = [logging.getLogger(name) for name in names]
    before = [log.disabled for log in logs]
    for log in logs:
        log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, disabled in zip(logs, before, strict=True):
            log.disabled = disabled
