r"""Evidence that a picture was made by the kernel that its spectrum shows, and is not soft of itself.

The power spectrum says how soft a picture is on average. A kernel is one reason, a photograph that is out of
focus, smooth or enlarged another. Three things differ.

1. *A kernel bounds every edge.* No edge can be steeper than an ideal step behind the kernel, and in most
   pictures many edges are as steep as that. In a soft photograph edges differ, and some are steeper than its
   average softness allows.
2. *The inverse of a kernel that was there gives edges without ringing*, and a result as sparse as photographs
   are. The inverse of one that was not there makes the steeper edges overshoot and lifts what is fine.
3. *A kernel is the same everywhere*, softness is not: parts of the picture and single windows agree or
   disagree about it.

======================= ==========================================================================
``edges.50/80/95``      ln of the steepness of edges over the steepest that the kernel allows; quantiles
``edges.apart``         ``edges.95`` less ``edges.50``
``edges.whole``         share of the strong edges that are single steps
``undone.over.50/80``   overshoot of these edges in the inverse, over their height; quantiles
``undone.ring.50/80``   length of the way up and down beside these edges in the inverse, over their height
``undone.steep.50/80/95``  ln of the steepness of these edges in the inverse
``undone.rough``        ln of the mean gradient of the inverse over that of bicubic interpolation
``undone.sparse.*``     the same of ratios of norms that are small for sparse gradients and second differences
``undone.beyond``       share of pixels outside the range of the 5x5 LR pixels around
``undone.weight``       ln of the inverse's penalty: noise over content
``windows.*``           ln power of single windows in high bands over a low one, less what the kernel and
                        edges would have there; quantiles
``windows.apart.*``     differences between such quantiles
``parts.*``             half the trace that quadrants and the sharper windows give, over that of the whole
======================= ==========================================================================

All are free of units and of the picture's size; a bounded part of the picture is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage, special

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import SpectralEstimate
from blindsr.spectral.fit import fit_gaussian
from blindsr.spectral.model import FoldedModel
from srbase.errors import InputError
from srbase.imaging.colour import to_luma
from srbase.imaging.image import central
from srbase.imaging.periodogram import bounded_hop, cut_windows, frequencies, periodograms, window_starts
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

OFFSETS: Final = np.arange(-20, 21) / 4
"""LR px along an edge's normal at which it is sampled."""
BANDS: Final = ((0.05, 0.11), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5))
"""Radii, cycles per LR pixel; the first is what the others are compared with."""
EDGES: Final = (
    *("edges.50", "edges.80", "edges.95", "edges.apart"),
    *("undone.over.50", "undone.over.80", "undone.ring.50", "undone.ring.80"),
    *("undone.steep.50", "undone.steep.80", "undone.steep.95"),
)
QUADRANTS: Final = ("parts.least", "parts.most", "parts.apart", "parts.shape")
TINY: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class EvidenceConfig:
    """Numbers of the evidence."""

    area: float = 65536.0  # px of the central square that is undone and whose edges are looked at
    inverse: InverseConfig = InverseConfig(adaptive=None)  # the linear one
    strong: float = 0.10  # share of the pixels whose gradient counts as an edge's
    most_edges: int = 1500
    least_edges: int = 40  # fewer say nothing
    single: float = 0.8  # of the range within 4 px: an edge that rises by less within 3 px is no single step
    height: float = 0.025  # of the picture's range: lower edges are not looked at
    rim: int = 5  # LR px at the borders that do not count
    window: int = 32  # px a side of the single windows
    most_windows: int = 225
    heard: float = 0.3  # share of the noise's power that is added to the windows'
    most_parts: int = 100  # windows for the parts
    steps: int = 8  # of a part's fit


def kernel_evidence(
    image: torch.Tensor,
    estimate: SpectralEstimate,
    kernel: SRKernel,
    spectral: SpectralConfig,
    config: EvidenceConfig,
) -> dict[str, float]:
    """Features of a picture relative to its estimated kernel.

    Args:
        image: LR, (1 or 3, h, w) in 0..1; at least 64 px a side; only read.
        estimate: of the picture.
        kernel: the estimate's at the wanted scale.
        spectral: numbers of the estimate.
        config: numbers of the evidence.

    Returns:
        By name; NaN where the picture does not say. Deterministic.

    Raises:
        InputError: where the image is smaller.
    """
    if min(image.shape[-2:]) < spectral.welch.window:
        raise InputError(
            f"image is {image.shape[-1]}x{image.shape[-2]}; wanted at least {spectral.welch.window} px a side"
        )
    luma = to_luma(image.detach().cpu())
    side = round(config.area**0.5 * 2 / kernel.scale**0.7 * 2**-0.3)
    found = _undone(central(luma, side), kernel, config)
    found |= _windows(luma[0].double().numpy(), kernel, estimate.noise_variance, config)
    found |= _parts(luma[0].double().numpy(), kernel.scale, estimate, spectral, config)
    return found


# --- edges and the inverse -------------------------------------------------------------------------------


def _undone(luma: torch.Tensor, kernel: SRKernel, config: EvidenceConfig) -> dict[str, float]:
    """What the edges and the linear inverse of (1, h, w) show."""
    scale = kernel.scale
    inverse = kernel_inverse(luma, kernel, config.inverse)
    sharp = inverse.linear(luma)[0].double().numpy()
    soft = bicubic_upscale(luma, scale)[0].double().numpy()
    plane = luma[0].double().numpy()
    rim = config.rim * scale
    inner = (slice(rim, -rim), slice(rim, -rim))
    found = {"undone.weight": float(np.log(inverse.weight))}
    after, before = (_sparsity(x[inner]) for x in (sharp, soft))
    for name, value in after.items():
        found[f"undone.{name}"] = value - before[name]
    low, high = ndimage.minimum_filter(plane, 5), ndimage.maximum_filter(plane, 5)
    low, high = (x.repeat(scale, axis=0).repeat(scale, axis=1)[inner] for x in (low, high))
    span = high - low
    strong = span >= np.quantile(span, 0.7)
    outside = np.maximum(np.maximum(sharp[inner] - high, low - sharp[inner]), 0.0)
    found["undone.beyond"] = float((outside > 0.05 * span + TINY)[strong].mean())
    return found | _edges(plane, sharp, kernel, config)


def _sparsity(plane: Array) -> dict[str, float]:
    """Logarithms of the mean gradient, and of ratios of norms of gradients and second differences."""
    first = np.concatenate([np.abs(np.diff(plane, axis=axis)).ravel() for axis in (0, 1)])
    second = np.abs(ndimage.laplace(plane)).ravel()
    mean, square = first.mean() + TINY, np.sqrt((first**2).mean()) + TINY
    curved = np.sqrt((second**2).mean()) + TINY
    return {
        "rough": float(np.log(mean)),
        "sparse.first": float(np.log(mean / square)),
        "sparse.second": float(np.log((second.mean() + TINY) / curved)),
        "sparse.half": float(np.log((np.sqrt(second).mean() ** 2 + TINY) / curved)),
    }


def _edges(plane: Array, sharp: Array, kernel: SRKernel, config: EvidenceConfig) -> dict[str, float]:
    """Steepness of the strong edges over the kernel's bound, and what its inverse makes of them."""
    missing = dict.fromkeys((*EDGES, "edges.whole"), float("nan"))
    rows, columns, down, right = _strong_edges(plane, config)
    if len(rows) < config.least_edges:
        return missing
    profile = _along(plane, rows, columns, down, right, 1, 3)
    height = profile[:, 32] - profile[:, 8]  # from 3 px before to 3 px after
    inner = profile[:, 4:37]
    share = height / np.maximum(inner.max(axis=1) - inner.min(axis=1), TINY)
    low, high = np.quantile(plane, [0.02, 0.98])
    single = (share > config.single) & (height > config.height * (high - low))
    found = missing | {"edges.whole": float(single.mean())}
    if single.sum() < config.least_edges:
        return found
    rows, columns, down, right, profile, height = (
        x[single] for x in (rows, columns, down, right, profile, height)
    )
    v = kernel.covariance
    across = v[0, 0] * down**2 + 2 * v[0, 1] * down * right + v[1, 1] * right**2
    deviation = np.sqrt(np.maximum(across, 0.02) / kernel.scale**2 + 1 / 12)  # and the pixel's own width
    bound = special.ndtr(0.5 / deviation) - special.ndtr(-0.5 / deviation)
    steep = _steepest(profile, 2) / height  # over 1 px
    middle, upper, most = np.quantile(np.log(np.clip(steep / bound, 0.05, 20)), [0.5, 0.8, 0.95])
    found |= {"edges.50": middle, "edges.80": upper, "edges.95": most, "edges.apart": most - middle}
    after = _along(sharp, rows, columns, down, right, kernel.scale, 1)
    top, bottom = np.median(after[:, 32:37], axis=1), np.median(after[:, 4:9], axis=1)
    rise = np.maximum(top - bottom, config.height / 2 * (high - low) + TINY)
    over = 0.5 * (after[:, 20:31].max(axis=1) - top + bottom - after[:, 10:21].min(axis=1)) / rise
    way = np.abs(np.diff(after, axis=1))
    ring = (way[:, 24:36].sum(axis=1) + way[:, 4:16].sum(axis=1)) / rise
    found["undone.over.50"], found["undone.over.80"] = np.quantile(over, [0.5, 0.8])
    found["undone.ring.50"], found["undone.ring.80"] = np.quantile(ring, [0.5, 0.8])
    steeps = np.log(np.clip(_steepest(after, 1) / rise, 0.05, 5))
    found["undone.steep.50"], found["undone.steep.80"], found["undone.steep.95"] = np.quantile(
        steeps, [0.5, 0.8, 0.95]
    )
    return {name: float(value) for name, value in found.items()}


def _strong_edges(plane: Array, config: EvidenceConfig) -> tuple[Places, Places, Array, Array]:
    """Rows, columns and unit normals (down, right) of the largest gradients that are maxima along them."""
    smooth = ndimage.gaussian_filter(plane, 0.5)
    slopes = [ndimage.sobel(smooth, axis=axis) for axis in (0, 1)]
    size = np.hypot(*slopes)
    limit = max(float(np.quantile(size, 1 - config.strong)), TINY)
    far = len(OFFSETS) // 8 + 1  # px from the border, so that all offsets lie inside
    rows, columns = np.nonzero(size[far:-far, far:-far] >= limit)
    rows, columns = rows + far, columns + far
    own = size[rows, columns]
    down, right = slopes[0][rows, columns] / own, slopes[1][rows, columns] / own
    beside = [
        ndimage.map_coordinates(size, [rows + sign * down, columns + sign * right], order=1)
        for sign in (1, -1)
    ]
    peak = np.flatnonzero((own >= beside[0]) & (own >= beside[1]))
    if len(peak) > config.most_edges:
        peak = peak[np.linspace(0, len(peak) - 1, config.most_edges).astype(int)]
    return rows[peak], columns[peak], down[peak], right[peak]


def _along(
    plane: Array, rows: Places, columns: Places, down: Array, right: Array, scale: int, order: int
) -> Array:
    """A plane of ``scale`` times the size along edges' normals, (edges, offsets)."""
    shift = (scale - 1) / 2
    y = (rows[:, None] + down[:, None] * OFFSETS) * scale + shift
    x = (columns[:, None] + right[:, None] * OFFSETS) * scale + shift
    return np.asarray(ndimage.map_coordinates(plane, [y, x], order=order, mode="nearest"))


def _steepest(profile: Array, half: int) -> Array:
    """The largest rise over 2 ``half`` offsets near the middle."""
    places = range(18, 23)
    return np.asarray(np.max([profile[:, i + half] - profile[:, i - half] for i in places], axis=0))


# --- windows and parts -----------------------------------------------------------------------------------


def _cut(plane: Array, window: int, most: int) -> tuple[Array, Array, Array]:
    """Power of at most ``most`` windows, and the rows and columns of their centres."""
    size = (plane.shape[0], plane.shape[1])
    hop = bounded_hop(size, window, window // 2, most)
    rows, columns = (window_starts(n, window, hop) for n in size)
    power = periodograms(cut_windows(plane, window, rows, columns))
    centres = np.meshgrid(rows + window / 2, columns + window / 2, indexing="ij")
    return power, centres[0].ravel(), centres[1].ravel()


def _windows(plane: Array, kernel: SRKernel, noise: float, config: EvidenceConfig) -> dict[str, float]:
    """How soft single windows are, beside the kernel."""
    power, _, _ = _cut(plane, config.window, config.most_windows)
    radius = np.hypot(*frequencies(config.window))
    energy = np.stack(
        [power[:, (radius >= low) & (radius < high)].mean(axis=1) for low, high in BANDS], axis=1
    )
    loud = np.argsort(energy[:, 0])[len(energy) // 2 :]
    logs = np.log(energy[loud] + config.heard * noise)
    usual = _behind_kernel(kernel)
    found: dict[str, float] = {}
    for i, name in ((2, "high"), (3, "top")):
        softness = logs[:, i] - logs[:, 0] - (usual[i] - usual[0])
        low, middle, upper, most = np.quantile(softness, [0.1, 0.5, 0.9, 0.97])
        found[f"windows.{name}.50"], found[f"windows.{name}.90"] = float(middle), float(upper)
        found[f"windows.{name}.apart"] = float(upper - low)
        found[f"windows.{name}.most"] = float(most - middle)
    return found


def _behind_kernel(kernel: SRKernel) -> Array:
    """Ln of what a kernel leaves of the power of edges, 1/f^3 on average over directions, in each band."""
    size = 128
    padded = np.pad(kernel.array, [(0, size - n) for n in kernel.shape])
    power = np.abs(np.fft.rfft2(padded)) ** 2
    radius = np.hypot(*frequencies(size)) * kernel.scale
    means = []
    for low, high in BANDS:
        band = (radius >= low) & (radius < high)
        means.append(np.log((power[band] * radius[band] ** -3).mean()))
    return np.array(means)


@lru_cache(maxsize=4)
def _model(spectral: SpectralConfig, scale: int) -> FoldedModel:
    low, high = spectral.fit.low, spectral.fit.high
    return FoldedModel(spectral.welch.window, spectral.prior, scale, low=low, high=high)


def _parts(
    plane: Array, scale: int, estimate: SpectralEstimate, spectral: SpectralConfig, config: EvidenceConfig
) -> dict[str, float]:
    """Gaussians fitted to the quadrants and to the sharper half of the windows."""
    power, rows, columns = _cut(plane, spectral.welch.window, config.most_parts)
    radius = np.hypot(*frequencies(spectral.welch.window))
    noise = estimate.noise_variance
    loud = np.argsort(power.sum(axis=(1, 2)))[len(power) // 3 :]
    model, fit = _model(spectral, scale), replace(spectral.fit, steps=config.steps)
    exponent = spectral.welch.mean_power

    def variance(chosen: npt.NDArray[np.intp]) -> Array:
        mean = (power[chosen] ** exponent).mean(axis=0) ** (1 / exponent)
        return fit_gaussian(model, model.log_cells(mean), noise, fit).v

    whole = max(float(np.trace(estimate.covariance)), 0.3)
    low, high = (radius > 0.04) & (radius < 0.15), (radius > 0.2) & (radius < 0.4)
    fall = np.log(power[:, high].mean(axis=1) + 0.1 * noise) - np.log(power[:, low].mean(axis=1) + TINY)
    sharp = loud[np.argsort(fall[loud])][len(loud) // 2 :]
    v = variance(sharp)
    found = {"parts.sharp": float(np.log(max(v[0] + v[1], 0.3) / whole))}
    quadrant = 2 * (rows > plane.shape[0] / 2) + (columns > plane.shape[1] / 2)
    chosen = [loud[quadrant[loud] == k] for k in range(4)]
    fits = np.array([variance(own) for own in chosen if len(own) >= 2])
    if len(fits) < 3:
        return found | dict.fromkeys(QUADRANTS, float("nan"))
    traces = np.log(np.maximum(fits[:, 0] + fits[:, 1], 0.3) / whole)
    half = np.maximum(fits[:, 0] + fits[:, 1], 0.3) / 2
    shapes = np.stack([(fits[:, 0] - fits[:, 1]) / 2, fits[:, 2]], axis=1) / half[:, None]
    values = (traces.min(), traces.max(), traces.std(), np.hypot(*shapes.mean(axis=0)))
    return found | {name: float(value) for name, value in zip(QUADRANTS, values, strict=True)}
