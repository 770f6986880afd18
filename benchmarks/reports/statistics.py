"""How sure a mean over images is: a bootstrap interval, and the exact sign test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, bootstrap

LEVEL: Final = 0.95  # of the interval
RESAMPLES: Final = 9999
SEED: Final = 0  # of the resampling, so that a table made twice is the same


@dataclass(frozen=True)
class Mean:
    """A mean over images and the interval in which it would lie on other images of the kind; NaN where
    there are too few, two for the interval."""

    value: float
    low: float
    high: float


def mean_over_images(values: Sequence[float] | npt.NDArray[np.floating[Any]]) -> Mean:
    """The mean of finite values, one an image, and its percentile bootstrap interval (Efron 1979)."""
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[np.isfinite(kept)]
    if len(kept) < 2:
        value = float(kept[0]) if len(kept) else float("nan")
        return Mean(value, float("nan"), float("nan"))
    found = bootstrap(
        (kept,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Mean(float(kept.mean()), float(found.low), float(found.high))


def sign_test(wins: int, losses: int) -> float:
    """The exact two-sided sign test: the probability of so uneven a count if both were as likely."""
    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
