"""What the fit of a log spectrum minimises: minus twice the log posterior, its slope and its curvature.

The model is :mod:`blindsr.spectral.model`'s; everything unknown has a Gaussian prior, and each cell of the
spectrum a weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from blindsr.spectral.cells import CROPPED, PAIRS, Taper, clamp
from blindsr.spectral.config import FitConfig
from blindsr.spectral.model import TINY, FoldedModel

Array = npt.NDArray[np.float64]
Noise = float | Array
"""Variance of white noise, or the power of coloured noise at each cell; the fits scale either one."""
Unknowns = Literal["content", "gaussian", "cells"]


@dataclass(frozen=True, eq=False)
class State:
    """The model at a point: cost, error (cells,), its jacobian (unknowns, cells), power (cells,)."""

    cost: float
    error: Array
    jacobian: Array
    total: Array


class Problem:
    """Minus twice the log posterior of content, V and deviations, as far as ``what`` goes."""

    def __init__(
        self,
        model: FoldedModel,
        log_power: Array,
        noise_variance: Noise,
        config: FitConfig,
        what: Unknowns,
        kernel_power: Array | None = None,
        weight: Array | None = None,
        taper: Taper = CROPPED,
    ) -> None:
        self.model, self.log_power, self.noise_variance = model, log_power, noise_variance
        self.config = config
        self.what, self.kernel_power, self.taper = what, kernel_power, taper
        self.weight = np.full(len(log_power), config.tau**-2) if weight is None else weight
        self.size = len(model.basis) + 1  # of content: its terms and the noise
        pairs = len(PAIRS)
        count = self.size + {"content": 0, "gaussian": 3, "cells": 3 + pairs}[what]
        width = config.variance_mean
        mean = np.concatenate([[0.0], model.prior.mean(), [0.0, width, width, 0.0], np.zeros(pairs)])
        precision = np.zeros((len(mean), len(mean)))  # the content's constant is free
        noise_place, v, cells = self.size - 1, self.size + 3, np.arange(self.size + 3, len(mean))
        precision[1:noise_place, 1:noise_place] = model.prior.precision()
        precision[noise_place, noise_place] = config.noise_std**-2
        precision[self.size : v, self.size : v] = config.variance_precision()
        precision[cells, cells] = 2 / config.eta  # the mean of a pair has half the variance of a cell
        self.mean, self.precision = mean[:count], precision[:count, :count]

    def kernel(self, unknowns: Array) -> tuple[Array, Array]:
        """|K|^2 (4, cells) and its derivative by the kernel's unknowns (n, 4, cells)."""
        model, eta = self.model, self.config.eta
        v, deviations = unknowns[self.size : self.size + 3], unknowns[self.size + 3 :]
        if self.kernel_power is not None:
            return self.kernel_power, np.zeros((0, *model.gy.shape))
        if self.what == "gaussian":
            return model.gaussian(v, eta, self.taper)
        return model.deviating(v, deviations, eta / 2, self.taper)  # what is left is the antisymmetric part's

    def state(self, unknowns: Array) -> State:
        """The model and its cost at a point."""
        model, content = self.model, unknowns[: self.size]
        power, slopes = self.kernel(unknowns)
        folded = np.exp(np.clip(np.tensordot(content[:-1], model.basis, 1), -80, 80)) * power
        floor = self.noise_variance * np.exp(np.clip(content[-1], -3, 3))
        total = folded.sum(axis=0) + floor + TINY
        shares = folded / total
        # d log(total) is that of the log of each fold, weighted by the folds' shares: the term by a content
        # term, d |K|^2 / |K|^2 by the kernel; by the log of the noise it is noise / total
        jacobian = np.concatenate(
            [
                (model.basis * shares).sum(axis=1),
                [floor / total],
                (slopes * (shares / (power + TINY))).sum(axis=1),
            ]
        )
        error, pull = self.log_power - np.log(total), unknowns - self.mean
        cost = float(self.weight @ error**2) + float(pull @ self.precision @ pull)
        return State(cost, error, jacobian, total)

    def normal(self, unknowns: Array, state: State) -> tuple[Array, Array]:
        """Half the Gauss-Newton Hessian (n, n) and half the downhill gradient (n,), priors included."""
        weighted = state.jacobian * self.weight
        hessian = weighted @ state.jacobian.T + self.precision
        return hessian, weighted @ state.error - self.precision @ (unknowns - self.mean)

    def inside(self, unknowns: Array) -> Array:
        """The unknowns, V and deviations brought back within their limits."""
        config, size, found = self.config, self.size, unknowns.copy()
        if self.what != "content":
            found[size : size + 3] = clamp(found[size : size + 3], config.variance_low, config.variance_high)
        found[size + 3 :] = np.clip(found[size + 3 :], -config.deviation_most, config.deviation_most)
        return found
