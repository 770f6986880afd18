"""The fit of content and kernel to an LR image's log spectrum (:mod:`kernelgan.spectral.model`).

Levenberg-Marquardt with Gaussian priors on everything: content terms, noise, V, the cells' deviations.
Three fits share the code: a kernel that is given (content alone is fitted), a Gaussian (and V), and a
Gaussian whose cells deviate in pairs (and V, and 72 deviations).

How far a cell of the spectrum may be believed: ``tau``, the deviation of its log power, is above the
periodogram's own because neighbouring cells err together. The first two fits have a fixed one, so that
their costs can be compared. The third takes it from its own residual, ``tau_of_rms`` times as large, and
weighs the cells as a Student distribution does: regular lines and grids, which no photograph's prior
expects, stand out of the residual and are not explained by the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from kernelgan.spectral.cells import PAIRS, clamp
from kernelgan.spectral.config import FitConfig
from kernelgan.spectral.model import TINY, FoldedModel

Array = npt.NDArray[np.float64]
Unknowns = Literal["content", "gaussian", "cells"]
Noise = float | Array
"""Variance of white noise, or the power of coloured noise at each cell; the fits scale either one."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found.

    content (17,): the prior's 16 terms and log of the noise against its reading. v (3,), HR px^2.
    deviations (72,), of each pair of cells. cost: minus twice the log posterior, up to a constant.
    covariance (75, 75) of v and deviations as the curvature says; sensitivity (75, cells): how they
    answer to a change of each cell's log power. log_power (cells,): the model's. What was not fitted is 0.
    """

    content: Array
    v: Array
    deviations: Array
    cost: float
    covariance: Array
    sensitivity: Array
    log_power: Array


def fit_content(
    model: FoldedModel,
    log_power: Array,
    noise_variance: Noise,
    kernel_power: Array,
    *,
    initial: Array,
    steps: int,
    config: FitConfig,
) -> Fit:
    """Fit content alone to the log spectrum (cells,) under a kernel's power (4, cells).

    initial: (17,), where the fit begins.
    """
    return _solve(_Problem(model, log_power, noise_variance, config, "content", kernel_power), initial, steps)


def fit_gaussian(model: FoldedModel, log_power: Array, noise_variance: Noise, config: FitConfig) -> Fit:
    """Fit content and V. Never raises on finite input; the cost never rises."""
    problem = _Problem(model, log_power, noise_variance, config, "gaussian")
    start = problem.mean.copy()
    start[0] = np.clip(np.median(problem.state(start).error), -40, 40)
    return _solve(problem, start, config.steps)


def fit_cells(
    model: FoldedModel, log_power: Array, noise_variance: Noise, gaussian: Fit, config: FitConfig
) -> Fit:
    """Fit content, V and the deviation of each pair of cells, starting from the Gaussian fit."""
    fit, error = gaussian, log_power - gaussian.log_power
    for _ in range(config.rounds):
        rms = max(float(np.sqrt(np.mean(error**2))), TINY)
        tau = max(config.tau_of_rms * rms, config.tau_least)
        student = (config.freedom + 1) / (config.freedom + (error / rms) ** 2)
        problem = _Problem(model, log_power, noise_variance, config, "cells", weight=student / tau**2)
        fit = _solve(problem, np.concatenate([fit.content, fit.v, fit.deviations]), config.steps)
        error = log_power - fit.log_power
    return fit


@dataclass(frozen=True, eq=False)
class _State:
    """The model at a point: cost, error (cells,), its jacobian (unknowns, cells), power (cells,)."""

    cost: float
    error: Array
    jacobian: Array
    total: Array


class _Problem:
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
    ) -> None:
        self.model, self.log_power, self.noise_variance, self.config = (
            model,
            log_power,
            noise_variance,
            config,
        )
        self.what, self.kernel_power = what, kernel_power
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
            return model.gaussian(v, eta)
        return model.deviating(v, deviations, eta / 2)  # what is left is the odd half's

    def state(self, unknowns: Array) -> _State:
        """The model and its cost at a point."""
        model, content = self.model, unknowns[: self.size]
        power, slopes = self.kernel(unknowns)
        folded = np.exp(np.clip(np.tensordot(content[:-1], model.basis, 1), -80, 80)) * power
        floor = self.noise_variance * np.exp(np.clip(content[-1], -3, 3))
        total = folded.sum(axis=0) + floor + TINY
        shares = folded / total
        jacobian = np.concatenate(
            [
                (model.basis * shares).sum(axis=1),
                [floor / total],
                (slopes * (shares / (power + TINY))).sum(axis=1),
            ]
        )
        error, pull = self.log_power - np.log(total), unknowns - self.mean
        cost = float(self.weight @ error**2) + float(pull @ self.precision @ pull)
        return _State(cost, error, jacobian, total)

    def normal(self, unknowns: Array, state: _State) -> tuple[Array, Array]:
        """Half the Gauss-Newton Hessian and the downhill gradient, priors included."""
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


def _solve(problem: _Problem, start: Array, steps: int) -> Fit:
    """The minimum near ``start`` and its uncertainty."""
    unknowns, state = _descend(problem, start, steps)
    size, pairs = problem.size, len(PAIRS)
    free = len(unknowns) - size
    covariance, sensitivity = np.zeros((3 + pairs, 3 + pairs)), np.zeros((3 + pairs, len(state.error)))
    shape = np.zeros(3 + pairs)
    if free:
        hessian, _ = problem.normal(unknowns, state)
        inverse = np.linalg.inv(hessian + 1e-9 * np.eye(len(hessian)))[size:]
        covariance[:free, :free] = inverse[:, size:]
        sensitivity[:free] = inverse @ (state.jacobian * problem.weight)
        shape[:free] = unknowns[size:]
    return Fit(
        unknowns[:size], shape[:3], shape[3:], state.cost, covariance, sensitivity, np.log(state.total)
    )


def _descend(problem: _Problem, unknowns: Array, steps: int) -> tuple[Array, _State]:
    """Levenberg-Marquardt: at most so many steps, none of them uphill."""
    state, damping = problem.state(unknowns), 1e-2
    for _ in range(steps):
        hessian, gradient = problem.normal(unknowns, state)
        for _ in range(6):
            damped = hessian + np.diag(damping * np.diag(hessian) + 1e-9)
            moved = problem.inside(unknowns + np.linalg.solve(damped, gradient))
            new = problem.state(moved)
            if new.cost <= state.cost:
                break
            damping = max(damping, 1e-3) * 8
        else:
            break
        settled = state.cost - new.cost <= problem.config.tolerance * max(state.cost, 1.0)
        unknowns, state = moved, new
        damping /= 5
        if settled:
            break
    return unknowns, state
