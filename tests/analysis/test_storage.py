"""Which JPEG a picture was stored as: its file's, or one that only the pixels show."""

from dataclasses import replace

import pytest

from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.storage import stored_jpeg
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.pictures import eight_bits, face, through_jpeg

CONFIG = AnalysisConfig()


@pytest.fixture(scope="module")
def lr():
    return eight_bits(downscale(face(134, 122), SRKernel.bicubic(2)))


def test_it_is_the_files_jpeg_with_its_tables(lr):
    image, tables = through_jpeg(lr, 80)
    stored = stored_jpeg(image, tables, CONFIG)
    assert stored is not None
    assert stored.tables == tables


def test_pixels_that_were_never_compressed_show_none(lr):
    assert stored_jpeg(lr, None, CONFIG) is None


def test_noise_as_low_as_that_of_rounding_is_neglected(lr):
    image, tables = through_jpeg(lr, 100)
    assert stored_jpeg(image, tables, CONFIG) is None
    assert stored_jpeg(image, tables, replace(CONFIG, jpeg_negligible=1.0)) is not None


def test_a_jpeg_that_became_a_png_is_found_unless_that_is_switched_off():
    image, tables = through_jpeg(face(224, 208), 75)
    found = stored_jpeg(image, None, CONFIG)
    assert found is not None
    assert found.tables.luma == tables.luma
    assert stored_jpeg(image, None, replace(CONFIG, jpeg_history=None)) is None
