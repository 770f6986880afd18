"""Pixels remember the JPEG that they were: its table and where its blocks lie."""

import io

import numpy as np
import pytest
from PIL import Image

from blindsr.analysis.jpeg_history import LUMA, JPEGHistoryConfig, find_tables, nearest_quality, scaled
from blindsr.io.jpeg_tables import read_tables
from srbase.errors import InputError
from tests.pictures import photo

CONFIG = JPEGHistoryConfig()
LUMA_OF = np.array([0.299, 0.587, 0.114])


def pixels():
    return (photo("chelsea").numpy().transpose(1, 2, 0) * 255).round().astype(np.uint8)


def luma(array):
    return array.astype(np.float64) @ LUMA_OF / 255


def compressed(array, quality):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize("quality", [95, 85, 50])
def test_the_table_is_found_and_so_are_the_blocks_of_a_crop(quality):
    made = compressed(pixels(), quality)
    for top, left in ((0, 0), (5, 3)):
        tables = find_tables(luma(made[top:219, left:275]), CONFIG)
        assert tables is not None
        np.testing.assert_array_equal(tables.steps(), scaled(LUMA, quality))
        assert tables.phase == (-top % 8, -left % 8)
        assert not tables.read


def test_a_photograph_that_was_none_has_none():
    shrunk = luma(pixels())[:200:2, :200:2]
    assert find_tables(np.round(shrunk * 255) / 255, CONFIG) is None


@pytest.mark.parametrize("moved", [0, 3])
def test_a_pattern_that_recurs_is_none(moved):
    y, x = np.mgrid[moved : 128 + moved, moved : 128 + moved]
    assert find_tables(((y // 8 + x // 8) % 2).astype(float), CONFIG) is None


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_image_says_nothing(value):
    assert find_tables(np.full((37, 31), value), CONFIG) is None


def test_scaled_tables_are_libjpegs():
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG", quality=77)
    with Image.open(file) as image:
        np.testing.assert_array_equal(scaled(LUMA, 77), np.array(image.quantization[0]).reshape(8, 8))


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match="agreement"):
        JPEGHistoryConfig(agreement=1.5)


@pytest.mark.parametrize("quality", [30, 50, 75, 87, 95])
def test_a_quality_is_read_from_the_tables_of_a_file(quality):
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, "JPEG", quality=quality)
    assert nearest_quality(read_tables(file.getvalue())) == quality
