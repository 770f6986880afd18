"""The averaged power spectrum of an image: Welch's periodogram over its most eventful windows.

Windows of 64x64 pixels, half overlapping, Hann weighted, mean removed. Kept are the half with more
energy (flat and out-of-focus parts say nothing about the kernel) among those with few clipped
pixels (a clipped edge is sharper than any kernel). The windows' spectra are averaged as
``mean(P^q)^(1/q)``, q = 0.75: between the mean, which one strong edge can rule, and the geometric
mean, which noise rules. Channels are averaged as powers, so that colour edges count as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import gamma

import numpy as np
import numpy.typing as npt

from blindsr.spectral.config import WelchConfig
from srbase.errors import InputError
from srbase.imaging.periodogram import bounded_hop, cut_windows, frequencies, periodograms, window_starts

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """power (n, n//2 + 1): white noise of variance v gives v in every cell. without (parts, n, n//2 + 1):
    the same with one part of the image left out. noise_variance: of white noise, at least the rounding's.
    windows: how many were averaged."""

    power: Array
    without: Array
    noise_variance: float
    windows: int


def welch(image: Array, config: WelchConfig) -> Spectrum:
    """Averaged spectrum of (C, H, W) in 0..1. Raises InputError under one window a side."""
    channels, height, width = image.shape
    size = config.window
    if height < size or width < size:
        raise InputError(f"image is {width}x{height}; the spectral estimate needs at least {size}x{size}")
    hop = bounded_hop((height, width), size, config.hop, config.most)
    rows, columns = (window_starts(n, size, hop) for n in (height, width))
    power = np.zeros((len(rows) * len(columns), size, size // 2 + 1))
    clipped = np.zeros(len(power))
    for channel, (place, row) in product(image, enumerate(rows)):  # a row of windows at a time
        cut = cut_windows(channel, size, row[None], columns).astype(np.float64)
        here = slice(place * len(columns), (place + 1) * len(columns))
        power[here] += periodograms(cut) / channels
        outside = (cut < config.clip_margin) | (cut > config.white - config.clip_margin)
        clipped[here] += outside.mean(axis=(1, 2)) / channels
    keep = _chosen(power, clipped, config)
    part = np.array([
        (i * config.parts // height) * config.parts + j * config.parts // width
        for i in rows + size // 2 for j in columns + size // 2
    ])  # fmt: skip
    raised = power[keep] ** config.mean_power
    total, place = raised.sum(axis=0), part[keep]
    unbias = 1 / gamma(1 + config.mean_power)  # of a power mean of exponentially distributed cells
    without = []
    for p in np.unique(place) if len(np.unique(place)) > 1 else []:
        rest = place != p
        without.append((unbias * (total - raised[~rest].sum(axis=0)) / rest.sum()) ** (1 / config.mean_power))
    averaged = (unbias * total / len(raised)) ** (1 / config.mean_power)
    stacked = np.array(without) if without else np.zeros((0, *averaged.shape))
    return Spectrum(averaged, stacked, _noise_variance(power, config), len(raised))


def _chosen(power: Array, clipped: Array, config: WelchConfig) -> npt.NDArray[np.int64]:
    """Indices of the windows to average.

    Args:
        power: (windows, n, n//2 + 1).
        clipped: (windows,), share of clipped samples.
        config: the shares.

    Returns:
        Of the windows that are hardly clipped the share ``kept`` with the most energy; of all windows where
        hardly clipped ones are fewer than half of what is wanted.
    """
    wanted = max(1, int(np.ceil(config.kept * len(power))))
    whole = np.flatnonzero(clipped <= config.clipped_share)
    if len(whole) < max(1, wanted // 2):
        whole = np.arange(len(power))
    count = max(1, int(np.ceil(config.kept * len(whole))))
    return whole[np.argsort(power[whole].sum(axis=(1, 2)))[::-1][:count]]


def _noise_variance(power: Array, config: WelchConfig) -> float:
    """Noise variance: power beyond ``corner`` in the quietest windows, at least the rounding's."""
    fy, fx = frequencies(config.window)
    corner = power[:, np.hypot(fy, fx) > config.corner].mean(axis=1)
    return max(config.quantisation, float(np.quantile(corner, config.floor_share)))
