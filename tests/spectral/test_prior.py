"""The prior: a basis without a sign, a covariance that is one."""

import numpy as np
import pytest

from blindsr.spectral.prior import ContentPrior, content_basis
from srbase.errors import InputError

EXACT = 1e-12  # float64 rounding of a few products


def test_basis_shape_and_evenness():
    gy, gx = np.array([0.1, 0.2]), np.array([0.05, -0.3])
    basis = content_basis(gy, gx, 0.1)
    assert basis.shape == (16, 2)
    np.testing.assert_allclose(basis, content_basis(-gy, -gx, 0.1), atol=EXACT)


def test_at_the_pivot_only_level_direction_and_blur_remain():
    basis = content_basis(np.array([0.0]), np.array([0.1]), 0.1)[:, 0]
    assert basis[0] == 1
    np.testing.assert_allclose(basis[1:3], 0, atol=EXACT)
    assert basis[3] == pytest.approx(-((2 * np.pi * 0.1) ** 2))


def test_the_precision_is_the_inverse_of_the_stated_spreads():
    prior = ContentPrior()
    covariance = np.linalg.inv(prior.precision())
    assert covariance.shape == (15, 15)
    assert np.linalg.eigvalsh(covariance).min() > 0
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), prior.radial_std + prior.harmonic_std)
    alpha, beta = prior.radial_std[:2]
    assert covariance[0, 1] / (alpha * beta) == pytest.approx(prior.radial_correlation[0])
    assert prior.mean().tolist() == [*prior.radial_mean, *prior.harmonic_mean]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"harmonic_mean": (0.0,) * 11}, "11 harmonic means and 12 spreads; wanted 12 each"),
        ({"harmonic_std": (0.1,) * 13}, "12 harmonic means and 13 spreads"),
        ({"radial_std": (0.6, 0.0, 0.2)}, "a spread of 0 or less"),
    ],
)
def test_a_prior_that_is_none_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        ContentPrior(**wrong)
