"""The fit: spectra that the model made give their kernels back, outliers move nothing, costs fall."""

import numpy as np
import pytest

from blindsr.spectral.cells import PAIRS, gaussian_pairs, symmetric_kernel
from blindsr.spectral.config import FitConfig
from blindsr.spectral.fit import fit_cells, fit_content, fit_gaussian
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.prior import ContentPrior

CONFIG = FitConfig()
BAND = {"low": CONFIG.low, "high": CONFIG.high}
V = np.array([3.0, 1.5, 0.7])
NOISE = 1e-6
CONTENT = np.append(-3.0, ContentPrior().mean())
PULL = 0.15  # HR px^2: what the prior makes of a spectrum without errors
EXPLAINED = 0.02  # of the log power, again the prior's doing
SECOND_ORDER = 2e-3  # HR px^2: the answer is linear for small changes only
DEVIATIONS = np.random.default_rng(4).uniform(-0.2, 0.2, len(PAIRS))


@pytest.fixture(scope="module", params=[2, 4], ids=["x2", "x4"])
def model(request):
    return FoldedModel(64, ContentPrior(), request.param, **BAND)


def log_spectrum(model, power):
    return np.log((np.exp(np.tensordot(CONTENT, model.basis, 1)) * power).sum(axis=0) + NOISE)


def test_a_gaussians_spectrum_gives_its_covariance_back(model):
    made = log_spectrum(model, model.gaussian(V, CONFIG.eta)[0])
    found = fit_gaussian(model, made, NOISE, CONFIG)
    np.testing.assert_allclose(found.v, V, atol=PULL)
    assert not found.deviations.any()


def test_deviating_cells_come_back_as_far_as_they_show(model):
    """In the baseband of |K|, that is: where a folded frequency hides under others no spectrum tells more."""
    made = log_spectrum(model, model.deviating(V, DEVIATIONS, CONFIG.eta / 2)[0])
    gaussian = fit_gaussian(model, made, NOISE, CONFIG)
    found = fit_cells(model, made, NOISE, gaussian, CONFIG)

    def transform(v, deviations):
        return np.sqrt(model.kernel_power(symmetric_kernel(v, deviations), 0.0)[0])

    true = transform(V, DEVIATIONS)
    missed = [np.abs(transform(f.v, f.deviations) - true).mean() for f in (gaussian, found)]
    assert missed[1] < 0.35 * missed[0]
    heavy = gaussian_pairs(V) > 0.005
    assert np.corrcoef(found.deviations[heavy], DEVIATIONS[heavy])[0, 1] > 0.4


def test_a_few_bright_lines_do_not_move_the_kernel(model):
    """A regular pattern shows as few cells of far too much power; as Gaussian errors they would count."""
    clean = log_spectrum(model, model.deviating(V, DEVIATIONS, CONFIG.eta / 2)[0])
    rough = clean + np.random.default_rng(5).normal(0, 0.2, len(clean))
    lines = rough.copy()
    lines[100:140] += 4.0
    fits = [
        fit_cells(model, made, NOISE, fit_gaussian(model, made, NOISE, CONFIG), config)
        for made, config in (
            (rough, CONFIG),
            (lines, CONFIG),
            (lines, FitConfig(freedom=1e6, tau_of_rms=0.0)),  # equal weights, as sure as the robust ones
        )
    ]
    rough_kernel, robust, plain = (symmetric_kernel(fit.v, fit.deviations) for fit in fits)
    assert np.abs(robust - rough_kernel).sum() < 0.5 * np.abs(plain - rough_kernel).sum()


def test_more_freedom_never_costs_more(model):
    made = log_spectrum(model, model.deviating(V, DEVIATIONS, CONFIG.eta / 2)[0])
    few, many = (fit_gaussian(model, made, NOISE, FitConfig(steps=n)).cost for n in (2, 15))
    assert many <= few


def test_a_given_kernel_leaves_content_alone_to_fit(model):
    power = model.gaussian(V, CONFIG.eta)[0]
    made = log_spectrum(model, power)
    initial = fit_gaussian(model, made, NOISE, CONFIG).content
    found = fit_content(model, made, NOISE, power, initial=initial, steps=15, config=CONFIG)
    np.testing.assert_allclose(found.log_power, made, atol=EXPLAINED)
    assert not found.v.any()
    assert not found.covariance.any()


def test_the_sensitivity_is_the_fits_answer_to_its_data():
    model = FoldedModel(32, ContentPrior(), **BAND)
    made = log_spectrum(model, model.gaussian(V, CONFIG.eta)[0])
    config = FitConfig(tolerance=0.0, steps=40)
    change = 0.05 * np.sin(np.arange(len(made)))
    first, second = (fit_gaussian(model, data, NOISE, config) for data in (made, made + change))
    np.testing.assert_allclose((first.sensitivity @ change)[:3], second.v - first.v, atol=SECOND_ORDER)
