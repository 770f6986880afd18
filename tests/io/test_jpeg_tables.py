"""A JPEG header tells its tables, as Pillow has them, for the upright image; other files tell nothing."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps
from scipy.fft import dctn

from blindsr.io.jpeg_tables import BLOCK, read_tables

MULTIPLE = (
    0.6  # levels: pixels are rounded to one level, a coefficient of 64 of them errs by half a level or so
)
SHARE = 0.9  # of coefficients that are that near; the others were clipped or lie at the edge of the range


def picture(height=37, width=31):
    rng = np.random.default_rng(3)
    levels = rng.normal(128, 25, (height, width)).cumsum(axis=1) / np.sqrt(np.arange(1, width + 1))
    return Image.fromarray(np.clip(levels, 40, 215).astype(np.uint8))


def stored(image, quality=80, orientation=None, **options):
    file = io.BytesIO()
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    image.save(file, "JPEG", quality=quality, exif=exif, **options)
    return file.getvalue()


def test_the_tables_are_the_files():
    data = stored(picture().convert("RGB"), subsampling=2)
    with Image.open(io.BytesIO(data)) as file:
        luma, chroma = (np.array(file.quantization[i]).reshape(8, 8) for i in (0, 1))
    tables = read_tables(data)
    np.testing.assert_array_equal(tables.steps(), luma)
    np.testing.assert_array_equal(tables.chroma, chroma)
    assert tables.chroma_halved
    assert tables.read
    assert tables.phase == (0, 0)


@pytest.mark.parametrize(("subsampling", "halved"), [(0, False), (1, True), (2, True)])
def test_colours_of_half_the_size_are_seen(subsampling, halved):
    assert read_tables(stored(picture().convert("RGB"), subsampling=subsampling)).chroma_halved is halved


def test_gray_has_one_table():
    tables = read_tables(stored(picture()))
    assert tables.chroma == tables.luma
    assert not tables.chroma_halved


def test_other_files_and_torn_ones_tell_nothing():
    file = io.BytesIO()
    picture().save(file, "PNG")
    assert read_tables(file.getvalue()) is None
    assert read_tables(b"\xff\xd8\xff\xe0 and no more") is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_tables_are_those_of_the_upright_image(orientation):
    """Of the upright pixels, blocks from the phase on have coefficients that are multiples of the steps."""
    data = stored(picture(37, 45), orientation=orientation)
    with Image.open(io.BytesIO(data)) as file:
        levels = np.asarray(ImageOps.exif_transpose(file), dtype=np.float64) - 128
    tables = read_tables(data)
    (y, x), steps = tables.phase, tables.steps()
    rows, columns = (levels.shape[0] - y) // BLOCK, (levels.shape[1] - x) // BLOCK
    whole = levels[y : y + BLOCK * rows, x : x + BLOCK * columns]
    blocks = whole.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3)
    coefficients = dctn(blocks, axes=(2, 3), norm="ortho")
    off = np.abs(coefficients - steps * np.rint(coefficients / steps))
    assert (off < MULTIPLE).mean() > SHARE


def test_a_damaged_exif_block_is_not_remarked_on():
    data = stored(picture(), orientation=6)
    start = data.index(b"Exif\0\0") + 6
    entries = start + 8
    torn = data[:entries] + b"\0\x30" + data[entries + 2 :]  # more entries than the block holds
    assert read_tables(torn) is not None  # warnings are errors in the tests


@pytest.mark.parametrize("length", [3, 20, 100, 300])
def test_a_torn_file_tells_what_it_can_or_nothing(length):
    read_tables(stored(picture(), orientation=6)[:length])
