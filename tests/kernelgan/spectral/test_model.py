"""The folded model against its definition: transform, derivatives, aliasing, the two steps of x4."""

import numpy as np
import pytest

from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel
from kernelgan.spectral.cells import PAIRS, even_kernel, offsets
from kernelgan.spectral.model import FoldedModel
from kernelgan.spectral.periodogram import WelchConfig, frequencies, welch
from kernelgan.spectral.prior import ContentPrior, content_basis

V = np.array([2.0, 1.5, 0.4])
DEVIATIONS = np.random.default_rng(0).normal(0, 0.1, len(PAIRS))


@pytest.fixture(scope="module", params=[2, 4], ids=["x2", "x4"])
def model(request):
    return FoldedModel(32, ContentPrior(), request.param)


def squared_transform(kernel, gy, gx, axis):
    """|K|^2 at frequencies of any shape, by the sum over the kernel's cells."""
    down, across = (np.exp(2j * np.pi * g[..., None] * axis) for g in (gy, gx))
    return np.abs(np.einsum("bci,ij,bcj->bc", down, kernel, across)) ** 2


def test_the_power_is_that_of_the_kernels_transform():
    model, eta = FoldedModel(32, ContentPrior()), 0.02
    kernel = even_kernel(V, DEVIATIONS)
    power = squared_transform(kernel, model.gy, model.gx, offsets()) + eta * (kernel**2).sum()
    np.testing.assert_allclose(model.kernel_power(kernel, eta), power, atol=1e-12)


def test_at_x4_the_power_is_that_of_the_composed_kernel():
    """The x2 kernel twice has K(h) K(2 h) at an HR frequency h, and h is half of the second step's."""
    model = FoldedModel(32, ContentPrior(), 4)
    kernel = even_kernel(V)
    composed = SRKernel(kernel, 2).to_x4(None).array
    assert composed.shape == (37, 37)
    axis = np.arange(37) - geometry.wanted_centre((37,), 4)[0]
    power = squared_transform(composed, model.gy / 2, model.gx / 2, axis)
    np.testing.assert_allclose(model.kernel_power(kernel, 0.0), power, atol=1e-12)


def test_a_gaussian_without_deviations_is_the_gaussian(model):
    gaussian, by_v = model.gaussian(V, 0.02)
    power, slopes = model.deviating(V, np.zeros(len(PAIRS)), 0.02)
    np.testing.assert_allclose(power, gaussian, atol=1e-15)
    np.testing.assert_allclose(slopes[:3], by_v, atol=1e-15)
    np.testing.assert_allclose(gaussian, model.kernel_power(even_kernel(V), 0.02), atol=1e-15)


def test_the_derivatives_are_those_of_differences(model):
    step = 1e-4
    point = np.concatenate([V, DEVIATIONS])
    _, slopes = model.deviating(V, DEVIATIONS, 0.02)
    assert slopes.shape == (75, 4, model.cells.sum())
    for index in (0, 1, 2, 3, 30, 74):
        d = step * np.eye(75)[index]
        above, below = (model.deviating(p[:3], p[3:], 0.02)[0] for p in (point + d, point - d))
        np.testing.assert_allclose(slopes[index], (above - below) / (2 * step), atol=1e-6)


def test_folds_are_the_frequencies_that_decimation_confuses(model):
    """A wave at any fold's HR frequency, sampled at every second pixel, is the same wave."""
    x = 2 * np.arange(10)
    first = np.exp(2j * np.pi * model.gy[0][:, None] * x)
    for gy in model.gy:
        np.testing.assert_allclose(np.exp(2j * np.pi * gy[:, None] * x), first, atol=1e-9)
    assert np.abs(model.gy).max() <= 0.5


def test_basis_shape_and_evenness():
    gy, gx = np.array([0.1, 0.2]), np.array([0.05, -0.3])
    basis = content_basis(gy, gx, 0.1)
    assert basis.shape == (16, 2)
    np.testing.assert_allclose(basis, content_basis(-gy, -gx, 0.1), atol=1e-12)
    assert ContentPrior().precision().shape == (15, 15)
    assert np.linalg.eigvalsh(ContentPrior().precision()).min() > 0


def test_white_noise_has_its_variance_in_every_cell():
    noise = np.random.default_rng(3).normal(0.5, 0.02, (3, 512, 512))
    spectrum = welch(noise, WelchConfig())
    _, fx = frequencies(64)
    middle = spectrum.power[3:-3, 3:-3]
    assert fx.shape == spectrum.power.shape
    assert middle.mean() == pytest.approx(4e-4, rel=0.1)
    assert spectrum.noise == pytest.approx(4e-4, rel=0.2)
    assert len(spectrum.without) == 9
