"""PNG: pixels of both depths in and out.

Pillow gets the chunks of pixels alone, so that it stumbles over nothing that it need not know. Colours of 16
bits, of which it keeps 8, are read in two halves; 16 bits are written here.
PNG specification (third edition): IHDR in section 11.2.1, tRNS in 11.3.1.1.
"""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from blindsr.io.formats import check_claim
from blindsr.io.metadata import Chunk, Metadata
from blindsr.io.png_chunks import SIGNATURE, chunk_bytes, chunks_of, metadata_in, read_chunks
from blindsr.io.raster import Raster, Whole, keyed

COLOUR_TYPE: Final = {1: 0, 2: 4, 3: 2, 4: 6}
GRAY, RGB, PALETTE, RGB_AND_ALPHA = 0, 2, 3, 6
CHANNELS: Final = {0: 1, 2: 3, 4: 2, 6: 4}
"""Of 16-bit pixels, by colour type."""
ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column and row of each pass of an interlaced file, and the steps (section 8.2)."""
UP_FILTER, PAETH = 2, 4
"""Each row is stored as its difference from the row above: photographs shrink by about a fifth."""

LEVEL: Final = 2
"""Of zlib: a photograph of 48 megapixels in 3 seconds where level 6 takes 14, the file a sixth larger."""

PART_BYTES = 1 << 24  # of an IDAT; the specification allows 2^31 - 1


def decode(data: bytes) -> Raster:
    """Decode a PNG. Raises what Pillow raises, and ValueError, where it is damaged."""
    chunks = list(read_chunks(data))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError("it does not begin with an IHDR")
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    check_claim(width, height, len(data))
    held = dict(reversed(chunks))  # the first of each kind
    transparency = held.get(b"tRNS")
    packed = b"".join(content for kind, content in chunks if kind == b"IDAT")
    bare = [chunks[0], (b"IDAT", packed), (b"IEND", b"")]
    if colour == PALETTE:
        bare[1:1] = [(kind, held[kind]) for kind in (b"PLTE", b"tRNS") if kind in held]
    pixels = _decode_deep(chunks[0][1], packed) if depth == 16 else _decode_plain(bare)
    if transparency is not None and colour in (GRAY, RGB):
        pixels = keyed(np.atleast_3d(pixels), _key(transparency, depth, colour))
    notes = []
    if (
        b"acTL" in held
        and len(held[b"acTL"]) >= 4
        and (frames := int.from_bytes(held[b"acTL"][:4], "big")) > 1
    ):
        notes.append(f"holds an animation of {frames} frames; its still picture is used")
    return Raster(pixels, 16 if depth == 16 else 8, metadata_in(chunks, held), tuple(notes))


def encode(pixels: Whole, metadata: Metadata) -> bytes:
    """(H, W) or (H, W, C) of uint8 or uint16, C from 1 to 4 (the last of 2 or 4 is alpha), as a PNG file."""
    if pixels.dtype == np.uint16:
        plain: Iterable[Chunk] = _deep_chunks(pixels)
    else:
        buffer = BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG", compress_level=LEVEL)
        plain = list(read_chunks(buffer.getvalue()))
    first, *rest = plain
    return SIGNATURE + b"".join(chunk_bytes(*chunk) for chunk in [first, *chunks_of(metadata), *rest])


def _decode_plain(chunks: list[Chunk]) -> Whole:
    with Image.open(BytesIO(_file_of(chunks)), formats=["PNG"]) as picture:
        picture.load()
        if picture.mode == "P":
            return np.asarray(picture.convert("RGBA" if "transparency" in picture.info else "RGB"))
        return np.asarray(picture.convert("L") if picture.mode in {"1", "I;16", "I"} else picture)


def _decode_deep(header: bytes, packed: bytes) -> Whole:
    """(H, W, C) of 16 bits: Pillow undoes the filters of the rows.

    Gray, and gray with alpha, are to it pixels of two and four bytes. Of larger pixels it gives the first
    byte of each value, and taken for little-endian ones the second.
    """
    width, height, _, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    stored = zlib.compress(_scanlines(header, packed), 0)  # whole, with nothing behind it

    def decoded(mode: str, layout: str) -> Whole:
        return np.asarray(Image.frombytes(mode, (width, height), stored, "zip", layout, interlaced))

    if colour not in (RGB, RGB_AND_ALPHA):
        mode = "LA" if colour == GRAY else "RGBA"
        return decoded(mode, mode).view(">u2").astype(np.uint16)
    mode = "RGB" if colour == RGB else "RGBA"
    pixels = decoded(mode, f"{mode};16B").astype(np.uint16)
    pixels <<= 8
    pixels |= decoded(mode, f"{mode};16L")
    return pixels


def _scanlines(header: bytes, packed: bytes) -> bytes:
    """The rows of 16-bit pixels before their filters are undone, all there. Raises ValueError."""
    width, height, _, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if colour not in CHANNELS or interlaced > 1:
        raise ValueError("its header makes no sense")
    lines: list[tuple[int, int]] = []  # of each pass: how many, and their bytes, the filter's among them
    for left, top, across, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = (width - left + across - 1) // across, (height - top + down - 1) // down
        if columns > 0 and rows > 0:
            lines.append((rows, 1 + 2 * CHANNELS[colour] * columns))
    wanted = sum(count * size for count, size in lines)
    try:
        scanlines = zlib.decompressobj().decompress(packed, wanted)
    except zlib.error as error:
        raise ValueError(f"its pixels are damaged: {error}") from error
    if len(scanlines) < wanted or not wanted:
        raise ValueError("the file ends before its pixels do")
    at = 0
    for count, size in lines:
        filters = np.frombuffer(scanlines, np.uint8, count * size, at)[::size]
        if filters.max() > PAETH:
            raise ValueError("its pixels are damaged: a filter that does not exist")
        at += count * size
    return scanlines


def _file_of(chunks: list[Chunk]) -> bytes:
    return SIGNATURE + b"".join(chunk_bytes(*chunk) for chunk in chunks)


def _key(transparency: bytes, depth: int, colour: int) -> Whole:
    """The transparent colour as decoded: low depths are spread over 8 bits."""
    wanted = 6 if colour == RGB else 2
    values = np.frombuffer(transparency[:wanted].ljust(wanted, b"\0"), ">u2").astype(np.int64)
    values &= (1 << depth) - 1
    return values * 255 // ((1 << depth) - 1) if depth < 8 else values


def _deep_chunks(pixels: Whole) -> list[Chunk]:
    planes = np.atleast_3d(pixels).astype(">u2")
    height, width, channels = planes.shape
    rows = planes.reshape(height, -1).view(np.uint8)
    difference = np.diff(rows, axis=0, prepend=np.zeros((1, rows.shape[1]), np.uint8))
    filtered = np.insert(difference, 0, UP_FILTER, axis=1)
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPE[channels], 0, 0, 0)
    packed = zlib.compress(filtered.tobytes(), LEVEL)
    parts = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
    return [(b"IHDR", header), *((b"IDAT", part) for part in parts), (b"IEND", b"")]
