r"""The restoration of least expected error, given what a picture shows.

A restoration is bicubic interpolation B and a combination of deviations from it,

    B + sum_j z_j D_j + k (K - B) + c (C - B)

with D_j a few symmetric filters (:mod:`blindsr.restoration.filter_bank`), K the inverse of the kernel that
the spectrum shows, and C the inverse of a camera. On a picture whose truth is known, the squared error over
that of bicubic interpolation is a quadratic of all weights z, 1 - 2 b z + z A z. A and b of pictures made in
many ways are the whole experience; no picture is kept, and no network.

For a new picture, the features (:mod:`blindsr.analysis.features`) give a place: what a ridge regression
expects of the filters, log odds that the kernel's inverse is the best candidate, the same of the camera's,
log odds of causes that look alike and need opposite filters (it was sharpened; it is aliased; a program drew
letters or lines), and whether the picture was enlarged before. Pictures that look alike lie near one
another, so that w_i = p_i exp(-|u - u_i|^2), normalised, is the probability that it was made as the i-th was;
where too few are near, all distances count less (`posterior`).
Then

    z minimises   sum_i w_i (1 + r [z loses on i]) 10 log10(1 - 2 b_i z + z A_i z)

the expected loss in dB, with losses counted 1 + r times. By logarithms no single catastrophe rules the mean.
It is solved by reweighting: the logarithm's tangent at the last z makes it a sum of quadratics. Doubt leads
to doing little: z goes as far as what agrees among the pictures that look like this one.

The experience is kept as prototypes: groups of pictures with the mean A and b of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from blindsr.restoration import filter_bank
from blindsr.restoration.config import ExpectedLossConfig
from blindsr.spectral.estimate import GAUSSIAN, SpectralEstimate
from srbase.errors import InputError

Array = npt.NDArray[np.float64]
Upscale = Callable[[torch.Tensor], torch.Tensor]
"""LR planes (N, h, w) to (N, s*h, s*w), not clipped."""

ASSET: Final = "experience_x{scale}.npz"
"""The learned numbers of a scale, beside this module; ``make everyday-filter`` writes them."""
NUMBERS: Final = (
    "mean", "deviation", "projection", "gates", "axes", "centres", "log_weights", "cross", "usual", "basis",
)  # fmt: skip
"""Arrays of an `Experience` that are stored as they are."""
BEND: Final = 0.5
"""Standard deviations beyond which features count a second time, on either side."""
MOST_ODDS: Final = 6.0
"""Log odds that are told apart."""
RESAMPLED: Final = (2.3, 0.3)
"""Middle and width of the peak (ln over the median) from which a picture counts as enlarged before."""
SMOOTH: Final = -8.5
"""ln of the power in ring 12 under which a period of two pixels tells an enlargement; above, a mosaic."""
SHAPES: Final = ("bicubic", "disc", "box", "motion")
"""Kernel families whose evidence is a feature."""
BISECTIONS: Final = 30
"""Of the posterior's width: to a billionth."""
LEAST: Final = 1e-3
"""Least relative error that is told apart: 30 dB."""


@dataclass(frozen=True, eq=False)
class Experience:
    """What was learned for one scale.

    names (n,): of the features. mean, deviation (n,): of each. projection (3 n + 1, q): from `inputs_of` the
    features to the filters' part of a place. gates (3 n + 1, g): from the same to log odds, of the kernel's
    inverse, of the camera's and of each cause. axes (g + 1,): how much the log odds and a former enlargement
    count in a place. centres (p, q + g + 1), log_weights (p,): of the prototypes. gram (p, m, m), cross
    (p, m): A and b.
    usual (m, m): the pictures' mean A. basis (count, m - 2): the filters D_j as coefficients of the
    deviations.
    """

    scale: int
    names: tuple[str, ...]
    mean: Array
    deviation: Array
    projection: Array
    gates: Array
    axes: Array
    centres: Array
    log_weights: Array
    gram: Array
    cross: Array
    usual: Array
    basis: Array

    @staticmethod
    def read(path: Path) -> Experience:
        """Read the file that `write` made. Raises InputError where it holds something else."""
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name] for name in data.files}
            upper = np.triu_indices(arrays["cross"].shape[1])
            gram = np.zeros((len(arrays["cross"]), *arrays["usual"].shape))
            gram[:, upper[0], upper[1]] = arrays["gram"]
            gram[:, upper[1], upper[0]] = arrays["gram"]
            numbers = {name: arrays[name].astype(np.float64) for name in NUMBERS}
            return Experience(
                scale=int(arrays["scale"]),
                names=tuple(str(name) for name in arrays["names"]),
                gram=gram,
                **numbers,
            )
        except (OSError, KeyError, ValueError, IndexError) as error:
            raise InputError(
                f"{path} holds no experience ({error}); wanted one of everyday-filter"
            ) from error

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """As arrays of single precision, A by its upper half, for ``numpy.savez``."""
        upper = np.triu_indices(self.gram.shape[1])
        found: dict[str, npt.NDArray[np.generic]] = {
            "scale": np.array(self.scale),
            "names": np.array(self.names),
            "gram": self.gram[:, upper[0], upper[1]].astype(np.float32),
        }
        for name in NUMBERS:
            found[name] = getattr(self, name).astype(np.float32)
        return found


@dataclass(frozen=True, eq=False)
class Combination:
    """How a picture is restored, and what that is worth.

    filter (count,): coefficients of the filter's deviations. kernel, camera: weights of K and C. gain:
    expected dB over bicubic interpolation, None where it was not estimated. deviation: its standard
    deviation, dB. reliance: 1 for a picture like those that were learned from, 0 for one that is like none:
    then all weights are 0. beyond: share of the features beyond their limit. slack: ranges by which a value
    may lie outside that of the 3x3 LR pixels.
    """

    scale: int
    filter: Array
    kernel: float
    camera: float
    gain: float | None
    deviation: float | None
    reliance: float
    beyond: float
    slack: float


@lru_cache(maxsize=2)
def experience(scale: int) -> Experience:
    """The experience that the package carries. Raises InputError for another scale than 2 or 4."""
    name = ASSET.format(scale=scale)
    with resources.as_file(resources.files("blindsr.restoration") / "assets" / name) as path:
        if not path.is_file():
            raise InputError(f"scale is {scale}; wanted 2 or 4")
        return Experience.read(path)


def kernel_features(estimate: SpectralEstimate) -> dict[str, float]:
    """Features of the spectral estimate of the kernel.

    Args:
        estimate: of the picture.

    Returns:
        By name: ln of the smaller and the larger variance (HR px^2) and of their ratio, ln(1 + squared
        distance from round in standard errors), the fit's misfit, ln of the deviation of half the trace, and
        the log odds of the shapes.
    """
    small, large = (max(float(v), 0.05) for v in np.linalg.eigvalsh(estimate.covariance))
    half = np.array([0.5, 0.5, 0.0])
    spread = float(np.sqrt(half @ estimate.posterior @ half))
    to_shape = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    errors = to_shape @ estimate.posterior @ to_shape.T + 0.02 * np.eye(2)
    shape = to_shape @ np.array(
        [estimate.covariance[0, 0], estimate.covariance[1, 1], estimate.covariance[0, 1]]
    )
    found = {
        "kernel.narrow": float(np.log(small)),
        "kernel.wide": float(np.log(large)),
        "kernel.round": float(np.log1p(min(float(shape @ np.linalg.solve(errors, shape)), 50.0))),
        "kernel.shape": float(np.log(large / small)),
        "kernel.misfit": estimate.misfit,
        "kernel.spread": float(np.log(max(spread, 1e-3))),
        "kernel.gaussian": float(estimate.family == GAUSSIAN),
        "kernel.noise": float(np.log(max(estimate.noise_variance, 1e-9))),
    }
    for name in SHAPES:
        found[f"kernel.{name}"] = float(np.clip(estimate.evidence.get(name, -10.0), -10.0, 10.0))
    return found


def kernel_alone(scale: int) -> Combination:
    """The combination that inverts the kernel and nothing else: for a picture that is known to be downscaled
    by it."""
    return Combination(
        scale=scale,
        filter=np.zeros(filter_bank.count(scale)),
        kernel=1.0,
        camera=0.0,
        gain=None,
        deviation=None,
        reliance=1.0,
        beyond=0.0,
        slack=float("inf"),
    )


def bicubic_alone(scale: int) -> Combination:
    """The combination that is bicubic interpolation: for a picture that shows nothing of its kernel."""
    return replace(kernel_alone(scale), kernel=0.0, gain=0.0, deviation=0.0, reliance=0.0)


def combine(
    known: Experience,
    features: Mapping[str, float],
    config: ExpectedLossConfig,
    *,
    kernel_allowed: bool = True,
) -> Combination:
    """The combination of least expected error for a picture.

    Args:
        known: what was learned.
        features: of the picture and of its kernel, by name; those that are missing or NaN count as usual.
        config: numbers of the rule.
        kernel_allowed: whether the kernel's inverse may be part of it; not for a picture that is known to be
            as a camera took it.

    Returns:
        The combination. Deterministic.
    """
    raw = np.array([[features.get(name, np.nan) for name in known.names]])
    standard = standardised(raw, known.mean, known.deviation)
    beyond = float((np.abs(standard) > config.limit).mean())
    clipped = np.clip(standard, -config.limit, config.limit)
    place = placed(clipped, upscaling_evidence(raw, known.names), known)[0]
    squared = ((place - known.centres) ** 2).sum(axis=1)
    weights = posterior(known.log_weights, squared, config.least_groups)
    z = solve(known.gram, known.cross, known.usual, weights, config, allowed=np.array([kernel_allowed, True]))
    allowed = z[-2:] >= config.least
    if not allowed.all():
        z = solve(known.gram, known.cross, known.usual, weights, config, allowed=allowed)
    gains = -10 * np.log10(relative_error(known.gram, known.cross, z))
    gain = float(weights @ gains)
    deviation = float(np.sqrt(weights @ (gains - gain) ** 2))
    low, high = config.beyond
    reliance = float(np.clip((high - beyond) / (high - low), 0.0, 1.0))
    z = reliance * z
    kernel, camera = (float(weight) for weight in z[-2:])
    return Combination(
        scale=known.scale,
        filter=config.shrinkage * known.basis @ z[:-2],
        kernel=kernel,
        camera=camera,
        gain=reliance * gain,
        deviation=reliance * deviation,
        reliance=reliance,
        beyond=beyond,
        slack=config.slack + config.slack_kernel * kernel + config.slack_camera * camera,
    )


def posterior(log_prior: Array, squared: Array, least: float) -> Array:
    """Probabilities (p,) of the prototypes, p_i exp(-t |u - u_i|^2) normalised, with t at most 1.

    Far from all prototypes the nearest one alone would count, however far it is. So t is lowered, and the
    posterior widens, until as many count as ``least`` equal ones: exp of the entropy.

    Args:
        log_prior: ln p_i (p,).
        squared: distances |u - u_i|^2 (p,).
        least: how many prototypes count at least; 0: any number.
    """
    found = normalised(log_prior - squared)
    if _number(found) >= least:
        return found
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _number(normalised(log_prior - middle * squared)) < least:
            high = middle
        else:
            low = middle
    return normalised(log_prior - low * squared)


def _number(weights: Array) -> float:
    """How many equal probabilities have the entropy of these."""
    return float(np.exp(-(weights * np.log(np.maximum(weights, np.finfo(float).tiny))).sum()))


def normalised(logs: Array) -> Array:
    """Exp of the logarithms (..., p), over their sum along the last axis."""
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def standardised(raw: Array, mean: Array, deviation: Array) -> Array:
    """Features (..., n) in standard deviations; those that are missing (NaN) are 0."""
    return np.nan_to_num((raw - mean) / deviation, nan=0.0, posinf=1e3, neginf=-1e3)


def upscaling_evidence(raw: Array, names: Sequence[str]) -> Array:
    """-1 to 1 (pictures,): whether pictures were enlarged before, from their features (pictures, n)."""
    peak, half, power = (raw[:, names.index(name)] for name in ("resampled", "resampled.half", "power.12"))
    shown = np.fmax(peak, np.where(power < SMOOTH, half, 0.0))
    return np.asarray(np.clip(np.nan_to_num((shown - RESAMPLED[0]) / RESAMPLED[1], nan=-1.0), -1.0, 1.0))


def inputs_of(standard: Array) -> Array:
    """Inputs (pictures, 1 + 3 n) of the maps to a place: 1, the features (pictures, n), and again what of
    them is beyond `BEND` on either side, so that a feature may count otherwise where it is unusual."""
    one = np.ones((len(standard), 1))
    return np.concatenate(
        [one, standard, np.maximum(standard - BEND, 0), np.maximum(-standard - BEND, 0)], axis=1
    )


def placed(standard: Array, before: Array, known: Experience) -> Array:
    """Places (pictures, q + g + 1) of clipped features (pictures, n); ``before`` from `enlarged`."""
    inputs = inputs_of(standard)
    odds = np.clip(inputs @ known.gates, -MOST_ODDS, MOST_ODDS)
    further = np.concatenate([odds, before[:, None]], axis=1) * known.axes
    return np.concatenate([inputs @ known.projection, further], axis=1)


def relative_error(gram: Array, cross: Array, z: Array) -> Array:
    """Squared error (p,) of a combination z (m,) over bicubic interpolation's, at least `LEAST`."""
    return np.asarray(np.maximum(1 - 2 * cross @ z + ((z @ gram) * z).sum(axis=-1), LEAST))


def solve(
    gram: Array,
    cross: Array,
    usual: Array,
    weights: Array,
    config: ExpectedLossConfig,
    *,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """The weights z of least expected loss in dB; those of the two inverses are within 0..1.

    The loss has more than one minimum. It is descended from the least mean error, and from either inverse
    alone; the best end is taken.

    Args:
        gram: A of the pictures, (p, m, m).
        cross: b, (p, m).
        usual: the mean A, a little of which is added, (m, m).
        weights: probabilities of the pictures, (p,).
        config: numbers of the rule.
        allowed: (2,), whether the kernel's and the camera's inverse may have a weight; None: both.

    Returns:
        (m,).
    """
    whole = cross.shape[1]
    used = np.ones(whole, dtype=bool)
    if allowed is not None:
        used[-2:] = allowed
        gram, cross, usual = gram[:, used][:, :, used], cross[:, used], usual[np.ix_(used, used)]
    m, inverses = cross.shape[1], int(used[-2:].sum())
    flat = gram.reshape(len(gram), -1)

    def minimum(shares: Array) -> Array:
        shares = shares / shares.sum()
        return _bounded_minimum(
            (shares @ flat).reshape(m, m) + config.prior * usual, shares @ cross, inverses
        )

    def descended(z: Array) -> Array:
        for _ in range(config.steps):
            error = relative_error(gram, cross, z)
            losing = 1 / (1 + np.exp(np.clip((1 - error) / config.width, -50, 50)))
            z = minimum(weights / np.maximum(error, config.floor) * (1 + config.risk * losing))
        return z

    def worth(z: Array) -> float:
        gains = -10 * np.log10(relative_error(gram, cross, z))
        return float(weights @ (gains + config.risk * np.minimum(gains, 0)))

    energy = np.diagonal(gram, axis1=1, axis2=2).max(axis=1)
    even = weights / np.maximum(1, energy / np.quantile(energy, 0.7))
    starts = [minimum(even), *np.eye(m)[m - inverses :]]
    found = np.zeros(whole)
    found[used] = max((descended(z) for z in starts), key=worth)
    return found


def _bounded_minimum(gram: Array, cross: Array, bounded: int) -> Array:
    """The z (m,) that minimises z A z - 2 b z, its last ``bounded`` entries within 0..1.

    The minimum over the box has each bounded entry free or on one of its bounds, so each of the 3^bounded
    choices is solved for the free entries; of those within the box the one of least value is the minimum.

    Args:
        gram: A, positive definite, (m, m).
        cross: b, (m,).
        bounded: how many entries, the last ones, have bounds: 0 to 2.
    """
    z = np.linalg.solve(gram, cross)
    first = len(z) - bounded
    if ((z[first:] >= 0) & (z[first:] <= 1)).all():
        return np.asarray(z)
    best, least = np.asarray(z, dtype=np.float64), np.inf
    for held in product((None, 0.0, 1.0), repeat=bounded):
        fixed = np.array([first + i for i, value in enumerate(held) if value is not None], dtype=int)
        free = np.setdiff1d(np.arange(len(z)), fixed)
        tried = np.empty(len(z))
        tried[fixed] = [value for value in held if value is not None]
        right = cross[free] - gram[np.ix_(free, fixed)] @ tried[fixed]
        tried[free] = np.linalg.solve(gram[np.ix_(free, free)], right)
        inside = ((tried[first:] >= 0) & (tried[first:] <= 1)).all()
        value = float(tried @ gram @ tried - 2 * cross @ tried)
        if inside and value < least:
            best, least = tried, value
    return best
