"""From statistics of many pictures to the experience that the program carries.

1. *Principal filters.* The deviations that help the pictures, each its own, in a few directions.
2. *Map of the filters.* Ridge regression from features, bent once, to weights, on the squared error itself.
3. *Log odds.* Logistic regressions from the same to whether the kernel's inverse (the camera's) is the best
   candidate, where a picture counts by the dB at stake, and to what was done to the picture, where that is
   known: causes that look alike and need opposite filters.
4. *Places.* A picture's own place comes from maps that were fitted without its photograph, as a new picture's
   does: places of pictures that a map was fitted to would lie too near their truth.
5. *Prototypes.* Places are grouped by k-means; each group keeps its mean A and b.

There is no gradient descent on the gain and no network: maps so learned had more gain on the photographs that
they knew, and up to 20 kinds of loss on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from blindsr.restoration import filter_bank
from blindsr.restoration.config import ExpectedLossConfig
from blindsr.restoration.expected_loss import (
    LEAST,
    MOST_ODDS,
    Combination,
    Experience,
    combine,
    inputs_of,
    standardised,
    upscaling_evidence,
)
from development.everyday_statistics import Statistics

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

INVERSES: Final = 2
"""Candidates after the filters: the kernel's inverse, the camera's."""
TINY: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class LearningConfig:
    """Numbers of the learning."""

    filters: int = 8  # principal deviations that are kept
    ridge: float = 1.0  # of the filters' map, over the mean energy
    width: float = 0.22  # of the posterior in the filters' part of a place, over the places' deviation
    odds: tuple[float, float] = (1.0, 0.6)  # how much the log odds of the two inverses count in a place
    cause: float = 0.35  # the same of the log odds of each cause
    enlarged: float = 4.0  # the same of a former enlargement, from -1 to 1
    penalty: float = 0.003  # on the logistic regression's squared weights, a picture
    stake: float = 3.0  # dB: a picture counts in the logistic regression by what is at stake, at most this
    inner: int = 5  # folds of the places
    newton: int = 25  # steps of the logistic regression
    prototypes: int = 1100
    rounds: int = 25  # of k-means


@dataclass(frozen=True, eq=False)
class Trained:
    """Pictures that a rule was learned from: weight, photograph, place and quadratic of each."""

    experience: Experience  # with every picture as its own prototype
    photographs: npt.NDArray[np.str_]


def learn(
    pictures: Sequence[Statistics],
    photographs: Sequence[str],
    weights: Array,
    causes: Array,
    scale: int,
    config: LearningConfig,
) -> Trained:
    """Learn a rule that keeps every picture; `grouped` makes it small.

    Args:
        pictures: statistics (n).
        photographs: names (n); what comes from one photograph never votes on it.
        weights: how often each picture counts (n,).
        causes: whether each cause acted on each picture (n, causes): 1, 0, or NaN where it is not known.
        scale: 2 or 4.
        config: numbers of the learning.

    Returns:
        The rule. Deterministic.
    """
    gram = np.stack([one.gram for one in pictures])
    cross = np.stack([one.cross for one in pictures])
    basis = principal(gram, cross, weights, filter_bank.count(scale), config)
    gram, cross = in_basis(gram, cross, basis)
    names, filters = np.array(photographs), config.filters
    raw = np.stack([one.features for one in pictures])
    mean, deviation = _standard(raw)
    limit = ExpectedLossConfig().limit
    inputs = inputs_of(np.clip(standardised(raw, mean, deviation), -limit, limit))
    even = weights * _evenly(gram[:, :filters, :filters], 0.5)
    usual = np.einsum("n,nij->ij", even, gram) / even.sum()
    small = (gram[:, :filters, :filters], cross[:, :filters])
    own = usual[:filters, :filters]

    def filters_map(chosen: Mask) -> Array:
        return _ridge(inputs[chosen], small[0][chosen], small[1][chosen], even[chosen], own, config)

    fold = folds(photographs, config.inner, mixed=True)
    expected = np.zeros((len(names), filters))
    for i in range(config.inner):
        expected[fold == i] = inputs[fold == i] @ filters_map(fold != i)
    metric = np.linalg.cholesky(own + TINY * np.eye(filters))
    places = expected @ metric
    metric /= np.sqrt(places.var(axis=0).sum()) * config.width
    by_filters = np.maximum(_gains(*small, expected), 0)
    by_inverse = [_gains(gram, cross, np.tile(z, (len(names), 1))) for z in np.eye(filters + INVERSES)[-2:]]
    questions: list[tuple[Mask, Array]] = []  # whether it is so, and how much each picture counts
    for mine, other in (by_inverse, by_inverse[::-1]):
        ahead = mine - np.maximum(by_filters, other)
        questions.append((ahead > 0, weights * np.minimum(np.abs(ahead), config.stake) + 1e-3))
    questions += [(cause == 1, _rare_counts(cause)) for cause in causes.T]
    gates, odds = [], []
    for answers, counts in questions:
        gates.append(_logistic(inputs, answers, counts, config))
        crossed = np.zeros(len(names))
        for i in range(config.inner):
            rest = fold != i
            crossed[fold == i] = inputs[fold == i] @ _logistic(
                inputs[rest], answers[rest], counts[rest], config
            )
        odds.append(np.clip(crossed, -MOST_ODDS, MOST_ODDS))
    axes = np.array([*config.odds, *[config.cause] * causes.shape[1], config.enlarged])
    further = np.stack([*odds, upscaling_evidence(raw, pictures[0].names)], axis=1) * axes
    experience = Experience(
        scale=scale,
        names=pictures[0].names,
        mean=mean,
        deviation=deviation,
        projection=filters_map(fold >= 0) @ metric,
        gates=np.stack(gates, axis=1),
        axes=axes,
        centres=np.concatenate([expected @ metric, further], axis=1),
        log_weights=np.log(weights),
        gram=gram,
        cross=cross,
        usual=usual,
        basis=basis,
    )
    return Trained(experience, names)


def _evenly(gram: Array, power: float) -> Array:
    """Weights (n,) under which pictures of great energy, whose errors are great, count less."""
    energy = np.diagonal(gram, axis1=1, axis2=2).max(axis=1)
    return np.asarray(np.maximum(1, energy / np.quantile(energy, 0.7)) ** -power)


def _rare_counts(cause: Array) -> Array:
    """How much pictures (n,) count when a cause is learned: those that have it more, as they are rarer, and
    those of which it is not known (NaN) nothing."""
    has, lacks = cause == 1, cause == 0
    rarity = np.sqrt(lacks.sum() / max(int(has.sum()), 1))
    return np.asarray(np.where(has, rarity, lacks.astype(np.float64)))


def _gains(gram: Array, cross: Array, z: Array) -> Array:
    """DB (n,) of pictures, each by its own combination (n, m)."""
    error = 1 - 2 * (cross * z).sum(axis=1) + np.einsum("ni,nij,nj->n", z, gram, z)
    return np.asarray(-10 * np.log10(np.maximum(error, LEAST)))


def _logistic(inputs: Array, better: Mask, counts: Array, config: LearningConfig) -> Array:
    """Weights (p,) of a logistic regression, by Newton's method; the first input is the constant."""
    n, p = inputs.shape
    counts = counts / counts.mean()
    penalty = np.diag([1e-6, *[config.penalty * n] * (p - 1)])
    found = np.zeros(p)
    for _ in range(config.newton):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        bend = (inputs * (counts * chance * (1 - chance) + 1e-6)[:, None]).T @ inputs + penalty
        step = np.linalg.solve(bend, inputs.T @ (counts * (better - chance)) - penalty @ found)
        largest = float(np.abs(step).max())
        found = found + step * min(1.0, 5 / max(largest, TINY))
        if largest < 1e-4:
            break
    return found


def principal(gram: Array, cross: Array, weights: Array, count: int, config: LearningConfig) -> Array:
    """The principal deviations (count, filters) of the pictures' own best filters, in the metric of the mean
    A. A picture's own best is shrunk, and the farthest tenth is brought nearer."""
    gram, cross = gram[:, :count, :count], cross[:, :count]
    usual = np.einsum("n,nij->ij", weights, gram) / weights.sum()
    metric = np.linalg.cholesky(usual + TINY * np.trace(usual) / count * np.eye(count))
    best = np.linalg.solve(gram + 0.03 * usual, cross[..., None])[..., 0] @ metric
    length = np.linalg.norm(best, axis=1)
    best *= np.minimum(1, np.quantile(length, 0.9) / np.maximum(length, TINY))[:, None]
    _, vectors = np.linalg.eigh((best * weights[:, None]).T @ best)
    return np.asarray(np.linalg.solve(metric.T, vectors[:, ::-1][:, : config.filters]))


def in_basis(gram: Array, cross: Array, basis: Array) -> tuple[Array, Array]:
    """A (n, m, m) and b (n, m) of the principal deviations and the inverses."""
    count, filters = basis.shape
    change = np.zeros((count + INVERSES, filters + INVERSES))
    change[:count, :filters] = basis
    change[count:, filters:] = np.eye(INVERSES)
    return np.einsum("ia,nij,jb->nab", change, gram, change, optimize=True), cross @ change


def _standard(raw: Array) -> tuple[Array, Array]:
    """Mean and deviation of each feature, outliers brought nearer."""
    middle = np.nanmedian(raw, axis=0)
    low, high = np.nanquantile(raw, [0.1, 0.9], axis=0)
    held = np.clip(raw, middle - 3 * (high - low), middle + 3 * (high - low))
    deviation = np.maximum(np.nanstd(held, axis=0), 1e-3)
    return np.nanmean(np.clip(raw, middle - 3 * deviation, middle + 3 * deviation), axis=0), deviation


def _ridge(
    inputs: Array, gram: Array, cross: Array, weights: Array, usual: Array, config: LearningConfig
) -> Array:
    """The linear map (p, m) from inputs (n, p) of least squared error. The normal equations of the entries
    (p, i) of the map are sums over pictures of inputs times inputs times A_ij: a product of matrices each."""
    p, m = inputs.shape[1], cross.shape[1]
    blocks = np.empty((p, m, p, m))
    for i in range(m):
        for j in range(i, m):
            blocks[:, i, :, j] = inputs.T @ ((weights * gram[:, i, j])[:, None] * inputs)
            blocks[:, j, :, i] = blocks[:, i, :, j]
    normal = blocks.reshape(p * m, p * m)
    right = np.einsum("n,np,ni->pi", weights, inputs, cross).reshape(-1)
    penalty = np.kron(np.diag([1e-3, *[1.0] * (p - 1)]), usual) * config.ridge * weights.sum()
    return np.linalg.solve(normal + penalty, right).reshape(p, m)


def grouped(trained: Trained, config: LearningConfig) -> Experience:
    """The rule with prototypes in place of its pictures."""
    known = trained.experience
    weights = np.exp(known.log_weights)
    centres, member = _k_means(known.centres, weights, config)
    used = [k for k in range(len(centres)) if (member == k).any()]
    totals = np.array([weights[member == k].sum() for k in used])
    even = weights * _evenly(known.gram, 1.0)
    share = np.stack([np.where(member == k, even, 0.0) for k in used])
    share /= share.sum(axis=1, keepdims=True)
    return replace(
        known,
        centres=centres[used],
        log_weights=np.log(totals / totals.sum()),
        gram=np.einsum("pn,nij->pij", share, known.gram),
        cross=share @ known.cross,
    )


def _k_means(places: Array, weights: Array, config: LearningConfig) -> tuple[Array, npt.NDArray[np.int64]]:
    """Centres (p, d) and the group of each place, begun as k-means++ does."""
    rng = np.random.default_rng(0)
    chosen = [places[rng.choice(len(places), p=weights / weights.sum())]]
    nearest = ((places - chosen[0]) ** 2).sum(axis=1)
    for _ in range(min(config.prototypes, len(places)) - 1):
        odds = weights * nearest
        if not odds.any():
            break
        chosen.append(places[rng.choice(len(places), p=odds / odds.sum())])
        nearest = np.minimum(nearest, ((places - chosen[-1]) ** 2).sum(axis=1))
    centres = np.array(chosen)
    member = np.zeros(len(places), dtype=np.int64)
    for _ in range(config.rounds):
        squared = (places**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * places @ centres.T
        member = squared.argmin(axis=1)
        for k in range(len(centres)):
            inside = member == k
            if inside.any():
                centres[k] = np.average(places[inside], axis=0, weights=weights[inside])
    return centres, member


def gains(
    known: Experience, pictures: Sequence[Statistics], config: ExpectedLossConfig
) -> tuple[Array, list[Combination]]:
    """The gain in dB of each picture by a rule that has not seen it, unclipped, and what the rule said."""
    made = [combine(known, dict(zip(one.names, one.features, strict=True)), config) for one in pictures]
    found = []
    for one, combination in zip(pictures, made, strict=True):
        z = np.concatenate([combination.filter, [combination.kernel, combination.camera]])
        relative = 1 - 2 * one.cross @ z + z @ one.gram @ z
        found.append(-10 * np.log10(max(float(relative), 1e-4)))
    return np.array(found), made


def folds(photographs: Sequence[str], count: int, *, mixed: bool = False) -> npt.NDArray[np.int64]:
    """A fold for each photograph, the same for all that comes from it.

    Args:
        photographs: names (n).
        count: of the folds.
        mixed: the names are shuffled first (always alike), so that these folds cut across the others.

    Returns:
        (n,), 0 to ``count`` - 1.
    """
    names = sorted(set(photographs))
    order = np.random.default_rng(0).permutation(len(names)) if mixed else np.arange(len(names))
    place = {name: int(i) % count for name, i in zip(names, order, strict=True)}
    return np.array([place[name] for name in photographs])
