"""The averaged power spectrum of an image: Welch's periodogram over its most eventful windows.

Windows of 64x64 pixels, half overlapping, Hann weighted, mean removed. Kept are the half with more
energy (flat and out-of-focus parts say nothing about the kernel) among those with few clipped
pixels (a clipped edge is sharper than any kernel). The windows' spectra are averaged as
``mean(P^q)^(1/q)``, q = 0.75: between the mean, which one strong edge can rule, and the geometric
mean, which noise rules. Channels are averaged as powers, so that colour edges count as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gamma

import numpy as np
import numpy.typing as npt

from blindsr.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class WelchConfig:
    """How windows are cut, chosen and averaged."""

    window: int = 64  # LR pixels a side (issue 4, lead 1)
    hop: int = 32  # LR pixels: half overlapping (issue 4)
    kept: float = 0.5  # share of windows, those with more energy (issue 4)
    mean_power: float = 0.75  # q above: 1 (Welch's mean) has the better trace, 0.5 the better direction
    clipped_share: float = (
        0.05  # of a window's samples; windows with more are used only if too few others are left
    )
    clip_margin: float = 0.5 / 255  # as close to 0 or 1 as this counts as clipped: half an 8-bit level
    parts: int = 3  # the image is cut in parts x parts for the jackknife
    floor_share: float = 0.02  # the quietest share of windows shows the noise
    corner: float = 0.5  # cycles per LR pixel: noise is read beyond this radius
    quantisation: float = 1 / (12 * 255**2)  # variance of rounding to 8 bits, image in 0..1

    def __post_init__(self) -> None:
        if self.window < 16 or not 0 < self.hop <= self.window:
            raise InputError(
                f"window {self.window}, hop {self.hop}; wanted a window of 16 or more and 0 < hop <= window"
            )
        if not 0 < self.kept <= 1 or not 0 < self.mean_power <= 1:
            raise InputError(f"kept is {self.kept}, mean_power {self.mean_power}; wanted both in 0..1, not 0")


@dataclass(frozen=True, eq=False)
class Spectrum:
    """power (n, n//2 + 1): white noise of variance v gives v in every cell. without (parts, n, n//2 + 1):
    the same with one part of the image left out. noise: variance of white noise, at least the
    rounding's. windows: how many were averaged."""

    power: Array
    without: Array
    noise: float
    windows: int


def frequencies(window: int) -> tuple[Array, Array]:
    """(fy, fx) of the cells of ``Spectrum.power``, cycles per pixel, fx >= 0."""
    fy, fx = np.meshgrid(np.fft.fftfreq(window), np.fft.rfftfreq(window), indexing="ij")
    return fy, fx


def welch(image: Array, config: WelchConfig) -> Spectrum:
    """Averaged spectrum of (C, H, W) in 0..1. Raises InputError under one window a side."""
    channels, height, width = image.shape
    size = config.window
    if height < size or width < size:
        raise InputError(f"image is {width}x{height}; the spectral estimate needs at least {size}x{size}")
    rows, columns = _starts(height, config), _starts(width, config)
    power = np.zeros((len(rows) * len(columns), size, size // 2 + 1))
    clipped = np.zeros(len(power))
    for channel in image:
        cut = np.stack([channel[i : i + size, j : j + size] for i in rows for j in columns])
        power += _periodograms(cut) / channels
        outside = (cut < config.clip_margin) | (cut > 1 - config.clip_margin)
        clipped += outside.mean(axis=(1, 2)) / channels
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
    return Spectrum(averaged, stacked, _noise(power, config), len(raised))


def _starts(length: int, config: WelchConfig) -> npt.NDArray[np.int64]:
    """Where windows begin; the last one ends at the border."""
    last = length - config.window
    return np.unique(np.append(np.arange(0, last + 1, config.hop), last))


def _periodograms(cut: Array) -> Array:
    """Power of each window (m, n, n) -> (m, n, n//2 + 1), Hann weighted, weighted mean removed."""
    n = cut.shape[-1]
    hann = np.hanning(n + 1)[:-1]
    weight = np.outer(hann, hann)
    mean = np.einsum("mij,ij->m", cut, weight / weight.sum())
    weight /= np.sqrt((weight**2).sum())
    return np.abs(np.fft.rfft2((cut - mean[:, None, None]) * weight)) ** 2


def _chosen(power: Array, clipped: Array, config: WelchConfig) -> npt.NDArray[np.int64]:
    """Indices of the windows to average: the more energetic share, unclipped ones first."""
    wanted = max(1, int(np.ceil(config.kept * len(power))))
    whole = np.flatnonzero(clipped <= config.clipped_share)
    if len(whole) < max(1, wanted // 2):
        whole = np.arange(len(power))
    count = max(1, int(np.ceil(config.kept * len(whole))))
    return whole[np.argsort(power[whole].sum(axis=(1, 2)))[::-1][:count]]


def _noise(power: Array, config: WelchConfig) -> float:
    """Noise variance: power beyond ``corner`` in the quietest windows, at least the rounding's."""
    fy, fx = frequencies(config.window)
    corner = power[:, np.hypot(fy, fx) > config.corner].mean(axis=1)
    return max(config.quantisation, float(np.quantile(corner, config.floor_share)))
