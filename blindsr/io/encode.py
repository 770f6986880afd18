"""From pixels to the bytes of a file, and a line for each thing that the format cannot hold."""

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image

from blindsr.io import colour, descriptions, georeference, png, tiff
from blindsr.io.exif import DESCRIPTION
from blindsr.io.formats import BMP, JPEG, PNG, TIFF, WEBP, Format
from blindsr.io.metadata import Metadata
from blindsr.io.raster import Whole

QUALITY = 95  # of JPEG and WebP
MAKER_NOTE = 0x927C

JPEG_SEGMENT = 65533 - 6
"""Bytes of EXIF that fit into JPEG's one segment, after its own mark."""
JPEG_XMP = 65533 - 29
JPEG_PROFILE = 255 * (65533 - 14)


def encode(pixels: Whole, metadata: Metadata, kind: Format) -> tuple[bytes, tuple[str, ...]]:
    """The file, and lines that say what was left out.

    pixels: (H, W) or (H, W, C) of uint8 or, in a format that is deep, uint16; C from 1 to 4, the last of 2 or
    4 straight alpha, which the format must have. The metadata describe these pixels.
    """
    metadata, notes = _true(pixels, metadata)
    pixels, metadata, converted = _colours_that_fit(pixels, metadata, kind)
    notes += converted
    metadata, left_out = _held(metadata, kind)
    notes += left_out
    if kind is PNG:
        return png.encode(pixels, metadata), tuple(notes)
    if kind is TIFF:
        return tiff.encode(pixels, metadata), tuple(notes)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format=kind.pillow, **_options(kind, metadata))
    return buffer.getvalue(), tuple(notes)


def _true(pixels: Whole, metadata: Metadata) -> tuple[Metadata, list[str]]:
    """The metadata of these pixels, and a line about what was true of others alone."""
    height, width = pixels.shape[:2]
    lost = list(metadata.lost)
    told = metadata.exif and metadata.exif.description
    metadata = metadata.with_image_size(width, height, 1 if pixels.ndim == 2 else pixels.shape[2])
    if told and (metadata.exif is None or metadata.exif.description is None):
        lost.append(f"{descriptions.kind_of(told)}'s description")
    return metadata, [f"not true of the new pixels, left out: {', '.join(lost)}"] if lost else []


def _colours_that_fit(pixels: Whole, metadata: Metadata, kind: Format) -> tuple[Whole, Metadata, list[str]]:
    """8-bit colours brought to sRGB where the format cannot hold them with their profile."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    gray = channels < 3
    if metadata.icc is None or (kind.profile and (kind.gray or not gray)):
        return pixels, metadata, []
    planes = np.atleast_3d(pixels)
    count = 1 if gray else 3
    base = np.ascontiguousarray(planes[..., 0] if gray else planes[..., :3])
    found = colour.converted(Image.fromarray(base), metadata.icc)
    metadata = colour.without_profile(metadata)
    why = "no profile" if not kind.profile else "no gray with a profile"
    if found is None:
        return pixels, metadata, [f"{kind.name} holds {why}: it is left out"]
    rgb = np.asarray(found)
    if gray and kind.gray and (rgb == rgb[..., :1]).all():
        rgb = rgb[..., :1]
    result = np.concatenate([rgb, planes[..., count:]], axis=2)
    return (
        result[..., 0] if result.shape[2] == 1 else result,
        metadata,
        [f"{kind.name} holds {why}: the colours are converted to sRGB"],
    )


def _held(metadata: Metadata, kind: Format) -> tuple[Metadata, list[str]]:
    """The part of the metadata that the format holds, and a line about the rest."""
    lost: list[str] = []
    if not kind.exif and metadata.exif:
        metadata, lost = replace(metadata, exif=None), [*lost, "EXIF"]
    if not kind.xmp and metadata.xmp is not None:
        metadata, lost = replace(metadata, xmp=None), [*lost, "XMP"]
    if kind is not TIFF and metadata.exif:
        metadata, of_tiff = _without_tiffs_own(metadata)
        lost += of_tiff
    if kind is not PNG:
        if metadata.colour:
            lost.append("PNG's gamma and colour space (" + ", ".join(_names(metadata.colour)) + ")")
        if metadata.text:
            lost.append("PNG's text")
        metadata = replace(metadata, colour=(), text=())
    if kind is JPEG:
        metadata, too_large = _within_segments(metadata)
        lost += too_large
    if not kind.density and metadata.density is not None:
        lost += [] if metadata.exif and metadata.exif.density else ["the print size"]
        metadata = replace(metadata, density=None)
    return metadata, [f"{kind.name} cannot hold {', '.join(lost)}: left out"] if lost else []


def _without_tiffs_own(metadata: Metadata) -> tuple[Metadata, list[str]]:
    """What other programs look for in TIFF alone: the place on a map, a microscope's calibration."""
    assert metadata.exif is not None
    exif, lost = metadata.exif, []
    if georeference.TAGS & set(exif.main):
        exif, lost = replace(exif, main=georeference.without(exif.main)), ["the place on the map (GeoTIFF)"]
    if exif.description is not None and (whose := descriptions.kind_of(exif.description)):
        main = {tag: entry for tag, entry in exif.main.items() if tag != DESCRIPTION}
        exif, lost = replace(exif, main=main), [*lost, f"{whose}'s description"]
    return replace(metadata, exif=exif or None), lost


def _within_segments(metadata: Metadata) -> tuple[Metadata, list[str]]:
    lost: list[str] = []
    if metadata.exif and len(metadata.exif.to_bytes()) > JPEG_SEGMENT:
        camera = {tag: entry for tag, entry in metadata.exif.camera.items() if tag != MAKER_NOTE}
        smaller = replace(metadata.exif, camera=camera)
        fits = len(smaller.to_bytes()) <= JPEG_SEGMENT
        metadata = replace(metadata, exif=smaller if fits else None)
        lost.append("the maker's note" if fits else "so much EXIF")
    if metadata.xmp is not None and len(metadata.xmp) > JPEG_XMP:
        metadata, lost = replace(metadata, xmp=None), [*lost, "so much XMP"]
    if metadata.icc is not None and len(metadata.icc) > JPEG_PROFILE:
        metadata, lost = replace(metadata, icc=None), [*lost, "so large a profile"]
    return metadata, lost


def _names(chunks: tuple[tuple[bytes, bytes], ...]) -> list[str]:
    return sorted({kind.decode("ascii") for kind, _ in chunks})


SETTINGS: Final[dict[str, dict[str, Any]]] = {
    JPEG.name: {"quality": QUALITY, "subsampling": 0},
    WEBP.name: {"quality": QUALITY, "exact": True},
    BMP.name: {},
}
"""JPEG keeps colours at full resolution; WebP those under full transparency, which are the edge's."""


def _options(kind: Format, metadata: Metadata) -> dict[str, Any]:
    options = dict(SETTINGS[kind.name])
    if metadata.icc is not None:
        options["icc_profile"] = metadata.icc
    if metadata.exif:
        options["exif"] = b"Exif\0\0" + metadata.exif.to_bytes()
    if metadata.xmp is not None:
        options["xmp"] = metadata.xmp
    if metadata.density is not None:
        options["dpi"] = tuple(min(value, 65535) for value in metadata.density)
    return options
