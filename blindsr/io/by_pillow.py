"""Everything that Pillow reads whole: JPEG, WebP, BMP, GIF, AVIF, JPEG 2000, TIFF of 8 bits, and others."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from blindsr.io import colour
from blindsr.io.exif import Exif, parse
from blindsr.io.formats import PILLOW_FORMATS, check_claim
from blindsr.io.metadata import XMP_OF_PARTS, Density, Metadata
from blindsr.io.raster import Raster, Whole

TRANSPARENT_MODES = frozenset({"LA", "PA", "RGBA", "La", "RGBa"})
GRAY_MODES = frozenset({"1", "L", "LA", "La"})
ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496"
"""Of the segment that says so in a JPEG (ISO 21496-1)."""
DEEP_MODES = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})


def decode(data: bytes, frame: int = 0) -> Raster:
    """Decode the first picture of a file, or the given one. Raises what Pillow raises where it is damaged or
    none.
    """
    with _without_pillow_limit(), Image.open(BytesIO(data), formats=PILLOW_FORMATS) as picture:
        if frame:
            picture.seek(frame)
        check_claim(*picture.size, len(data))
        notes = [*_notes(picture, data)]
        picture.load()
        metadata = _metadata(picture)
        if picture.mode == "CMYK":
            pixels, metadata, note = colour.from_cmyk(np.asarray(picture), metadata)
            return Raster(pixels, 8, metadata, (*notes, note), turned=picture.format == "TIFF")
        if picture.mode == "F":
            raise ValueError("pixels are floats; wanted 8 or 16 bits")
        pixels = _plain(picture)
        bits = 8 if pixels.dtype == np.uint8 else 16
        return Raster(pixels, bits, metadata, tuple(notes), turned=picture.format == "TIFF")


def read_size(path: Path) -> tuple[int, int] | None:
    """Width and height, upright, by the head of a file; None where only decoding tells the turn."""
    with _without_pillow_limit(), Image.open(path, formats=PILLOW_FORMATS) as picture:
        width, height = picture.size
        check_claim(width, height, path.stat().st_size)
        turn = _metadata(picture).orientation
        if picture.format == "AVIF":
            return None
        return (height, width) if turn > 4 else (width, height)


def _plain(picture: Image.Image) -> Whole:
    """Pixels without palette, exotic colour space or bits, that hold everything of the picture."""
    if picture.mode in DEEP_MODES:
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("pixels have 32 bits; wanted 8 or 16")
        return values.astype(np.uint16)
    transparent = picture.mode in TRANSPARENT_MODES or "transparency" in picture.info
    mode = ("L" if picture.mode in GRAY_MODES else "RGB") + ("A" if transparent else "")
    if picture.mode == "1" and transparent:  # Pillow has no way from it to LA
        picture = picture.convert("L")
    return np.asarray(picture.convert(mode))


def _notes(picture: Image.Image, data: bytes) -> Iterator[str]:
    """Lines about what the file holds beyond one picture of 8 bits."""
    frames = 1 if picture.format == "TIFF" else getattr(picture, "n_frames", 1)
    if frames > 1:
        yield f"holds {frames} pictures or frames; the first is used"
    xmp = picture.info.get("xmp")
    if (isinstance(xmp, bytes) and XMP_OF_PARTS.search(xmp)) or ISO_GAIN_MAP in data[: 1 << 16]:
        yield "holds further parts (a gain map, a depth map or a film); they are left out"
    if picture.format == "AVIF":
        at = data.find(b"pixi", 0, 1 << 16)
        depth = data[at + 9] if 0 < at < len(data) - 9 else 8  # after version, flags and channel count
    elif picture.format == "JPEG2000" and picture.mode not in DEEP_MODES:
        at = data.find(b"\xff\x51", 0, 1 << 16)
        depth = (data[at + 40] & 127) + 1 if 0 <= at < len(data) - 40 else 8  # SIZ, ISO 15444-1 A.5.1
    else:
        return
    if 8 < depth <= 38:
        yield f"{depth} bits a channel are read as 8"


def _metadata(picture: Image.Image) -> Metadata:
    info = picture.info
    exif = _exif(picture)
    icc, xmp = info.get("icc_profile"), info.get("xmp")
    return Metadata(
        icc=icc if isinstance(icc, bytes) and 0 < len(icc) <= colour.MOST_PROFILE_BYTES else None,
        exif=exif,
        xmp=xmp if isinstance(xmp, bytes) else None,
        density=_density(info) or (exif.density if exif is not None else None),
    )


def _exif(picture: Image.Image) -> Exif | None:
    raw = picture.info.get("exif")
    return parse(raw) if isinstance(raw, bytes) else None


def _density(info: dict[str | tuple[int, int], object]) -> Density | None:
    if info.get("jfif_unit") == 0:  # a mere ratio of the sides
        return None
    dpi = info.get("dpi")
    try:
        x, y = (float(value) for value in dpi)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (x, y) if 0 < x < 1e6 and 0 < y < 1e6 else None


@contextmanager
def _without_pillow_limit() -> Iterator[None]:
    """Lift Pillow's limit on pixels for the block (a global of Pillow: not for threads).

    :func:`check_claim` stands in its place.
    """
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before
