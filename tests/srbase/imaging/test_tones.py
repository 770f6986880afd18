"""Levels, gain and white are read from the pixels."""

import numpy as np
import pytest
import torch

from srbase.errors import InputError
from srbase.imaging.blur import blurred
from srbase.imaging.tones import ToneConfig, Tones, tones_of
from tests.pictures import face, photo

CONFIG = ToneConfig()


def test_an_ordinary_photograph_of_eight_bits_stays_as_it_is():
    image = face(37, 31)
    tones = tones_of(image, CONFIG)
    assert tones.gain == 1
    assert tones.limits.most == 1
    assert tones.working(image) is image
    assert tones.original(image) is image


@pytest.mark.parametrize(("share", "gain"), [(1.0, 1), (0.51, 1), (0.49, 2), (0.1, 8)])
def test_eight_bits_get_a_power_of_two(share, gain):
    image = torch.linspace(0, 1, 37 * 31).reshape(1, 37, 31)
    assert tones_of((image * share * 255).round() / 255, CONFIG).gain == gain


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_few_bits_of_sixteen_fill_the_working_range(bits):
    image = (face(37, 31) / face(37, 31).max() * (2**bits - 1)).round() / 65535
    tones = tones_of(image, CONFIG)
    assert 1 <= float(tones.working(image).max()) < 1.05  # the largest value of two neighbours is 1
    assert tones.step == pytest.approx(1 / (2**bits - 1), rel=0.05)
    assert torch.allclose(tones.original(tones.working(image)), image, rtol=1e-6)


def test_floats_have_no_levels():
    image = torch.rand((1, 37, 31), generator=torch.Generator().manual_seed(0)) * 0.01
    tones = tones_of(image, CONFIG)
    assert tones.step == 0
    assert float(tones.working(image).max()) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("level", [1.0, 0.8, 0.01])
def test_a_pile_at_the_largest_value_is_white_wherever_it_lies(level):
    image = (face(64, 71) * 1.5).clamp(max=0.9) / 0.9 * level
    tones = tones_of(image, CONFIG)
    assert tones.limits.most == pytest.approx(tones.gain * level, rel=1e-5)


@pytest.mark.parametrize("name", ["chelsea", "coffee", "rocket"])
def test_the_smooth_end_of_a_histogram_is_no_pile(name):
    image = blurred(photo(name)[:1] * 0.8, 3.0)  # no flat white is left at the top
    tones = tones_of(image, CONFIG)
    assert tones.limits.most == pytest.approx(tones.gain)


def test_a_hot_pixel_is_not_the_brightest_value():
    image = torch.rand((1, 37, 31), generator=torch.Generator().manual_seed(0)) * 0.01
    image[0, 5, 7] = 1.0
    assert tones_of(image, CONFIG).gain > 90


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 7), (1, 7, 1)])
def test_the_smallest_images(shape):
    assert tones_of(torch.zeros(shape), CONFIG) == Tones()
    assert tones_of(torch.full(shape, 0.3), CONFIG).gain > 1


def test_inputs_are_only_read():
    image = face(37, 31) * np.float32(0.1)
    before = image.clone()
    tones = tones_of(image, CONFIG)
    tones.original(tones.working(image))
    assert torch.equal(image, before)


@pytest.mark.parametrize("fault", [{"share": 0}, {"band": 1}, {"over_band": 0}])
def test_numbers_that_make_no_sense(fault):
    with pytest.raises(InputError, match="tones"):
        ToneConfig(**fault)
