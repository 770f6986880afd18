"""NIQE against BasicSR's, and what it must do by its nature."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import data

from benchmarks.niqe import _fitted, niqe
from srbase.errors import InputError

BASICSR = {"astronaut": 3.0916, "coffee": 4.1153, "chelsea": 2.6255}
"""What basicsr 1.4.2 gives (crop border 0, converted to y)."""
SHRUNK = 0.01  # imresize's outermost pixels, which differ
FIT = 0.1  # of the shape, from 96x96 samples


@pytest.mark.parametrize("name", BASICSR)
def test_it_is_basicsrs(name):
    image = getattr(data, name)().transpose(2, 0, 1) / 255
    assert niqe(image) == pytest.approx(BASICSR[name], abs=SHRUNK)


def test_blur_and_noise_are_worse():
    image = data.astronaut().transpose(2, 0, 1) / 255
    noisy = np.clip(image + np.random.default_rng(0).normal(0, 0.1, image.shape), 0, 1)
    assert niqe(ndimage.gaussian_filter(image, (0, 2, 2))) > niqe(image) + 1
    assert niqe(noisy) > niqe(image) + 1


def test_a_gray_image_is_its_own_luma():
    image = data.camera()[None] / 255
    assert 1 < niqe(image) < 15


@pytest.mark.parametrize(("power", "draw"), [(2.0, "standard_normal"), (1.0, "laplace")])
def test_the_fit_finds_the_shape(power, draw):
    values = getattr(np.random.default_rng(3), draw)(size=(2, 96, 96))
    shape, left, right = _fitted(values)
    assert shape == pytest.approx([power] * 2, rel=FIT)
    assert left == pytest.approx(right, rel=FIT)


def test_an_image_too_small():
    with pytest.raises(InputError, match="image is 200x180; NIQE needs at least 192 a side"):
        niqe(np.zeros((3, 180, 200)))
