"""One kernel from the fits under several tapers of the Gaussian, averaged by their evidence.

Who made an image small, and so how a kernel's tail ends, is not known. A spectrum tells it from the width
only in part. The fits under all tapers (:class:`blindsr.spectral.cells.Taper`) are therefore averaged, each
with its posterior probability. By Laplace's approximation,

    P(taper | spectrum) ~ P(taper) exp(-(cost + log det H) / 2)

with H the curvature of half the cost at its minimum. All fits have the same unknowns, priors and weights of
the spectrum's cells, so that their costs can be compared. The kernels have one centre, so that the second
moments of their mean are the mean of their second moments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blindsr.spectral.cells import moments, symmetric_kernel
from blindsr.spectral.config import FitConfig
from blindsr.spectral.fit import Fit, fit_cells, fit_gaussian, fit_weighted
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.problem import Noise

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """Fits under different tapers and their posterior probabilities (fits,), which sum to 1."""

    fits: tuple[Fit, ...]
    probabilities: Array

    @classmethod
    def of(cls, fits: tuple[Fit, ...], config: FitConfig) -> Mixture:
        """The mixture of the fits under ``config.tapers``, in their order."""
        costs = np.array([fit.evidence_cost for fit in fits]) - 2 * np.log(config.taper_probabilities)
        likely = np.exp((costs.min() - costs) / 2)
        return cls(fits, likely / likely.sum())

    @property
    def best(self) -> Fit:
        """The most probable fit."""
        return self.fits[int(np.argmax(self.probabilities))]

    def kernel(self) -> Array:
        """The mean kernel (13, 13), sum 1, its own half turn."""
        kernels = [symmetric_kernel(fit.v, fit.deviations, fit.taper) for fit in self.fits]
        return np.asarray(np.tensordot(self.probabilities, np.stack(kernels), 1), dtype=np.float64)

    def moments(self) -> Array:
        """Second moments (yy, xx, xy) of the mean kernel, HR px^2."""
        return np.asarray(self.probabilities @ self._moments(), dtype=np.float64)

    def covariance(self, of_fit: Callable[[Fit], Array]) -> Array:
        """Covariance (3, 3) of the moments' errors: the mean of the fits' own, which ``of_fit`` tells, and
        the scatter of the fits' moments."""
        apart = self._moments() - self.moments()
        own = np.stack([of_fit(fit) for fit in self.fits])
        both = own + apart[:, :, None] * apart[:, None, :]
        return np.asarray(np.tensordot(self.probabilities, both, 1), dtype=np.float64)

    def _moments(self) -> Array:
        return np.stack([moments(fit.v, fit.deviations, fit.taper) for fit in self.fits])


def fit_gaussians(model: FoldedModel, log_power: Array, noise_variance: Noise, config: FitConfig) -> Mixture:
    """Fit content and V under each taper."""
    fits = [fit_gaussian(model, log_power, noise_variance, config, taper) for taper in config.tapers]
    return Mixture.of(tuple(fits), config)


def fit_deviating(
    model: FoldedModel, log_power: Array, noise_variance: Noise, gaussians: Mixture, config: FitConfig
) -> Mixture:
    """Let the pairs of cells deviate under each taper; the first taper's fit decides how far each cell of the
    spectrum is believed. Without rounds of weighing the Gaussians stay."""
    if not config.rounds:
        return gaussians
    first = fit_cells(model, log_power, noise_variance, gaussians.fits[0], config)
    others = [
        fit_weighted(model, log_power, noise_variance, first, config, weight=first.weight, taper=taper)
        for taper in config.tapers[1:]
    ]
    return Mixture.of((first, *others), config)
