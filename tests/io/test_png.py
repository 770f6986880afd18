"""PNG of 16 bits, read by halves."""

import struct
import zlib

import numpy as np
import pytest

from blindsr.io import png

FILTERS = 5
"""Kinds of filters (PNG specification, section 9.2)."""


def filtered(raw, step, kinds):
    """Rows of bytes as differences, each by its kind of filter; ``step``: bytes of a pixel."""
    lines, above = [], np.zeros(raw.shape[1], int)
    for kind, row in zip(kinds, raw.astype(int), strict=True):
        left, corner = (np.concatenate([np.zeros(step, int), line[:-step]]) for line in (row, above))
        guess = left + above - corner
        distances = np.abs(np.stack([guess - left, guess - above, guess - corner]))
        paeth = np.stack([left, above, corner])[distances.argmin(0), np.arange(len(row))]
        predicted = [0 * row, left, above, (left + above) // 2, paeth][kind]
        lines.append(np.concatenate([[kind], (row - predicted) % 256]).astype(np.uint8))
        above = row
    return np.stack(lines).tobytes()


@pytest.mark.parametrize("interlaced", [0, 1])
@pytest.mark.parametrize("colour", png.CHANNELS)
def test_every_filter_of_every_kind_of_pixels(colour, interlaced):
    rng, channels = np.random.default_rng(colour), png.CHANNELS[colour]
    for height, width in ((31, 37), (9, 4), (1, 1), (1, 23), (17, 1)):
        pixels = rng.integers(0, 65536, (height, width, channels)).astype(">u2")
        body = b""
        for left, top, across, down in png.ADAM7 if interlaced else ((0, 0, 1, 1),):
            part = np.ascontiguousarray(pixels[top::down, left::across])
            if part.size:
                raw = part.reshape(len(part), -1).view(np.uint8)
                body += filtered(raw, 2 * channels, (np.arange(len(part)) + rng.integers(FILTERS)) % FILTERS)
        header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, interlaced)
        chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
        found = png.decode(png.SIGNATURE + b"".join(png.chunk_bytes(*chunk) for chunk in chunks)).pixels
        assert found.dtype == np.uint16
        assert np.array_equal(np.atleast_3d(found).reshape(pixels.shape), pixels)
