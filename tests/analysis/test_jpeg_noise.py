"""The noise that a JPEG left, beside what it really left."""

import io

import numpy as np
import pytest
from PIL import Image

from blindsr.analysis.jpeg_noise import JPEGNoiseConfig, cosines, quantisation_noise
from blindsr.io.jpeg_tables import JPEGTables, read_tables
from srbase.errors import InputError
from srbase.imaging.pixels import QUANTISATION
from tests.pictures import photo

CONFIG = JPEGNoiseConfig()
EXACT = 1e-12
FACTOR = 2.0  # of a power: photographs' coefficients are not quite what the model says they are
LUMA_OF = np.array([0.299, 0.587, 0.114])


def steps_of(step):
    table = ((step,) * 8,) * 8
    return JPEGTables(table, table, False)


def test_the_cosines_are_orthonormal():
    np.testing.assert_allclose(cosines() @ cosines().T, np.eye(8), atol=EXACT)


def test_even_steps_that_all_matter_make_white_noise():
    loud = np.random.default_rng(0).uniform(0, 1, (64, 64))
    noise = quantisation_noise(loud, steps_of(1), CONFIG)
    power = noise.power((37, 31))
    wanted = 2 * QUANTISATION  # of the coefficients, and of the pixels
    assert power.mean() == pytest.approx(wanted, rel=0.05)  # a few coefficients are zeros
    assert np.ptp(power) < 0.1 * wanted


@pytest.mark.parametrize("quality", [90, 75, 50])
def test_the_power_is_what_the_compression_did(quality):
    pixels = (photo("astronaut").numpy().transpose(1, 2, 0) * 255).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2)
    made = np.asarray(Image.open(file)).astype(np.float64) @ LUMA_OF / 255
    error = made - pixels.astype(np.float64) @ LUMA_OF / 255
    found = quantisation_noise(made, read_tables(file.getvalue()), CONFIG)
    assert 1 / FACTOR < found.variance / error.var() < FACTOR
    true, power = np.abs(np.fft.rfft2(error)) ** 2 / error.size, found.power(error.shape)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(512), np.fft.rfftfreq(512), indexing="ij"))
    for low in (0.1, 0.2, 0.3, 0.4):
        ring = (radius >= low) & (radius < low + 0.1)
        assert 1 / FACTOR < power[ring].mean() / true[ring].mean() < FACTOR


def test_eventful_blocks_are_noisier():
    image = np.full((64, 64), 0.5)
    image[:32] += np.random.default_rng(0).normal(0, 0.2, (32, 64))
    tables = steps_of(20)
    whole, loud = (quantisation_noise(image, tables, CONFIG, kept=share).variance for share in (1.0, 0.5))
    assert loud > 1.2 * whole


def test_an_image_smaller_than_a_block_is_all_noise():
    noise = quantisation_noise(np.full((5, 5), 0.5), steps_of(12), CONFIG)
    assert noise.variance == pytest.approx((144 / 12) / 255**2 + QUANTISATION, rel=0.01)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match="zeros is 2"):
        JPEGNoiseConfig(zeros=2)
