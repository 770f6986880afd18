"""TIFF: which reader suits a file, the deep and the unusual by tifffile, and writing.

Pillow reads what has 8 bits or fewer and ordinary channels. What it would cut to 8 bits, or whose further
channels it does not know, is read here by what the file declares (TIFF 6.0: ExtraSamples on page 31, CIE Lab
in section 23).
"""

import struct
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO, Final

import numpy as np
import tifffile

from blindsr.io import colour, descriptions
from blindsr.io.exif import (
    DESCRIPTION,
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
OF_ALL_PAGES: Final = frozenset({DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT})
"""Tags of the first page that tell the calibration of all pages, where a microscope's program wrote them."""
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
        return _raster(planes, page, kind, metadata_of(data, number), notes)


def page_notes(data: bytes, number: int | None = None) -> tuple[str, ...]:
    """A line where there are further pages; smaller versions of a page are none."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        return _page_notes(file, number)


def _page(file: tifffile.TiffFile, number: int | None) -> Any:
    """Raises InputError where the file is a stack and no page is named, and where the page is not there."""
    first: Any = file.pages.first
    if number is None:
        count = _count_described_pages(first)
        if count > 1 and (_is_of_one_file(first) or _has_second(file)):
            raise refuse_stack(count)
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

    Raises InputError where they have several sizes or no directory each, where their directories form a loop,
    and where the file ends before its last page.
    """
    numbers: list[int] = []
    places: set[int] = set()
    size: tuple[int, int] | None = None
    with tifffile.TiffFile(BytesIO(data)) as file:
        for index in range(MOST_PAGES + 1):
            try:
                page: Any = file.pages[index]
            except IndexError:
                break
            except (ValueError, tifffile.TiffFileError) as error:
                raise InputError(
                    f"has a damaged page {index + 1}, or is cut off there; wanted a whole file, or --pages N"
                ) from error
            if page.offset in places:
                raise InputError("has page directories that form a loop; wanted a whole file")
            if index == MOST_PAGES:
                raise InputError(f"has more than {MOST_PAGES} pages; wanted fewer, or --pages N")
            places.add(page.offset)
            if getattr(page, "subfiletype", 0) & REDUCED:
                continue
            size = size or (page.imagewidth, page.imagelength)
            if (page.imagewidth, page.imagelength) != size:
                raise InputError(
                    f"has a page {index + 1} of {page.imagewidth}x{page.imagelength} where the first is"
                    f" {size[0]}x{size[1]}; wanted pages of one size, or --pages N"
                )
            numbers.append(index + 1)
        if _points_further(file):
            raise InputError(f"is cut off after page {len(places)}; wanted a whole file, or --pages N")
        first: Any = file.pages.first
        count = _count_described_pages(first)
        if len(numbers) < 2 <= count and _is_of_one_file(first):
            raise InputError(
                f"holds {count} pages in one directory, or is cut off; wanted one for each (save as OME)"
            )
    return tuple(numbers)


def pages_with_further_channels(data: bytes) -> frozenset[int]:
    """The numbers, from 1, of the pages that have channels besides their colours, so may be transparent.

    It is called where :func:`page_numbers` found no fault.
    """
    numbers = set()
    with tifffile.TiffFile(BytesIO(data)) as file:
        for number, page in enumerate(file.pages, 1):
            assert isinstance(page, tifffile.TiffPage)
            kind = getattr(page.photometric, "name", "unknown")
            if page.samplesperpixel > COLOURS.get(kind, 1 if kind == "PALETTE" else 3):
                numbers.add(number)
    return frozenset(numbers)


def _points_further(file: tifffile.TiffFile) -> bool:
    """Whether the last directory that can be read names a further one, or lacks its end."""
    at, length = file.pages.next_page_offset, file.tiff.offsetsize
    if at is None:
        return False
    file.filehandle.seek(at)
    pointer = file.filehandle.read(length)
    return len(pointer) < length or any(pointer)


def _description(page: Any) -> bytes:
    entry = page.tags.get("ImageDescription")
    return entry.value.encode() if entry is not None and isinstance(entry.value, str) else b""


def _count_described_pages(first: Any) -> int:
    """How many pages the first one's description tells; 1 where it tells nothing."""
    size = (first.imagelength, first.imagewidth, max(1, first.samplesperpixel))
    return descriptions.pages(_description(first), *size)


def _is_of_one_file(first: Any) -> bool:
    """Whether the pages that the description counts all lie in this file; those of OME may lie in others."""
    return descriptions.kind_of(_description(first)) in ("ImageJ", "tifffile")


def metadata_of(data: bytes, number: int | None = None) -> Metadata:
    """What belongs to a page (from 1; None: the first)."""
    exif = parse(data) if number is None or number == 1 else _exif_of_page(data, number)
    if exif is None:
        return Metadata()
    icc, xmp = exif.main.get(ICC), exif.main.get(XMP)
    return Metadata(
        icc=icc.data if icc is not None else None,
        xmp=xmp.data if xmp is not None else None,
        exif=exif,
        density=exif.density,
    )


def _exif_of_page(data: bytes, number: int) -> Exif | None:
    """The page's own fields. What the first page's description says of all pages belongs to each of them."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        exif = parse(data, _page(file, number).offset)
    first = parse(data)
    if exif is None or first is None or DESCRIPTION in exif.main:
        return exif
    if first.description is None or descriptions.kind_of(first.description) is None:
        return exif
    shared = {tag: entry for tag, entry in first.main.items() if tag in OF_ALL_PAGES}
    return replace(exif, main={**shared, **exif.main})


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
