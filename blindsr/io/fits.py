"""FITS, by astropy (the extra ``science``): gray pictures of whole numbers and floats, and cubes of them.

The values are those of the file, BSCALE and BZERO applied. The first row of a FITS is the lowest of its
picture (FITS 4.0, section 3.3.2), so that the rows are turned over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import prod
from typing import Any, Final

import numpy as np

from blindsr.io.formats import check_claim
from blindsr.io.metadata import Density, Metadata
from blindsr.io.pages import chosen_page
from blindsr.io.raster import Raster
from blindsr.io.values import pixels_in_words, raster_of_values
from srbase.errors import InputError

UNITS: Final = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "micron": 1e-6, "nm": 1e-9}
"""Metres of those units in which a FITS may tell lengths."""
INCH: Final = 0.0254
MOST_UNITS: Final = 1000
"""Header and data units that are looked at."""


def decode(data: bytes, page: int | None = None) -> Raster:
    """The first picture of the file, or a plane of it (from 1).

    Raises InputError where astropy is not installed, for a cube without a page, and for what is no gray
    picture; what astropy raises where the file is damaged.
    """
    with open_fits(data) as (fits, file):
        unit, further = _picture(fits, file)
        shape = _shape(unit)
        index = chosen_page(page, prod(shape[:-2]))
        check_claim(shape[-1], shape[-2], len(data))
        plane = np.unravel_index(index, shape[:-2]) if shape[:-2] else ()
        stored = np.asarray(unit.section[(*(int(at) for at in plane), slice(None), slice(None))])
        header = unit.header
        stored = stored.astype(stored.dtype.newbyteorder("="))[::-1]
        if stored.shape != shape[-2:]:
            raise ValueError(f"holds {stored.shape}, where its header says {shape[-2:]}")
        _refuse_blank(stored, header)
        notes = ["its header is left out, with the world coordinates (WCS)"] if _placed(header) else []
        notes += [f"holds {further + 1} images; the first is used"] if further else []
        slope, intercept = float(header.get("BSCALE", 1)), float(header.get("BZERO", 0))
        stored, intercept = _as_unsigned(stored, slope, intercept)
        density = _density(header)
    return raster_of_values(stored, slope, intercept, Metadata(density=density), tuple(notes))


def count_pages(data: bytes) -> int:
    """How many planes the first picture of the file has. Raises as :func:`decode`."""
    with open_fits(data) as (fits, file):
        shape = _shape(_picture(fits, file)[0])
    if prod(shape) > len(data):
        raise InputError(f"claims {prod(shape)} pixels in {len(data)} bytes; wanted a whole file")
    return prod(shape[:-2])


@contextmanager
def open_fits(data: bytes) -> Iterator[tuple[Any, Any]]:
    """``astropy.io.fits`` and the file, as it is opened by it.

    Raises InputError where astropy is not installed; ValueError where the header is damaged.
    """
    try:
        from astropy.io import fits
    except ImportError as error:
        raise InputError("FITS needs another package: pip install astropy") from error
    asked = {"memmap": False, "do_not_scale_image_data": True, "disable_image_compression": True}
    try:
        with fits.open(BytesIO(data), **asked) as file:
            yield fits, file
    except fits.VerifyError as error:
        raise ValueError(str(error)) from error


def _picture(fits: Any, file: Any) -> tuple[Any, int]:
    """The first unit with a picture, and how many more there are."""
    pictures, compressed = [], False
    for index in range(MOST_UNITS):
        try:
            unit = file[index]
        except IndexError:
            break
        header = unit.header
        compressed = compressed or bool(header.get("ZIMAGE", False))
        whole = isinstance(unit, fits.PrimaryHDU | fits.ImageHDU) and not header.get("GROUPS", False)
        if whole and header["NAXIS"] >= 2 and min(unit.shape) > 0:
            pictures.append(unit)
    if pictures:
        return pictures[0], len(pictures) - 1
    if compressed:
        raise InputError("is a compressed FITS, which is not read; wanted it unpacked: funpack in.fits.fz")
    raise InputError("is a FITS without a picture; wanted an image of two axes or more")


def _shape(unit: Any) -> tuple[int, ...]:
    """(planes ..., H, W)."""
    return tuple(int(side) for side in unit.shape)


def _as_unsigned(
    stored: np.ndarray[Any, Any], slope: float, intercept: float
) -> tuple[np.ndarray[Any, Any], float]:
    """Numbers with the offset by which FITS stores unsigned ones (half their range, which floats do not hold
    exactly) as unsigned ones, and the offset that is left."""
    half = 1 << (8 * stored.dtype.itemsize - 1)
    if stored.dtype.kind != "i" or slope != 1 or intercept != half:
        return stored, intercept
    unsigned = np.dtype(f"u{stored.dtype.itemsize}")
    return stored.view(unsigned) ^ np.array(half, unsigned), 0.0


def _refuse_blank(stored: np.ndarray[Any, Any], header: Any) -> None:
    if stored.dtype.kind == "f":
        count = int((~np.isfinite(stored)).sum())
        how = "astropy.convolution.interpolate_replace_nans does it"
    elif "BLANK" in header:
        count, how = int((stored == int(header["BLANK"])).sum()), "with a value of their neighbours"
    else:
        return
    if count:
        raise InputError(f"holds {pixels_in_words(count)} without a value; wanted them filled ({how})")


def _placed(header: Any) -> bool:
    """Whether the header tells where the picture lies in a space that no picture file knows."""
    return any(key in header for key in ("CTYPE1", "CD1_1", "CDELT1")) and _density(header) is None


def _density(header: Any) -> Density | None:
    """Pixels an inch, where the pixels have a size in a unit of length."""
    found = []
    for axis in "12":
        metres = UNITS.get(str(header.get(f"CUNIT{axis}", "")).strip())
        size = header.get(f"CDELT{axis}")
        if metres is None or not isinstance(size, int | float) or not size:
            return None
        found.append(INCH / (abs(size) * metres))
    return (found[0], found[1])
