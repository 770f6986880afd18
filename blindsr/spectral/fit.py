"""The fit of content and kernel to an LR image's log spectrum (:mod:`blindsr.spectral.model`).

Levenberg-Marquardt with Gaussian priors on everything: content terms, noise, V, the cells' deviations.
Three fits share the code: a kernel that is given (content alone is fitted), a Gaussian (and V), and a
Gaussian whose cells deviate in pairs (and V, and 72 deviations). The latter two hold for one taper of the
Gaussian; :mod:`blindsr.spectral.mixture` compares the fits under several.

How far a cell of the spectrum may be believed: ``tau``, the deviation of its log power, is above the
periodogram's own because neighbouring cells err together. The first two fits have a fixed one, so that
their costs can be compared. The third takes it from its own residual, ``tau_of_rms`` times as large, and
weighs the cells as a Student distribution does: regular lines and grids, which no photograph's prior
expects, stand out of the residual and are not explained by the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blindsr.spectral.cells import CROPPED, PAIRS, Taper
from blindsr.spectral.config import FitConfig
from blindsr.spectral.model import TINY, FoldedModel
from blindsr.spectral.problem import Noise, Problem, State

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found.

    content (17,): the prior's 16 terms and log of the noise against its reading. v (3,), HR px^2.
    deviations (72,), of each pair of cells. taper: of the Gaussian. cost: minus twice the log posterior, up
    to a constant. evidence_cost: minus twice the log of the taper's marginal likelihood (Laplace), up to a
    constant. covariance (75, 75) of v and deviations as the curvature says; sensitivity (75, cells): how they
    answer to a change of each cell's log power. log_power (cells,): the model's; weight (cells,): how far it
    was believed. What was not fitted is 0.
    """

    content: Array
    v: Array
    deviations: Array
    taper: Taper
    cost: float
    evidence_cost: float
    covariance: Array
    sensitivity: Array
    log_power: Array
    weight: Array


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
    return _solve(Problem(model, log_power, noise_variance, config, "content", kernel_power), initial, steps)


def fit_gaussian(
    model: FoldedModel,
    log_power: Array,
    noise_variance: Noise,
    config: FitConfig,
    taper: Taper = CROPPED,
) -> Fit:
    """Fit content and V. Never raises on finite input; the cost never rises."""
    problem = Problem(model, log_power, noise_variance, config, "gaussian", taper=taper)
    start = problem.mean.copy()
    start[0] = np.clip(np.median(problem.state(start).error), -40, 40)
    return _solve(problem, start, config.steps)


def fit_cells(
    model: FoldedModel, log_power: Array, noise_variance: Noise, gaussian: Fit, config: FitConfig
) -> Fit:
    """Fit content, V and the deviation of each pair of cells, starting from the Gaussian fit, under its
    taper."""
    fit, error = gaussian, log_power - gaussian.log_power
    for _ in range(config.rounds):
        rms = max(float(np.sqrt(np.mean(error**2))), TINY)
        tau = max(config.tau_of_rms * rms, config.tau_least)
        student = (config.freedom + 1) / (config.freedom + (error / rms) ** 2)
        weight = student / tau**2
        fit = fit_weighted(model, log_power, noise_variance, fit, config, weight=weight, taper=fit.taper)
        error = log_power - fit.log_power
    return fit


def fit_weighted(
    model: FoldedModel,
    log_power: Array,
    noise_variance: Noise,
    initial: Fit,
    config: FitConfig,
    *,
    weight: Array,
    taper: Taper,
) -> Fit:
    """The same with given weights (cells,) and taper, starting from another fit."""
    problem = Problem(model, log_power, noise_variance, config, "cells", weight=weight, taper=taper)
    start = np.concatenate([initial.content, initial.v, initial.deviations])
    return _solve(problem, start, config.steps)


def _solve(problem: Problem, start: Array, steps: int) -> Fit:
    """The minimum near ``start`` and its uncertainty.

    With J the model's jacobian, W the cells' weights and H half the cost's curvature at the minimum, the
    unknowns' covariance is H^(-1), and they answer to a change of the log spectrum by H^(-1) J W.

    Args:
        problem: what is minimised.
        start: the unknowns (n,) to begin with.
        steps: at most so many.

    Returns:
        The fit; V, deviations and what belongs to them are 0 where they were not fitted.
    """
    unknowns, state = _descend(problem, start, steps)
    size, pairs = problem.size, len(PAIRS)
    free = len(unknowns) - size
    covariance, sensitivity = np.zeros((3 + pairs, 3 + pairs)), np.zeros((3 + pairs, len(state.error)))
    shape, evidence_cost = np.zeros(3 + pairs), state.cost
    if free:
        hessian, _ = problem.normal(unknowns, state)
        evidence_cost += float(np.linalg.slogdet(hessian)[1])
        inverse = np.linalg.inv(hessian + 1e-9 * np.eye(len(hessian)))[size:]
        covariance[:free, :free] = inverse[:, size:]
        sensitivity[:free] = inverse @ (state.jacobian * problem.weight)
        shape[:free] = unknowns[size:]
    return Fit(
        content=unknowns[:size],
        v=shape[:3],
        deviations=shape[3:],
        taper=problem.taper,
        cost=state.cost,
        evidence_cost=evidence_cost,
        covariance=covariance,
        sensitivity=sensitivity,
        log_power=np.log(state.total),
        weight=problem.weight,
    )


def _descend(problem: Problem, unknowns: Array, steps: int) -> tuple[Array, State]:
    """Levenberg-Marquardt: at most so many steps, none of them uphill.

    The damping, a share of H's diagonal, grows eightfold after each try that would go uphill and falls to a
    fifth after each step; six such tries in a row end the descent.

    Not scipy.optimize.least_squares: it comes to the same kernels (cells within 2e-3 of one another in sum on
    twelve photographs) in twice the time, as it knows no limits that depend on one another.
    """
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
