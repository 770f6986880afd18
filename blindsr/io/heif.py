"""HEIC and other HEIF, by pillow-heif (the extra ``heif``)."""

from io import BytesIO
from typing import Any

import numpy as np

from blindsr.io.exif import parse
from blindsr.io.formats import check_claim
from blindsr.io.metadata import Metadata
from blindsr.io.raster import Raster, unpremultiplied
from srbase.errors import InputError


def decode(data: bytes) -> Raster:
    """The primary picture, upright, with 16 bits where it has 10 or 12.

    Raises InputError where pillow-heif is not installed, and what it raises where the file is damaged.
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise InputError("HEIC needs another package: pip install pillow-heif") from error
    file = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=False)
    picture: Any = file[file.primary_index]
    width, height = picture.size
    check_claim(width, height, len(data))
    pixels = np.asarray(picture)
    if picture.premultiplied_alpha:
        pixels = unpremultiplied(pixels)
    info = picture.info
    icc, xmp, exif = info.get("icc_profile"), info.get("xmp"), parse(info.get("exif") or b"")
    metadata = Metadata(
        icc=icc or None, xmp=xmp or None, exif=exif, density=None if exif is None else exif.density
    )
    notes: tuple[str, ...] = ()
    if len(file) > 1:
        notes = (f"holds {len(file)} pictures; the main one is used",)
    if info.get("aux") or info.get("depth_images"):
        notes += ("holds further parts (a gain map or a depth map); they are left out",)
    deep = pixels.dtype != np.uint8
    return Raster(pixels, 16 if deep else 8, metadata.upright(), notes, turned=True)
