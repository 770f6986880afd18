"""Fits under several tapers: the one that made the spectrum is the likeliest, and the mean is a mixture."""

import numpy as np
import pytest

from blindsr.spectral.cells import CROPPED, SHIFTED, WHOLE, moments
from blindsr.spectral.config import FitConfig
from blindsr.spectral.fit import Fit
from blindsr.spectral.mixture import Mixture, fit_deviating, fit_gaussians
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.prior import ContentPrior
from srbase.errors import InputError
from srbase.kernels import geometry

CONFIG = FitConfig()
EVEN = FitConfig(taper_probabilities=(1 / 3, 1 / 3, 1 / 3))
WIDE = np.array([4.5, 4.0, 0.3])
NARROW = np.array([0.8, 0.7, 0.1])
NOISE = 1e-7
EXACT = 1e-9  # sums of float64 over 169 cells
OWN = np.diag([0.01, 0.02, 0.005])


@pytest.fixture(scope="module")
def model():
    return FoldedModel(64, ContentPrior(), low=CONFIG.low, high=CONFIG.high)


def made_by(model, v, taper):
    """The log spectrum of the Gaussian under a taper, with the content that the prior expects."""
    content = np.append(-3.0, ContentPrior().mean())
    power = model.gaussian(v, CONFIG.eta, taper)[0]
    return np.log((np.exp(np.tensordot(content, model.basis, 1)) * power).sum(axis=0) + NOISE)


@pytest.fixture(scope="module")
def mixture(model):
    log_power = made_by(model, WIDE, CROPPED)
    return fit_deviating(model, log_power, NOISE, fit_gaussians(model, log_power, NOISE, CONFIG), CONFIG)


@pytest.mark.parametrize("taper", [SHIFTED, CROPPED, WHOLE])
def test_a_wide_kernels_spectrum_tells_its_taper(model, taper):
    found = fit_gaussians(model, made_by(model, WIDE, taper), NOISE, EVEN)
    assert found.best.taper == taper
    assert found.probabilities.sum() == pytest.approx(1)


def test_a_narrow_kernel_has_no_tail_that_could_tell(model):
    found = fit_gaussians(model, made_by(model, NARROW, SHIFTED), NOISE, CONFIG)
    np.testing.assert_allclose(found.probabilities, CONFIG.taper_probabilities, atol=0.02)


def test_without_rounds_the_gaussians_stay(model):
    log_power = made_by(model, WIDE, CROPPED)
    gaussians = fit_gaussians(model, log_power, NOISE, CONFIG)
    assert fit_deviating(model, log_power, NOISE, gaussians, FitConfig(rounds=0)) is gaussians


def test_fits_share_their_weights_so_that_costs_can_be_compared(mixture):
    assert [fit.taper for fit in mixture.fits] == list(CONFIG.tapers)
    for fit in mixture.fits[1:]:
        np.testing.assert_array_equal(fit.weight, mixture.fits[0].weight)


def test_the_means_moments_are_the_mean_of_moments(mixture):
    covariance = geometry.covariance(mixture.kernel())
    kernels = np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])
    np.testing.assert_allclose(mixture.moments(), kernels, atol=EXACT)


def test_the_errors_covariance_holds_the_scatter_between_fits(mixture):
    halves = Mixture(mixture.fits[:2], np.array([0.5, 0.5]))
    first, second = (moments(fit.v, fit.deviations, fit.taper) for fit in halves.fits)
    apart = (first - second) / 2
    np.testing.assert_allclose(halves.covariance(lambda _: OWN), OWN + np.outer(apart, apart), atol=EXACT)


def test_the_evidence_weighs_by_half_of_its_cost():
    empty = np.zeros(0)

    def fit(cost: float, taper):
        return Fit(empty, empty, empty, taper, 0.0, cost, empty, empty, empty, empty)

    found = Mixture.of((fit(5.0, SHIFTED), fit(3.0, CROPPED), fit(3.0, WHOLE)), EVEN)
    np.testing.assert_allclose(found.probabilities[0] / found.probabilities[1:], np.exp(-1))
    assert found.best.taper == CROPPED


def test_each_taper_needs_a_probability():
    with pytest.raises(InputError, match="fit has 3 tapers of probabilities"):
        FitConfig(taper_probabilities=(1.0,))
