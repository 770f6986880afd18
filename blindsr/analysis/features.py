r"""Features of a picture that tell blur, sharpening, band limits, noise and storage apart.

All are free of units: logarithms of ratios of power, shares, or counts of steps. None depends on the
picture's size, and none on its tone scale: a picture of 16 bits times 0.1 has the same features up to
rounding. For that, powers are compared with one another or with the rounding noise q^2 / 12, where q is the
step between neighbouring grey levels that the picture uses, and never less than 1/255 of its own range.

======================= ==========================================================================
``power.i``             ln of the luma's power in ring i over that in ring 1, in the louder windows
``quiet.i``             the same in the quietest windows
``floor.i``             ln of the quietest windows' power in ring i over the rounding noise
``top``                 ln of the louder windows' power in the last ring but one over the rounding noise
``uneven.i``            mean ln of the windows' power less ln of their mean: content is uneven
``square.i``            ln of the power along the axes over that along the diagonals, at one radius
``round.i``             amplitude of the second angular harmonic of the ln power: a blur that is not round
``rise.w``              ln of the mean rise of strong edges over w px, over that over 5 px
``overshoot``           share of these edges that rise more over 3 px than over 9 px
``overshoot.near/far``  mean overshoot of edges with flat sides, 1 or 2 and 3 or 4 px from the edge
``kurtosis.*``          of the Laplacian and of the gradient, as ln
``chroma.i``            ln of the colour differences' power over the luma's in ring i, relative to ring 1
``chroma.level``        the same in ring 1
``coherence.*``         ln of the power of R - G over that of R + G
``jpeg.low/high``       ln of the mean quantisation step of low and high frequencies; 0 where there is none
``jpeg.grid``           ln of the contrast at the borders of 8x8 blocks
``resampled``           ln of the peak of the spectrum of the second differences' size, over its median
``resampled.half``      the same at a period of two pixels
======================= ==========================================================================

The periodicity of second differences is that of A. C. Gallagher, "Detection of linear and cubic interpolation
in JPEG compressed images", CRV 2005: interpolated pixels lie on smoother curves than the pixels that were
kept, with the period of the enlargement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import fft, ndimage

from blindsr.analysis.jpeg_grid import blockiness
from blindsr.analysis.jpeg_history import JPEGHistoryConfig, find_tables
from blindsr.io.jpeg_tables import JPEGTables
from srbase.errors import InputError
from srbase.imaging.colour import TO_YCC

Array = npt.NDArray[np.float64]

RINGS: Final = (
    0.03,
    0.05,
    0.08,
    0.11,
    0.15,
    0.19,
    0.23,
    0.27,
    0.31,
    0.35,
    0.39,
    0.43,
    0.47,
    0.52,
    0.60,
    0.71,
)
"""Limits of the rings of frequencies, cycles per pixel. The outer two lie in the spectrum's corners only."""
RADII: Final = (3, 8, 12)
"""Rings of the features that need few."""
SECTORS: Final = ((0.15, 0.25), (0.25, 0.35), (0.35, 0.47))
"""Radii at which directions are compared, cycles per pixel."""
WIDTHS: Final = (1, 3, 7, 9, 11)
"""Distances over which an edge's rise is taken, px, besides the five of the reference."""
TINY: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class FeatureConfig:
    """Numbers of the features."""

    window: int = 32  # px a side of the windows of the power spectra
    hop: int = 16  # px between them; farther apart in large pictures
    most_windows: int = 900  # that are looked at; spread evenly
    loud: float = 0.5  # share of the windows that counts as loud
    quiet: float = 0.05  # share that counts as quiet
    edge_side: int = 768  # px a side of the central part whose edges are looked at
    strong: float = 0.05  # share of the steps between pixels that counts as strong
    flat: float = 0.08  # of an edge's rise: more change than that on one side, and the side is not flat
    over: float = 0.04  # of an edge's rise: a rise over 3 px that exceeds the one over 9 px by it overshoots
    resampled_side: int = 1024  # px a side of the central part in which periods are looked for
    resampled_shows: float = 2.6
    """ln of a peak over its spectrum's median from which a picture counts as enlarged before."""
    lowest: float = 0.16  # cycles per pixel of the lowest peak: under it lie textures
    history: JPEGHistoryConfig | None = field(default_factory=JPEGHistoryConfig)
    """How pixels without tables are searched for those of a JPEG; None: they are not."""


@dataclass(frozen=True, eq=False)
class PictureFeatures:
    """names and values (n,) of one picture; NaN where a feature cannot be had (the colours of a gray one).

    earlier_factor: of an earlier upscaling, None where nothing shows.
    jpeg: the tables of the JPEG that it is or was, None where none is known.
    """

    names: tuple[str, ...]
    values: Array
    earlier_factor: float | None
    jpeg: JPEGTables | None


def picture_features(
    image: torch.Tensor, config: FeatureConfig, *, jpeg: JPEGTables | None = None
) -> PictureFeatures:
    """The features of a picture.

    Args:
        image: (C, H, W), C 1 or 3, floats; only ratios of its values count. At least 64 pixels a side.
        config: numbers of the features.
        jpeg: tables of its file, where it is a JPEG; the pixels are searched for tables else.

    Returns:
        The features. Deterministic.

    Raises:
        InputError: where the shape is another.
    """
    if image.ndim != 3 or image.shape[0] not in (1, 3) or min(image.shape[1:]) < 2 * config.window:
        raise InputError(
            f"image has shape {tuple(image.shape)}; wanted (1 or 3, H, W) of {2 * config.window} px or more"
        )
    planes = image.detach().cpu().numpy()
    matrix = TO_YCC.numpy()
    step, least = _steps(planes)
    middle = _middle(planes, config.resampled_side)
    luma = (middle[0] if len(middle) == 1 else np.tensordot(matrix[0], middle, 1)).astype(np.float64)
    found: dict[str, float] = {}
    found |= _spectral(planes, matrix, step, least, config)
    found |= _edges(_middle(luma[None], config.edge_side)[0], config)
    tables = jpeg
    if tables is None and config.history is not None:
        tables = find_tables(luma, config.history)
    found |= _storage(luma, tables)
    resampling, earlier_factor = _detect_resampling(luma, config, found["power.12"])
    found |= resampling
    return PictureFeatures(tuple(found), np.array(list(found.values())), earlier_factor, tables)


def _middle(planes: Array, side: int) -> Array:
    """The central part (C, <= side, <= side)."""
    top, left = (max(0, (n - side) // 2) for n in planes.shape[1:])
    return planes[:, top : top + side, left : left + side]


def _steps(planes: Array) -> tuple[float, float]:
    """How fine the grey levels of (C, H, W) are.

    Returns:
        The step between neighbouring levels that the picture uses, a 16th of its range at most; and the step
        that counts: at least 1/255 of the range, so that finer levels make no other picture. Both are
        ``TINY`` where there are fewer than three levels.
    """
    plane = planes[min(1, len(planes) - 1)]  # green
    apart = max(1, int(np.sqrt(plane.size / 262144)))
    levels = np.unique(plane[::apart, ::apart])
    if len(levels) < 3:
        return TINY, TINY
    step = float(np.median(np.diff(levels)))
    span = float(levels[-1] - levels[0])
    return min(step, span / 16), max(min(step, span / 16), span / 255)


# --- power spectra ---------------------------------------------------------------------------------------


def _cut(planes: Array, config: FeatureConfig) -> Array:
    """Windows (C, m, n, n) spread evenly over the picture, symmetric to its centre."""
    n = config.window
    height, width = planes.shape[1:]
    hop = max(config.hop, np.sqrt(height * width / config.most_windows))
    starts = []
    for length in (height, width):
        count = max(2, 1 + int((length - n) / hop))
        starts.append(np.rint(np.linspace(0, length - n, count)).astype(int))
    rows, columns = np.meshgrid(*starts, indexing="ij")
    view = np.lib.stride_tricks.sliding_window_view(planes, (n, n), axis=(1, 2))
    return np.asarray(view[:, rows.ravel(), columns.ravel()])


def _spectral(
    planes: Array, matrix: Array, step: float, least: float, config: FeatureConfig
) -> dict[str, float]:
    """The features of power, noise, direction and colour, from windows' power spectra.

    Args:
        planes: (C, H, W).
        matrix: (3, 3), from RGB to luma and colour differences.
        step: between grey levels that are used.
        least: the step that counts; see :func:`_steps`.
        config: numbers of the features.

    Returns:
        ``power``, ``quiet``, ``floor``, ``uneven``, ``contrast``, ``top``, ``square``, ``round``, ``chroma``
        and ``coherence`` by name.
    """
    n = config.window
    hann = np.hanning(n + 2)[1:-1]
    weight = np.outer(hann, hann)
    weight /= np.sqrt((weight**2).sum())  # white noise has its variance as power
    windows = _cut(planes, config).astype(np.float64)
    mean = np.einsum("cmij,ij->cm", windows, weight / weight.sum())
    windows -= mean[..., None, None]
    windows *= weight
    spectra = fft.rfft2(windows)
    gray = len(planes) == 1
    mixed = spectra if gray else np.tensordot(matrix, spectra, 1)
    power = mixed.real**2 + mixed.imag**2
    rounding = least**2 / 12
    # what a picture with coarser levels would have besides; nothing for 8 bits over the whole range
    power[0] += max(0.0, least**2 - step**2) / 12 * (1.0 if gray else float((matrix[0] ** 2).sum()))
    power += TINY * max(float(power.mean()), TINY)
    fy, fx = np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None]
    radius, angle = np.hypot(fy, fx), np.arctan2(fy, fx)
    twice = np.where((fx == 0) | (fx == 0.5), 1.0, 2.0) * np.ones_like(radius)  # cells of a whole spectrum
    masks = [(radius >= low) & (radius < high) for low, high in pairwise(RINGS)]
    members = np.stack([(twice * m / (twice * m).sum()).ravel() for m in masks])
    rings = members @ power[0].reshape(len(power[0]), -1).T  # (rings, windows)
    energy = rings[1:9].sum(axis=0)
    order = np.argsort(energy)
    loud = order[len(order) - max(4, round(config.loud * len(order))) :]
    quiet = order[: max(4, round(config.quiet * len(order)))]
    found: dict[str, float] = {}
    mean_loud = rings[:, loud].mean(axis=1)
    mean_quiet = rings[:, quiet].mean(axis=1) + rounding / 4  # flat windows hold less than rounding's noise
    for i in range(2, len(masks)):
        found[f"power.{i}"] = float(np.log(mean_loud[i] / mean_loud[1]))
    for i in RADII:
        found[f"quiet.{i}"] = float(np.log(mean_quiet[i] / mean_quiet[1]))
        found[f"floor.{i}"] = float(np.log(mean_quiet[i] / max(rounding, TINY**2)))
        found[f"uneven.{i}"] = float(np.log(rings[i, loud]).mean() - np.log(mean_loud[i]))
    found["contrast"] = float(np.log(mean_quiet[5] / mean_loud[5]))
    found["top"] = float(np.log(mean_loud[-2] / max(rounding, TINY**2)))
    mean_power = power[0][loud].mean(axis=0)
    for i, (low, high) in enumerate(SECTORS):
        ring = (radius >= low) & (radius < high)
        logs = np.log(mean_power)
        four = np.cos(4 * angle) * ring * twice
        axes, diagonals = np.maximum(four, 0), np.maximum(-four, 0)
        found[f"square.{i}"] = float(
            (logs * axes).sum() / axes.sum() - (logs * diagonals).sum() / diagonals.sum()
        )
        # the half spectrum holds each direction once: cos(2a) and sin(2a) are the same for f and -f
        weights = ring * twice
        flat = logs - (logs * weights).sum() / weights.sum()
        harmonic = (flat * weights * np.exp(2j * angle)).sum() / weights.sum()
        found[f"round.{i}"] = float(2 * np.abs(harmonic))
    found |= _colours(power, spectra, masks, twice, gray=gray)
    return found


def _colours(
    power: Array,
    spectra: npt.NDArray[np.complex128],
    masks: list[npt.NDArray[np.bool_]],
    twice: Array,
    *,
    gray: bool,
) -> dict[str, float]:
    """Colour differences beside the luma, in the more colourful half of the windows."""
    names = ["chroma.level", *(f"chroma.{i}" for i in (4, 7, 10)), "coherence.middle", "coherence.high"]
    if gray:
        return dict.fromkeys(names, float("nan"))
    chroma = power[1] + power[2]
    energy = (chroma * twice * masks[1]).sum(axis=(1, 2))
    chosen = np.argsort(energy)[len(energy) // 2 :]
    red, green = spectra[0][chosen], spectra[1][chosen]
    apart, together = np.abs(red - green) ** 2, np.abs(red + green) ** 2
    luma = power[0][chosen].mean(axis=0)
    chroma = chroma[chosen].mean(axis=0)
    apart, together = apart.mean(axis=0) + TINY, together.mean(axis=0) + TINY

    def ratio(above: Array, below: Array, ring: npt.NDArray[np.bool_]) -> float:
        return float(np.log((above * twice * ring).sum() / (below * twice * ring).sum()))

    level = ratio(chroma, luma, masks[1])
    if level < np.log(1e-6):
        return dict.fromkeys(names, float("nan"))
    values = [max(level, -8.0)]
    values += [ratio(chroma, luma, masks[i]) - level for i in (4, 7, 10)]
    values += [ratio(apart, together, masks[4] | masks[5]), ratio(apart, together, masks[9] | masks[10])]
    return dict(zip(names, values, strict=True))


# --- edges -----------------------------------------------------------------------------------------------


def _edges(luma: Array, config: FeatureConfig) -> dict[str, float]:
    """The features of the strongest steps along rows and columns of (H, W): ``kurtosis``, ``rise``,
    ``overshoot`` and ``flat``; those of edges are NaN where there are fewer than 50."""
    lines = [luma, luma.T]
    steps = [np.diff(plane, axis=1) for plane in lines]
    sizes = np.concatenate([np.abs(step).ravel() for step in steps])
    limit = float(np.quantile(sizes, 1 - config.strong))
    profiles = [_profiles(plane, step, limit) for plane, step in zip(lines, steps, strict=True)]
    profile = np.concatenate(profiles)  # (m, 12), rising
    laplacian = ndimage.laplace(luma)[1:-1, 1:-1]
    found = {
        "kurtosis.laplacian": _kurtosis(laplacian),
        "kurtosis.gradient": _kurtosis(np.concatenate([step.ravel() for step in steps])),
    }
    names = [*(f"rise.{w}" for w in WIDTHS), "overshoot", "overshoot.near", "overshoot.far", "flat"]
    if len(profile) < 50:
        return found | dict.fromkeys(names, float("nan"))
    rise = {w: profile[:, 5 + (w + 1) // 2] - profile[:, 6 - (w + 1) // 2] for w in (*WIDTHS, 5)}
    reference = max(float(rise[5].mean()), TINY)
    for w in WIDTHS:
        found[f"rise.{w}"] = float(np.log(max(float(rise[w].mean()) / reference, 0.1)))
    whole = np.maximum(rise[9], TINY)
    found["overshoot"] = float((rise[3] > rise[9] + config.over * np.maximum(rise[3], TINY)).mean())
    sides = []
    for side in (profile[:, 6:], -profile[:, 5::-1]):  # from the edge outwards, both rising to their level
        level = side[:, 4:6].mean(axis=1)
        flat = np.abs(side[:, 5] - side[:, 4]) < config.flat * whole
        near = (side[:, :2].max(axis=1) - level) / whole
        far = (side[:, 2:4].max(axis=1) - level) / whole
        sides.append(np.stack([near, far])[:, flat & (rise[9] > rise[1])])
    over = np.concatenate(sides, axis=1)
    found["overshoot.near"] = float(np.median(np.clip(over[0], -0.5, 0.5))) if over.shape[1] > 30 else np.nan
    found["overshoot.far"] = float(np.median(np.clip(over[1], -0.5, 0.5))) if over.shape[1] > 30 else np.nan
    found["flat"] = over.shape[1] / (2 * len(profile))
    return found


def _profiles(plane: Array, step: Array, limit: float) -> Array:
    """The profiles of a plane's edges along its rows.

    Args:
        plane: (H, W).
        step: (H, W - 1), its differences along rows.
        limit: least step of an edge.

    Returns:
        (edges, 12): the pixels across each step that is a local maximum, which lies between pixels 5 and 6;
        turned so that it rises. At most 20000, spread evenly.
    """
    size = np.abs(step)
    inner = size[:, 5:-5]
    peak = (inner >= max(limit, TINY)) & (inner >= size[:, 4:-6]) & (inner > size[:, 6:-4])
    rows, columns = np.nonzero(peak)
    if len(rows) > 20000:
        chosen = np.linspace(0, len(rows) - 1, 20000).astype(int)
        rows, columns = rows[chosen], columns[chosen]
    profile = plane[rows[:, None], columns[:, None] + np.arange(12)]
    falling = profile[:, 5] > profile[:, 6]
    return np.asarray(np.where(falling[:, None], profile[:, ::-1], profile))


def _kurtosis(values: Array) -> float:
    """Ln of the fourth moment over the squared second."""
    square = values**2
    second = float(square.mean())
    return float(np.log(max(float((square**2).mean()), TINY**4) / max(second**2, TINY**4)))


# --- storage ---------------------------------------------------------------------------------------------


def _storage(luma: Array, tables: JPEGTables | None) -> dict[str, float]:
    """The steps of a JPEG, and its grid."""
    low = high = 0.0
    if tables is not None:
        steps = np.log(tables.steps())
        order = np.add.outer(np.arange(8), np.arange(8))
        low, high = float(steps[order <= 3].mean()), float(steps[(order >= 6) & (order <= 9)].mean())
    grid = blockiness(torch.from_numpy(np.ascontiguousarray(luma))[None]) if luma.std() > 0 else 1.0
    return {"jpeg.low": low, "jpeg.high": high, "jpeg.grid": float(np.log(min(max(grid, 0.5), 8.0)))}


# --- resampling ------------------------------------------------------------------------------------------


def _detect_resampling(
    luma: Array, config: FeatureConfig, fall: float
) -> tuple[dict[str, float], float | None]:
    """Detect an earlier upscaling by the period of the absolute second differences (Gallagher 2005).

    Upscaling by f (1 < f <= 2) gives a spectral peak at 1 / f, which aliases to 1 - 1 / f. Peaks within 0.012
    of a multiple of 1/8 are left out, as the blocks of JPEG cause them; so factors near 4/3 and 1.6 are not
    found. The peak is the geometric mean of those of rows and columns.

    Args:
        luma: (H, W).
        config: numbers of the search.
        fall: ``power.12``, how far the power falls toward the top of the band.

    Returns:
        The features ``resampled`` and ``resampled.half``, and the factor of the earlier upscaling; None where
        nothing shows.
    """
    size = 512
    spectra = []
    for plane in (luma, luma.T):
        second = np.abs(plane[:, :-2] - 2 * plane[:, 1:-1] + plane[:, 2:])
        limit = np.quantile(second[::4, ::4], 0.95)
        line = np.log(np.minimum(second, max(float(limit), TINY)).mean(axis=0) + TINY)
        line = line - ndimage.uniform_filter1d(line, 9, mode="nearest")
        window = np.hanning(len(line) + 2)[1:-1]
        spectrum = np.abs(np.fft.rfft(line * window, 4 * size))
        spectra.append(spectrum / max(float(np.median(spectrum[len(spectrum) // 4 :])), TINY))
    both = np.sqrt(np.minimum(spectra[0], 50.0) * np.minimum(spectra[1], 50.0))
    frequency = np.arange(len(both)) / (4 * size)
    near_grid = np.abs(frequency * 8 - np.rint(frequency * 8)) / 8 < 0.012
    allowed = (frequency >= config.lowest) & ~near_grid
    best = int(np.argmax(np.where(allowed, both, 0.0)))
    peak = float(np.log(max(float(both[best]), TINY)))
    half = float(np.log(max(float(both[frequency > 0.488].max()), TINY)))
    found = {"resampled": peak, "resampled.half": half}
    factor: float | None = None
    if peak > config.resampled_shows:
        factor = float(1 / (1 - frequency[best]))  # 1 / f shows at 1 - 1 / f, for f from 1 to 2
    elif half > config.resampled_shows + 0.3 and fall < -9.0:
        factor = 2.0
    return found, factor
