"""TIFF: which reader suits a file, the deep and the unusual by tifffile, and writing.

Pillow reads what has 8 bits or fewer and ordinary channels. What it would cut to 8 bits, or whose further
channels it does not know, is read here by what the file declares (TIFF 6.0: ExtraSamples on page 31, CIE Lab
in section 23).
"""

import struct
from io import BytesIO
from typing import Any, BinaryIO, Final

import numpy as np
import tifffile

from blindsr.io import colour, descriptions
from blindsr.io.exif import (
    EXIF_IFD,
    GPS_IFD,
    ICC,
    RESOLUTION_UNIT,
    STRUCTURE,
    X_RESOLUTION,
    XMP,
    Y_RESOLUTION,
    Exif,
    parse,
)
from blindsr.io.formats import check_claim
from blindsr.io.ifd import LONG, Entry, directory_bytes, read_directory, size_of
from blindsr.io.metadata import Metadata
from blindsr.io.pages import refuse_page, refuse_stack
from blindsr.io.raster import Raster, Whole, unpremultiplied
from srbase.errors import InputError

ASSOCIATED, STRAIGHT = 1, 2
"""Kinds of an extra channel: colours are multiplied by it, or not. 0 is neither colour nor transparency."""

COLOURS: Final = {"MINISBLACK": 1, "MINISWHITE": 1, "RGB": 3, "SEPARATED": 4, "CIELAB": 3, "ICCLAB": 3}
RAW_PHOTOMETRICS: Final = frozenset({"CFA", "LINEAR_RAW"})
DNG_VERSION = 0xC612

PAGES_COUNTED = 64
MOST_PAGES: Final = 1 << 16
LARGEST_CLASSIC: Final = 2**32 - 2**25
"""Bytes of pixels beyond which a file is written as BigTIFF."""
REDUCED = 1  # bit of NewSubfileType: a smaller version of another page

CLASSIC = 42
WRITTEN: Final = STRUCTURE | {EXIF_IFD, GPS_IFD, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT}
"""Tags of IFD 0 that a page gets from its pixels, or that point to what a stack has not."""
NOWHERE: Final = Entry(LONG, 1, b"\0\0\0\0")


class IsRawError(Exception):
    """The TIFF is a camera's RAW."""


def decode(data: bytes, number: int | None = None) -> Raster | None:
    """Pixels of a page (from 1; None: the first) as declared; None where Pillow reads everything of it.

    Raises InputError for a stack without a number, IsRawError, and ValueError where the kind of pixels is
    none that a photograph has, or where the compression needs a codec that is not installed (the message
    names the package).
    """
    with tifffile.TiffFile(BytesIO(data)) as file:
        page = _page(file, number)
        check_claim(page.imagewidth, page.imagelength, len(data))
        kind = getattr(page.photometric, "name", "unknown")
        if kind in RAW_PHOTOMETRICS or DNG_VERSION in page.tags:
            raise IsRawError
        signed = page.dtype is not None and page.dtype.kind == "i"
        plain = page.dtype is not None and page.dtype.itemsize == 1 and page.bitspersample <= 8 and not signed
        further = page.samplesperpixel - COLOURS.get(kind, page.samplesperpixel)
        if plain and kind not in {"CIELAB", "ICCLAB"} and further <= 0:
            return None
        if page.dtype not in (np.uint8, np.uint16) or kind not in COLOURS:
            raise ValueError(
                f"TIFF of {page.dtype} pixels, {kind.lower()}; wanted gray, RGB, CMYK or Lab of"
                " unsigned 8 or 16 bits"
            )
        try:
            planes = _planes(page)
        except ValueError:
            if plain and kind not in {"CIELAB", "ICCLAB"}:
                return None  # a codec is missing, and Pillow has one
            raise
        notes = list(_page_notes(file, number))
        return _raster(planes, page, kind, metadata_of(data), notes)


def page_notes(data: bytes, number: int | None = None) -> tuple[str, ...]:
    """A line where there are further pages; smaller versions of a page are none."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        return _page_notes(file, number)


def _page(file: tifffile.TiffFile, number: int | None) -> Any:
    """Raises InputError where the file is a stack and no page is named, and where the page is not there."""
    first: Any = file.pages.first
    if number is None:
        told = _told(first)
        if told > 1 and (file.is_imagej or _has_second(file)):
            raise refuse_stack(told)
        return first
    try:
        if number < 1:
            raise IndexError
        return file.pages[number - 1]
    except (IndexError, tifffile.TiffFileError) as error:
        raise refuse_page(number) from error


def _has_second(file: tifffile.TiffFile) -> bool:
    try:
        return file.pages[1] is not None
    except (IndexError, ValueError, tifffile.TiffFileError):
        return False


def _page_notes(file: tifffile.TiffFile, number: int | None) -> tuple[str, ...]:
    if number is not None:
        return ()
    count = 0
    for index in range(PAGES_COUNTED):
        try:
            page: Any = file.pages[index]
        except (IndexError, ValueError, tifffile.TiffFileError):
            break
        count += not getattr(page, "subfiletype", 0) & REDUCED
    if count <= 1:
        return ()
    more = " or more" * (count == PAGES_COUNTED)
    return (f"holds {count}{more} pages; the first is used (--pages takes others)",)


def page_numbers(data: bytes) -> tuple[int, ...]:
    """The numbers of the pages, from 1, without smaller versions of pages.

    Raises InputError where they have several sizes, lie in the file without a directory each, or lead in a
    circle.
    """
    numbers: list[int] = []
    places: set[int] = set()
    with tifffile.TiffFile(BytesIO(data)) as file:
        first: Any = file.pages.first
        size = (first.imagewidth, first.imagelength)
        for index in range(MOST_PAGES):
            try:
                page: Any = file.pages[index]
            except (IndexError, ValueError, tifffile.TiffFileError):
                break
            if page.offset in places:
                raise InputError("has pages that lead in a circle; wanted a whole file")
            places.add(page.offset)
            if getattr(page, "subfiletype", 0) & REDUCED:
                continue
            if (page.imagewidth, page.imagelength) != size:
                raise InputError(
                    f"has a page {index + 1} of {page.imagewidth}x{page.imagelength} where the first is"
                    f" {size[0]}x{size[1]}; wanted pages of one size, or --pages N"
                )
            numbers.append(index + 1)
        told = _told(first)
        if len(numbers) < 2 <= told and file.is_imagej:
            raise InputError(f"holds {told} pages in one directory; wanted one for each (save as OME)")
    return tuple(numbers)


def _told(first: Any) -> int:
    """How many pages the first one's description tells; 1 where it tells nothing."""
    entry = first.tags.get("ImageDescription")
    text = entry.value if entry is not None else ""
    size = (first.imagelength, first.imagewidth, max(1, first.samplesperpixel))
    return descriptions.pages(text.encode(), *size) if isinstance(text, str) else 1


def metadata_of(data: bytes) -> Metadata:
    """What belongs to the first page."""
    exif = parse(data)
    if exif is None:
        return Metadata()
    icc, xmp = exif.main.get(ICC), exif.main.get(XMP)
    return Metadata(
        icc=icc.data if icc is not None else None,
        xmp=xmp.data if xmp is not None else None,
        exif=exif,
        density=exif.density,
    )


def encode(pixels: Whole, metadata: Metadata) -> bytes:
    """(H, W) or (H, W, C) of uint8 or uint16, C from 1 to 4 (the last of 2 or 4 is straight alpha), as TIFF;
    (H, W) also of int8, int16 and float32.

    Not compressed; BigTIFF from 4 GiB on, which then goes without EXIF.
    """
    buffer = BytesIO()
    extra = [(XMP, 1, len(metadata.xmp), metadata.xmp, True)] if metadata.xmp else []
    order = metadata.exif.order if metadata.exif else "<"
    tifffile.imwrite(buffer, pixels, byteorder=order, extratags=extra, **_layout(pixels, metadata))
    whole = buffer.getvalue()
    return _with_exif(whole, metadata.exif) if metadata.exif else whole


def _layout(pixels: Whole, metadata: Metadata) -> dict[str, Any]:
    """How tifffile is to write a page."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    return {
        "photometric": "minisblack" if channels < 3 else "rgb",
        "planarconfig": "contig" if channels > 1 else None,
        "extrasamples": ["unassalpha"] if channels in (2, 4) else None,
        "iccprofile": metadata.icc,
        "resolution": metadata.density or (metadata.exif and metadata.exif.unitless_density) or (1, 1),
        "resolutionunit": 2 if metadata.density else 1,
        "metadata": None,
        "software": False,
    }


class PageWriter:
    """Pages of one kind, written one after the other; from :func:`page_writer`."""

    def __init__(self, file: BinaryIO, metadata: Metadata, *, big: bool) -> None:
        order = metadata.exif.order if metadata.exif else "<"
        named = tifffile.FileHandle(file, name="pages.tif")  # files without a name have a number for one
        self.writer = tifffile.TiffWriter(named, byteorder=order, bigtiff=big)
        self.metadata = metadata
        self.fields: list[tuple[int, int, int, bytes, bool]] = []
        if metadata.exif:
            kept = metadata.exif.main.items()
            self.fields = [(tag, e.kind, e.count, e.data, True) for tag, e in kept if tag not in WRITTEN]
        if metadata.xmp:
            self.fields.append((XMP, 1, len(metadata.xmp), metadata.xmp, True))

    def append(self, pixels: Whole) -> None:
        """Write a page as :func:`encode` writes a file. The first one gets the fields of EXIF and XMP."""
        self.writer.write(pixels, extratags=self.fields, **_layout(pixels, self.metadata))
        self.fields = []

    def close(self) -> None:
        """Finish the file, which stays open."""
        self.writer.close()


def page_writer(file: BinaryIO, metadata: Metadata, size: int) -> tuple[PageWriter, tuple[str, ...]]:
    """A writer of pages, and a line about what they cannot hold.

    Args:
        file: it can be written and searched.
        metadata: of the first page.
        size: bytes of all pages.
    """
    exif = metadata.exif
    writer = PageWriter(file, metadata, big=size > LARGEST_CLASSIC)
    lost = exif is not None and (exif.camera or exif.gps)
    return writer, ("a stack holds no camera's EXIF: left out",) if lost else ()


def _with_exif(whole: bytes, exif: Exif) -> bytes:
    """The file with its directory laid anew at the end, EXIF's fields among its own."""
    version, first = struct.unpack_from(exif.order + "HI", whole, 2)
    if version != CLASSIC:
        return whole
    own = {tag: entry for tag, entry in exif.main.items() if tag not in STRUCTURE | {EXIF_IFD, GPS_IFD}}
    fields = own | read_directory(whole, first, exif.order, big=False)
    end = (len(whole) + 1) // 2 * 2
    pointers = dict.fromkeys(exif.below, NOWHERE)
    pointers, below = exif.below_at(end + size_of(fields | pointers))
    content = directory_bytes(fields | pointers, end, exif.order) + below
    return whole[:4] + struct.pack(exif.order + "I", end) + whole[8:].ljust(end - 8, b"\0") + content


def _planes(page: Any) -> Whole:
    """(H, W, C) of the page's channels."""
    pixels = np.asarray(page.asarray())
    if pixels.ndim == 2:
        return pixels[..., None]
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
        pixels = np.moveaxis(pixels, 0, 2)
    if pixels.ndim != 3:
        raise ValueError(f"TIFF of shape {pixels.shape}; wanted one picture")
    return pixels


def _raster(planes: Whole, page: Any, kind: str, metadata: Metadata, notes: list[str]) -> Raster:
    count = COLOURS[kind]
    base, further = planes[..., :count], planes[..., count:]
    declared = [int(sample) for sample in page.extrasamples]
    if not declared and further.shape[2]:
        declared = [STRAIGHT]  # undeclared: as other programs take it
    alpha_at = next((i for i, sample in enumerate(declared) if sample in (ASSOCIATED, STRAIGHT)), None)
    unused = further.shape[2] - (alpha_at is not None)
    if unused:
        notes.append(f"{unused} channel(s) that are neither colour nor transparency are left out")
    peak = np.iinfo(planes.dtype).max
    bits = 8 * planes.dtype.itemsize
    if page.bitspersample not in (8, 16):  # 10 or 12 bits lie unscaled in 16
        scale = peak / ((1 << page.bitspersample) - 1)
        base, further = ((part * scale + 0.5).astype(planes.dtype) for part in (base, further))
    if kind == "MINISWHITE":
        base = peak - base
    if alpha_at is not None:
        alpha = further[..., alpha_at : alpha_at + 1]
        base = np.concatenate([base, alpha], axis=2)
        if declared[alpha_at] == ASSOCIATED:
            base = unpremultiplied(base)
    if kind in {"CIELAB", "ICCLAB"}:
        base = _from_lab(base, signed=kind == "CIELAB")
        metadata = colour.without_profile(metadata)
        notes.append("CIE Lab is converted to sRGB")
    elif kind == "SEPARATED":
        base, metadata, note = colour.from_cmyk(base, metadata)
        notes.append(note)
    return Raster(base, bits, metadata, tuple(notes))


def _from_lab(planes: Whole, *, signed: bool) -> Whole:
    """L* spans the whole range; a* and b* are signed around 0 (CIELAB) or shifted by half (ICC)."""
    peak = np.iinfo(planes.dtype).max
    unit = 1 if planes.dtype == np.uint8 else 256
    a_b = planes[..., 1:3]
    values = a_b.view(a_b.dtype.str.replace("u", "i")) if signed else a_b.astype(np.float64) - 128 * unit
    lab = np.concatenate([planes[..., :1] * (100 / peak), values / unit], axis=2)
    rgb = np.floor(colour.lab_to_srgb(lab) * peak + 0.5).astype(planes.dtype)
    return np.concatenate([rgb, planes[..., 3:]], axis=2)
