"""The folded model against its definition: derivative, aliasing, and recovery without noise."""

import numpy as np
import pytest

from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel
from kernelgan.content_prior import ContentPrior, content_basis
from kernelgan.folded_model import FitConfig, FoldedModel
from kernelgan.gaussian_kernel import clamp, gaussian_kernel, moments
from kernelgan.welch import WelchConfig, frequencies, welch


@pytest.fixture(scope="module", params=[2, 4], ids=["x2", "x4"])
def model(request):
    return FoldedModel(32, FitConfig(), ContentPrior(), request.param)


def test_a_spectrum_made_by_the_model_gives_its_covariance_back(model):
    v = np.array([3.0, 1.5, 0.7])
    content = np.append(-3.0, ContentPrior().mean())
    power = model.kernel_power(gaussian_kernel(v), model.config.eta)
    made = np.log((np.exp(np.tensordot(content, model.basis, 1)) * power).sum(axis=0) + 1e-6)
    found = model.fit(made, 1e-6).v
    np.testing.assert_allclose(found, v, atol=0.15)  # the prior's pull


def test_the_gaussians_derivative_is_that_of_differences(model):
    v, step = np.array([2.0, 1.5, 0.4]), 1e-4
    _, slopes = model.gaussian(v)
    for slope, d in zip(slopes, step * np.eye(3), strict=True):
        difference = (model.gaussian(v + d)[0] - model.gaussian(v - d)[0]) / (2 * step)
        np.testing.assert_allclose(slope, difference, atol=1e-6)


def test_at_x4_the_power_is_that_of_the_composed_kernel():
    """The x2 kernel twice has K(h) K(2 h) at an HR frequency h, and h is half of the second step's."""
    model = FoldedModel(32, FitConfig(), ContentPrior(), 4)
    kernel = gaussian_kernel(np.array([2.0, 1.5, 0.4]))
    composed = SRKernel(kernel, 2).to_x4(None).array
    assert composed.shape == (37, 37)
    axis = np.arange(37) - geometry.wanted_centre((37,), 4)[0]
    down, across = (np.exp(2j * np.pi * g[..., None] / 2 * axis) for g in (model.gy, model.gx))
    power = np.abs(np.einsum("bci,ij,bcj->bc", down, composed, across)) ** 2
    np.testing.assert_allclose(model.kernel_power(kernel, 0.0), power, atol=1e-12)


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


def test_clamp_keeps_what_is_inside_and_moments_stay_under_v():
    v = np.array([4.0, 1.0, 0.5])
    np.testing.assert_allclose(clamp(v, 0.1, 9.0), v)
    assert (
        np.linalg.eigvalsh([[clamp(-v, 0.1, 9.0)[0], -0.0], [0.0, clamp(-v, 0.1, 9.0)[1]]]).min()
        >= 0.1 - 1e-12
    )
    assert (moments(v)[:2] <= v[:2] + 1e-9).all()


def test_white_noise_has_its_variance_in_every_cell():
    noise = np.random.default_rng(3).normal(0.5, 0.02, (3, 512, 512))
    spectrum = welch(noise, WelchConfig())
    _, fx = frequencies(64)
    middle = spectrum.power[3:-3, 3:-3]
    assert fx.shape == spectrum.power.shape
    assert middle.mean() == pytest.approx(4e-4, rel=0.1)
    assert spectrum.noise == pytest.approx(4e-4, rel=0.2)
    assert len(spectrum.without) == 9
