"""The averaged spectrum: white noise has its variance, and the windows are those that say something."""

import numpy as np
import pytest

from blindsr.spectral.config import WelchConfig
from blindsr.spectral.periodogram import frequencies, welch
from srbase.errors import InputError

DEVIATION = 0.02
VARIANCE = DEVIATION**2
MEAN = 0.1  # relative: an average over some hundred windows, and the more energetic half of them
EXACT = 1e-15  # float64 rounding, where a mean of 0.5 is taken off
QUIET = 0.2  # relative: of the quietest windows, which are a little quieter than all


def white(shape, seed=3):
    return np.random.default_rng(seed).normal(0.5, DEVIATION, shape)


@pytest.fixture(scope="module")
def spectrum():
    return welch(white((3, 515, 497)), WelchConfig())


def test_white_noise_has_its_variance_in_every_cell(spectrum):
    _, fx = frequencies(64)
    assert fx.shape == spectrum.power.shape
    assert spectrum.power[3:-3, 3:-3].mean() == pytest.approx(VARIANCE, rel=MEAN)
    assert spectrum.noise_variance == pytest.approx(VARIANCE, rel=QUIET)


def test_the_windows_are_counted_and_each_part_is_left_out_once(spectrum):
    along = [-(-(n - 64) // 32) + 1 for n in (515, 497)]  # half overlapping; the last one at the border
    assert spectrum.windows == -(-along[0] * along[1] // 2)  # the more energetic half
    assert spectrum.without.shape == (9, *spectrum.power.shape)
    differences = np.abs(spectrum.without / spectrum.power - 1).mean(axis=(1, 2))
    assert (differences > 0).all()
    assert (differences < 0.2).all()  # a ninth of the windows moves an average little


def test_a_level_does_not_matter_and_contrast_does():
    image = white((1, 130, 147)) - 0.1
    power = welch(image, WelchConfig()).power
    for other, factor in ((image + 0.2, 1), (2 * image - 0.3, 4)):
        np.testing.assert_allclose(welch(other, WelchConfig()).power, factor * power, atol=EXACT)


def test_clipped_windows_are_left_out_where_others_remain():
    image = white((1, 256, 255))
    bright = image.copy()
    bright[:, :, :128] = 1.0
    bright[:, ::7, :128] = 0.0  # the most energetic windows, and all of them clipped
    clean, spoiled = (welch(each, WelchConfig()).power for each in (image, bright))
    np.testing.assert_allclose(spoiled[3:-3, 3:-3].mean(), clean[3:-3, 3:-3].mean(), rtol=MEAN)


def test_a_flat_image_has_the_noise_of_rounding():
    config = WelchConfig()
    assert welch(np.full((3, 70, 71), 0.5), config).noise_variance == config.quantisation


def test_one_window_has_no_parts_to_leave_out():
    found = welch(white((1, 64, 64)), WelchConfig())
    assert (found.windows, len(found.without)) == (1, 0)


@pytest.mark.parametrize("shape", [(1, 63, 90), (3, 90, 63)])
def test_less_than_a_window_is_refused(shape):
    with pytest.raises(InputError, match="the spectral estimate needs at least 64x64"):
        welch(np.zeros(shape), WelchConfig())
