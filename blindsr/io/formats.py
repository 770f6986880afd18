"""The table of file formats: what each can hold, how it is known, and how large it may be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from srbase.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Format:
    """What a file format holds. All but ``name``, ``endings`` and ``pillow`` matter for writing alone."""

    name: str
    endings: tuple[str, ...]
    pillow: str = ""  # Pillow's name of it; empty where another library reads it
    extra: str = ""  # the optional dependency that reads it; empty for none
    writable: bool = False
    deep: bool = False  # 16 bits a channel
    gray: bool = True  # one channel alone
    alpha: bool = True
    profile: bool = True  # a colour profile (ICC)
    exif: bool = True
    xmp: bool = True
    density: bool = True  # pixels an inch
    longest: int = 2**31 - 1  # pixels a side
    bytes_at_most: int = 2**63  # of pixels, not compressed


PNG: Final = Format(name="PNG", endings=(".png",), pillow="PNG", writable=True, deep=True)
JPEG: Final = Format(
    name="JPEG",
    endings=(".jpg", ".jpeg", ".jpe", ".jfif"),
    pillow="JPEG",
    writable=True,
    alpha=False,
    longest=65500,  # libjpeg's JPEG_MAX_DIMENSION; the standard's own limit is 65535
)
TIFF: Final = Format(name="TIFF", endings=(".tif", ".tiff"), pillow="TIFF", writable=True, deep=True)
WEBP: Final = Format(
    name="WebP",
    endings=(".webp",),
    pillow="WEBP",
    writable=True,
    gray=False,
    density=False,
    longest=16383,  # 14 bits (WebP container specification)
)
BMP: Final = Format(
    name="BMP",
    endings=(".bmp", ".dib"),
    pillow="BMP",
    writable=True,
    alpha=False,
    profile=False,
    exif=False,
    xmp=False,
    bytes_at_most=2**32 - 2**12,  # the header's size field has 32 bits
)
MPO: Final = Format(name="MPO", endings=(".mpo",), pillow="MPO")
AVIF: Final = Format(name="AVIF", endings=(".avif",), pillow="AVIF")
GIF: Final = Format(name="GIF", endings=(".gif",), pillow="GIF")
JPEG_2000: Final = Format(
    name="JPEG 2000", endings=(".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"), pillow="JPEG2000"
)
PNM: Final = Format(name="PNM", endings=(".ppm", ".pgm", ".pbm", ".pnm"), pillow="PPM")
TGA: Final = Format(name="TGA", endings=(".tga",), pillow="TGA")
PCX: Final = Format(name="PCX", endings=(".pcx",), pillow="PCX")
PSD: Final = Format(name="PSD", endings=(".psd",), pillow="PSD")
FITS: Final = Format(name="FITS", endings=(".fits", ".fit", ".fts"), extra="science")
DICOM: Final = Format(name="DICOM", endings=(".dcm", ".dicom"), extra="science")
HEIF: Final = Format(name="HEIC", endings=(".heic", ".heif", ".hif"), extra="heif")
RAW: Final = Format(
    name="camera RAW",
    endings=(
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".raf", ".rw2", ".orf"),
        *(".pef", ".srw", ".rwl", ".3fr", ".erf", ".kdc", ".mrw", ".x3f", ".iiq", ".gpr"),
    ),
    extra="raw",
)

FORMATS: Final = (
    *(PNG, JPEG, TIFF, WEBP, BMP, MPO, AVIF, GIF, JPEG_2000, PNM, TGA, PCX, PSD, HEIF, RAW, FITS, DICOM),
)
PILLOW_FORMATS: Final = (*(kind.pillow for kind in FORMATS if kind.pillow and kind is not MPO), "DIB")
"""Those that Pillow may try. The rest of what it knows stays shut: EPS, for one, runs Ghostscript."""

READABLE: Final = frozenset(ending for kind in FORMATS for ending in kind.endings)
WRITABLE: Final = frozenset(ending for kind in FORMATS if kind.writable for ending in kind.endings)

TIFF_SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Classic and Big, in either byte order."""

HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})

MOST_PIXELS: Final = 2**28
"""268 megapixels: more than any camera has; the result of x2 takes 13 GB as it is computed."""

MOST_PIXELS_A_BYTE: Final = 1000
"""Of a file. A page of text as fax stays under it; a few kilobytes that claim more are empty, or a trap."""
UNSUSPECTED_PIXELS: Final = 2**23
"""So many may come out of any file."""


def check_claim(width: int, height: int, file_bytes: int) -> None:
    """Raises InputError where decoding would take memory out of all proportion; called on the header."""
    pixels = width * height
    if pixels > MOST_PIXELS:
        raise InputError(f"image is {width}x{height}; wanted at most {MOST_PIXELS // 10**6} megapixels")
    if pixels > max(UNSUSPECTED_PIXELS, file_bytes * MOST_PIXELS_A_BYTE):
        raise InputError(
            f"image claims {width}x{height} pixels in {file_bytes} bytes; wanted a file that holds them"
        )


def format_for_writing(path: Path) -> Format:
    """By the ending. Raises InputError where it names no format that can be written."""
    suffix = path.suffix.lower()
    for kind in FORMATS:
        if kind.writable and suffix in kind.endings:
            return kind
    raise InputError(f"{path} ends in '{path.suffix}'; wanted one of {', '.join(sorted(WRITABLE))}")


def check_fits(path: Path, width: int, height: int, *, channels: int, bits: int) -> None:
    """Raises InputError where the format that the path ends in cannot hold a result of this size."""
    kind = format_for_writing(path)
    if max(width, height) > kind.longest:
        raise InputError(
            f"{path} would be {width}x{height}; {kind.name} holds at most {kind.longest} pixels a side,"
            " wanted .png or .tif"
        )
    if raw_bytes(kind, width, height, channels=channels, bits=bits) > kind.bytes_at_most:
        raise InputError(f"{path} would be over 4 GiB, which {kind.name} cannot hold; wanted .png or .tif")


def least_bytes(path: Path, width: int, height: int, *, channels: int, bits: int) -> int:
    """Bytes that a result will hardly stay under, so that a disk which has not even these is told of
    before.
    """
    kind = format_for_writing(path)
    return int(raw_bytes(kind, width, height, channels=channels, bits=bits) * LEAST_SHARE[kind.name])


LEAST_SHARE: Final = {"TIFF": 1.0, "BMP": 1.0, "PNG": 0.1, "JPEG": 0.01, "WebP": 0.005}
"""Of the pixels as they are: what remains of the simplest pictures, by format."""


def raw_bytes(kind: Format, width: int, height: int, *, channels: int, bits: int) -> int:
    """Bytes of the pixels as the format would hold them, not compressed."""
    held = channels - (channels in (2, 4) and not kind.alpha)
    return width * height * held * (2 if bits == 16 and kind.deep else 1)


ELSEWHERE: Final = (
    (0, b"v/1\x01", "OpenEXR", "oiiotool in.exr --colorconvert linear sRGB -d uint16 out.tif"),
    (0, b"#?RADIANCE", "Radiance HDR", "oiiotool in.hdr --colorconvert linear sRGB -d uint16 out.tif"),
    (0, b"\xff\x0a", "JPEG XL", "djxl in.jxl out.png"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", "djxl in.jxl out.png"),
    (0, b"%PDF-", "PDF", "pdftoppm -r 300 -png in.pdf out"),
)
"""Files that are not read here: where their signature lies, their name, and what reads them."""


def refuse_known(data: bytes) -> None:
    """Raises InputError for a file of a known kind that is not read, with what reads it.

    Their values have no white (light), or another program reads them well.
    """
    for place, signature, name, reader in ELSEWHERE:
        if data.startswith(signature, place):
            raise InputError(f"is {name}, which is not read; wanted PNG or TIFF, or an array: {reader}")


def kind_of(data: bytes, suffix: str) -> Format | None:
    """What the content is, told by its first bytes; None for what Pillow shall find out.

    The ending decides for camera RAW alone, most of which is TIFF around a small preview.
    """
    if suffix.lower() in RAW.endings:
        return RAW
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] in TIFF_SIGNATURES:
        return RAW if data[8:10] == b"CR" else TIFF  # Canon's CR2 says so
    if data.startswith((b"FUJIFILMCCD-RAW", b"IIRO", b"IIU\0", b"FOVb")):
        return RAW
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(len(data), _box(data)), 4))}
        if b"crx " in brands:
            return RAW  # Canon's CR3
        if brands & AVIF_BRANDS:
            return AVIF
        return HEIF if brands & HEIF_BRANDS else None
    if data.startswith(b"SIMPLE  ="):
        return FITS
    if data.startswith(b"DICM", 128):
        return DICOM
    if data[:2] in (b"P2", b"P3", b"P5", b"P6"):
        return PNM
    return None


def _box(data: bytes) -> int:
    return min(int.from_bytes(data[:4], "big"), 256)
