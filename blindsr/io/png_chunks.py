"""The chunks of a PNG: what lies in them besides the pixels, read and written.

PNG specification (third edition): chunks in section 5.3, colour space in 11.3.2, text in 11.3.3, pHYs in
11.3.4.3, eXIf in 11.3.4.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from blindsr.io import exif as exif_block
from blindsr.io.colour import MOST_PROFILE_BYTES
from blindsr.io.metadata import Chunk, Density, Metadata

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
DECODED: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
COLOUR_CHUNKS: Final = frozenset({b"cICP", b"mDCV", b"cLLI", b"sRGB", b"gAMA", b"cHRM"})
TEXT_CHUNKS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
XMP_KEYWORD: Final = b"XML:com.adobe.xmp"
OLD_EXIF: Final = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
"""Where ImageMagick kept EXIF before eXIf came: compressed lines of hexadecimal digits."""

METRES_AN_INCH = 0.0254
MOST_TEXT_BYTES = 1 << 25


def read_chunks(data: bytes) -> Iterator[Chunk]:
    """Kinds and data until IEND, which is made good where the file ends after its pixels.

    Raises ValueError where it ends before, or where a check sum of what is decoded is wrong.
    """
    view = memoryview(data)
    at, pixels_seen = len(SIGNATURE), False
    while at + 12 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        if at + 12 + length > len(data):
            break
        content = bytes(view[at + 8 : at + 8 + length])
        told = int.from_bytes(view[at + 8 + length : at + 12 + length], "big")
        if kind in DECODED and zlib.crc32(content, zlib.crc32(kind)) != told:
            raise ValueError(f"the check sum of its {kind.decode('latin-1')} is wrong")
        yield kind, content
        if kind == b"IEND":
            return
        pixels_seen |= kind == b"IDAT"
        at += 12 + length
    if not pixels_seen or data[at + 4 : at + 8] == b"IDAT":
        raise ValueError("the file ends before its pixels do")
    yield b"IEND", b""


def chunk_bytes(kind: bytes, data: bytes) -> bytes:
    """A chunk as it lies in the file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def metadata_in(chunks: list[Chunk], held: dict[bytes, bytes]) -> Metadata:
    """What belongs to the pixels; ``held`` is the first chunk of each kind."""
    xmp, exif, text = None, None, []
    for kind, data in chunks:
        if kind not in TEXT_CHUNKS:
            continue
        if kind == b"iTXt" and data.startswith(XMP_KEYWORD + b"\0"):
            xmp = _international_text(data)
        elif kind == b"zTXt" and data.startswith(OLD_EXIF):
            exif = _old_exif(data)
        elif not data.startswith((XMP_KEYWORD, b"Raw profile type")):
            text.append((kind, data))
    if b"eXIf" in held:
        exif = exif_block.parse(held[b"eXIf"])
    density = _density(held.get(b"pHYs"))
    return Metadata(
        icc=_profile(held.get(b"iCCP")),
        exif=exif,
        xmp=xmp,
        density=density or (exif.density if exif is not None else None),
        colour=tuple((kind, held[kind]) for kind in sorted(COLOUR_CHUNKS & held.keys())),
        text=tuple(text) if sum(len(data) for _, data in text) <= MOST_TEXT_BYTES else (),
    )


def _profile(data: bytes | None) -> bytes | None:
    if data is None:
        return None
    return _inflated(data.partition(b"\0")[2][1:], MOST_PROFILE_BYTES)


def _inflated(data: bytes, most: int) -> bytes | None:
    """Decompressed, or None where that is damaged or larger."""
    machine = zlib.decompressobj()
    try:
        content = machine.decompress(data, most)
    except zlib.error:
        return None
    return content if machine.eof else None


def _international_text(data: bytes) -> bytes | None:
    """The text of an iTXt: keyword, compression flag and method, language, keyword translated, text."""
    rest = data.partition(b"\0")[2]
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(text, MOST_TEXT_BYTES) if rest[:1] == b"\1" else text


def _old_exif(data: bytes) -> "exif_block.Exif | None":
    text = _inflated(data.partition(b"\0")[2][1:], MOST_TEXT_BYTES)
    try:
        return exif_block.parse(bytes.fromhex(b"".join((text or b"").split()[2:]).decode("ascii")))
    except ValueError:
        return None


def _density(data: bytes | None) -> Density | None:
    if data is None or len(data) != 9 or data[8] != 1:  # 1: pixels a metre; else a mere ratio
        return None
    x, y = struct.unpack(">II", data[:8])
    return (x * METRES_AN_INCH, y * METRES_AN_INCH) if x and y else None


def chunks_of(metadata: Metadata) -> Iterator[Chunk]:
    """What belongs to the pixels, in an order that is allowed: between IHDR and IDAT."""
    yield from metadata.colour
    if metadata.icc is not None:
        yield b"iCCP", b"profile\0\0" + zlib.compress(metadata.icc)
    if metadata.density is not None:
        across, down = (min(round(value / METRES_AN_INCH), 2**31 - 1) for value in metadata.density)
        yield b"pHYs", struct.pack(">IIB", across, down, 1)
    if metadata.exif is not None:
        yield b"eXIf", metadata.exif.to_bytes()
    if metadata.xmp is not None:
        yield b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp
    yield from metadata.text
