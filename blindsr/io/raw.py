"""Camera RAW, developed by LibRaw through imageio's rawpy plugin (the extra ``raw``)."""

from dataclasses import replace
from typing import Any

import imageio.v3 as iio
import numpy as np

from blindsr.io.exif import Exif, parse
from blindsr.io.formats import check_claim
from blindsr.io.metadata import Metadata
from blindsr.io.raster import Raster
from srbase.errors import InputError

SRGB_CURVE = (2.4, 12.92)  # power, and slope at black; LibRaw's own is television's

KEPT = frozenset({0x010E, 0x010F, 0x0110, 0x0132, 0x013B, 0x8298, 0x8769, 0x8825})
"""Of IFD 0: description, make, model, time, artist, copyright, and the Exif and GPS directories."""


def decode(data: bytes) -> Raster:
    """SRGB of 16 bits, upright, with the camera's white balance and the exposure as taken.

    Raises InputError where rawpy is not installed, and what it raises where the file is damaged.
    """
    try:
        import rawpy
    except ImportError as error:
        raise InputError("camera RAW needs another package: pip install rawpy") from error
    try:
        with iio.imopen(data, "r", plugin="rawpy") as file:
            width, height = file.properties().shape[1::-1]
            check_claim(width, height, len(data))
            develop: Any = file.read
            pixels = develop(
                use_camera_wb=True,
                no_auto_bright=True,
                output_bps=16,
                output_color=rawpy.ColorSpace.sRGB,
                gamma=SRGB_CURVE,
            )
    except (rawpy.LibRawError, OSError) as error:
        raise ValueError(f"LibRaw cannot develop it: {error}") from error
    exif = parse(data)
    if exif is not None:
        exif = _kept(exif) or None
    return Raster(np.asarray(pixels), 16, Metadata(exif=exif), ("is developed from camera RAW",), turned=True)


def _kept(exif: Exif) -> Exif:
    return replace(exif, main={tag: entry for tag, entry in exif.main.items() if tag in KEPT})
