"""Windows cover an image, and their power is that of what is in them."""

import numpy as np
import pytest

from srbase.imaging.periodogram import bounded_hop, cut_windows, frequencies, periodograms, window_starts

EXACT = 1e-15  # float64 rounding, where a mean near 1 is taken off


@pytest.mark.parametrize(
    ("length", "window", "hop", "starts"),
    [(64, 64, 32, [0]), (97, 64, 32, [0, 32, 33]), (128, 64, 32, [0, 32, 64]), (71, 16, 40, [0, 40, 55])],
)
def test_windows_reach_the_border(length, window, hop, starts):
    assert window_starts(length, window, hop).tolist() == starts


@pytest.mark.parametrize("size", [(97, 113), (1001, 2003), (64, 5001)])
@pytest.mark.parametrize("most", [4, 7, 128])  # an axis longer than a window needs two to reach its ends
def test_the_hop_is_no_longer_than_the_number_of_windows_wants(size, most):
    def count(hop):
        return np.prod([len(window_starts(n, 64, hop)) for n in size])

    hop = bounded_hop(size, 64, 32, most)
    assert count(hop) <= most
    assert (hop == 32) == (count(32) <= most)


def test_windows_are_parts_of_the_plane_in_reading_order():
    plane = np.arange(31.0 * 37).reshape(31, 37)
    cut = cut_windows(plane, 16, np.array([0, 15]), np.array([0, 7, 21]))
    assert cut.shape == (6, 16, 16)
    np.testing.assert_array_equal(cut[4], plane[15:31, 7:23])


def test_white_noise_has_its_variance_on_average():
    noise = np.random.default_rng(0).normal(0.5, 0.02, (400, 32, 32))
    power = periodograms(noise)
    assert power.shape == (400, 32, 17)
    inner = power[:, 3:-3, 3:-3]  # without the cells that the weighted mean is taken from
    assert inner.mean() == pytest.approx(4e-4, rel=0.02)  # of 120,000 exponentially distributed values


def test_a_wave_shows_at_its_frequency():
    y, x = np.mgrid[:64, :64]
    power = periodograms(np.cos(2 * np.pi * (0.25 * x - 0.125 * y))[None])[0]
    fy, fx = frequencies(64)
    place = np.unravel_index(power.argmax(), power.shape)
    assert (fy[place], fx[place]) == (-0.125, 0.25)
    assert fx.shape == fy.shape == power.shape


def test_a_level_has_no_power():
    assert periodograms(np.full((1, 32, 32), 0.9)).max() < EXACT
