"""Numbers of the spectral estimate: what is refused, and the prior of the variances."""

import numpy as np
import pytest

from blindsr.spectral.config import FitConfig, SpectralConfig, WelchConfig
from srbase.errors import InputError


@pytest.mark.parametrize(
    "wrong", [{"window": 15}, {"hop": 0}, {"hop": 65}, {"kept": 0.0}, {"mean_power": 1.1}]
)
def test_windows_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))}"):
        WelchConfig(**wrong)


def test_the_prior_of_the_variances_has_the_stated_spreads():
    """Of half the trace, half the difference, and the mixed moment."""
    config = FitConfig()
    covariance = np.linalg.inv(config.variance_precision())
    directions = np.array([[0.5, 0.5, 0.0], [0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    spreads = np.sqrt(np.diag(directions @ covariance @ directions.T))
    np.testing.assert_allclose(spreads, [config.trace_std, config.anisotropy_std, config.anisotropy_std])


def test_a_window_is_the_least_that_is_needed():
    assert SpectralConfig().smallest_image == SpectralConfig().welch.window == 64
