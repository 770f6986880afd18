"""Shapes are recognised where the spectrum shows them, at their size, and not where it does not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from blindsr.spectral.cells import symmetric_kernel
from blindsr.spectral.config import ShapesConfig, SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from blindsr.spectral.shapes import Bicubic, Box, Disc, Motion
from tests.pictures import photo

CASES = [(Bicubic(), ()), (Disc(), (2.5,)), (Box(), (4.0,)), (Motion(), (7.0, 0.6))]
BETWEEN_CANDIDATES = 0.35  # sum of absolute differences: half a step of radius, width or length


@pytest.fixture(scope="module")
def coffee():
    return photo("coffee").double().numpy()


def shrunk(picture, kernel):
    blurred = np.stack([ndimage.correlate(channel, kernel)[::2, ::2] for channel in picture])
    return np.clip(np.round(blurred * 255), 0, 255) / 255


@pytest.mark.parametrize(("shape", "numbers"), CASES, ids=[shape.name for shape, _ in CASES])
def test_a_shape_is_recognised(coffee, shape, numbers):
    kernel = shape.kernel(numbers)
    found = estimate_spectral(shrunk(coffee, kernel), SpectralConfig())
    assert found.family == shape.name
    assert found.evidence[shape.name] == max(found.evidence.values()) > 0
    assert np.abs(found.kernel - kernel).sum() < BETWEEN_CANDIDATES


def test_a_gaussian_is_none_of_them(coffee):
    found = estimate_spectral(shrunk(coffee, symmetric_kernel(np.array([3.0, 1.5, 0.5]))), SpectralConfig())
    assert found.family == "gaussian"
    assert max(value for name, value in found.evidence.items() if name != "gaussian") < 0


def test_only_the_shapes_that_are_asked_for_are_there(coffee):
    small = shrunk(coffee, Disc().kernel((2.5,)))[:, :97, :113]
    config = SpectralConfig(shapes=ShapesConfig(shapes=(Box(), Bicubic())))
    assert set(estimate_spectral(small, config).evidence) == {"gaussian", "box", "bicubic"}
    none = estimate_spectral(small, SpectralConfig(shapes=ShapesConfig(shapes=())))
    assert none.evidence == {"gaussian": 0.0}
    assert none.family == "gaussian"


def test_a_handicap_is_taken_off_the_evidence(coffee):
    small = shrunk(coffee, Disc().kernel((2.5,)))[:, :97, :113]

    def evidence(handicap):
        shapes = ShapesConfig(shapes=(replace(Disc(), handicap=handicap),))
        return estimate_spectral(small, SpectralConfig(shapes=shapes)).evidence["disc"]

    assert evidence(2.0) - evidence(7.0) == pytest.approx(5.0)
