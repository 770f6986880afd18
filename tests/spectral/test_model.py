"""The folded model against its definition: transform, derivatives, aliasing, the two steps of x4."""

import numpy as np
import pytest

from blindsr.spectral.cells import PAIRS, offsets, symmetric_kernel
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.prior import ContentPrior
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

V = np.array([2.0, 1.5, 0.4])
BAND = {"low": 0.03, "high": 0.5}
EXACT = 1e-12  # sums of some hundred float64 products of values up to 1
DEVIATIONS = np.random.default_rng(0).normal(0, 0.1, len(PAIRS))


@pytest.fixture(scope="module", params=[2, 4], ids=["x2", "x4"])
def model(request):
    return FoldedModel(32, ContentPrior(), request.param, **BAND)


def squared_transform(kernel, gy, gx, axis):
    """|K|^2 at frequencies of any shape, by the sum over the kernel's cells."""
    down, across = (np.exp(2j * np.pi * g[..., None] * axis) for g in (gy, gx))
    return np.abs(np.einsum("bci,ij,bcj->bc", down, kernel, across)) ** 2


def test_the_power_is_that_of_the_kernels_transform():
    model, eta = FoldedModel(32, ContentPrior(), **BAND), 0.02
    kernel = symmetric_kernel(V, DEVIATIONS)
    power = squared_transform(kernel, model.gy, model.gx, offsets()) + eta * (kernel**2).sum()
    np.testing.assert_allclose(model.kernel_power(kernel, eta), power, atol=EXACT)


def test_at_x4_the_power_is_that_of_the_composed_kernel():
    """The x2 kernel twice has K(h) K(2 h) at an HR frequency h, and h is half of the second step's."""
    model = FoldedModel(32, ContentPrior(), 4, **BAND)
    kernel = symmetric_kernel(V)
    composed = SRKernel(kernel, 2).to_x4(None).array
    assert composed.shape == (37, 37)
    axis = np.arange(37) - geometry.wanted_centre((37,), 4)[0]
    power = squared_transform(composed, model.gy / 2, model.gx / 2, axis)
    np.testing.assert_allclose(model.kernel_power(kernel, 0.0), power, atol=EXACT)


def test_a_gaussian_without_deviations_is_the_gaussian(model):
    gaussian, by_v = model.gaussian(V, 0.02)
    power, slopes = model.deviating(V, np.zeros(len(PAIRS)), 0.02)
    np.testing.assert_allclose(power, gaussian, atol=EXACT)
    np.testing.assert_allclose(slopes[:3], by_v, atol=EXACT)
    np.testing.assert_allclose(gaussian, model.kernel_power(symmetric_kernel(V), 0.02), atol=EXACT)


def test_the_derivatives_are_those_of_differences(model):
    step = 1e-4
    point = np.concatenate([V, DEVIATIONS])
    _, slopes = model.deviating(V, DEVIATIONS, 0.02)
    assert slopes.shape == (75, 4, model.cells.sum())
    for index in (0, 1, 2, 3, 30, 74):
        d = step * np.eye(75)[index]
        above, below = (model.deviating(p[:3], p[3:], 0.02)[0] for p in (point + d, point - d))
        np.testing.assert_allclose(slopes[index], (above - below) / (2 * step), atol=1e-6)


@pytest.mark.parametrize(("low", "high"), [(0.03, 0.5), (0.1, 0.3)])
def test_the_cells_are_those_of_the_band_and_each_frequency_is_there_once(low, high):
    model = FoldedModel(32, ContentPrior(), low=low, high=high)
    radius = 2 * np.hypot(model.gy[0], model.gx[0])  # in cycles per LR pixel, twice those per HR pixel
    assert low <= radius.min() < radius.max() <= high
    cells = np.stack([model.gy[0], model.gx[0]], axis=1)
    both = np.concatenate([cells, -cells])  # a real image's spectrum is the same at either
    assert len(np.unique(both.round(9), axis=0)) == len(both)


def test_folds_are_the_frequencies_that_decimation_confuses(model):
    """A wave at any fold's HR frequency, sampled at every second pixel, is the same wave."""
    x = 2 * np.arange(10)
    first = np.exp(2j * np.pi * model.gy[0][:, None] * x)
    for gy in model.gy:
        np.testing.assert_allclose(np.exp(2j * np.pi * gy[:, None] * x), first, atol=1e-9)
    assert np.abs(model.gy).max() <= 0.5
