"""NIQE: how far an image's local statistics are from those of pristine photographs; lower is better.

Mittal, Soundararajan & Bovik, "Making a Completely Blind Image Quality Analyzer", IEEE SPL 2013. It asks for
no truth, and rewards what looks natural, be it true or not. ``niqe_pristine.npz`` holds the authors' model of
pristine photographs (mean and covariance of 36 features) as BasicSR distributes it (Apache-2.0).
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import correlate1d
from scipy.special import gamma

from srbase.errors import InputError
from srbase.imaging.metrics import luma
from srbase.imaging.resample import resize

Array = npt.NDArray[np.float64]

BLOCK: Final = 96  # pixels a side of a block (section 2.2; the authors' program)
WINDOW: Final = 7  # pixels a side of the Gaussian window (the authors' program)
DEVIATION: Final = 7 / 6  # of that window, pixels
SCALES: Final = 2  # the image, and half its size (section 2.2)
NEIGHBOURS: Final = ((0, 1), (1, 0), (1, 1), (1, -1))  # of which products are taken: (rows, columns)
SHAPES: Final = np.arange(0.2, 10.001, 0.001)  # of the distributions that are tried (the authors' program)


def niqe(image: npt.NDArray[np.floating]) -> float:
    """The distance of an image (C, H, W) in 0..1, C 1 or 3, from pristine photographs.

    The luma is rounded to 8 bits; what is left of the last whole block on the right and below does not
    count. Raises InputError where there are not two blocks along each axis.
    """
    plane = np.rint(luma(np.asarray(image, dtype=np.float64) * 255))
    rows, columns = (n // BLOCK for n in plane.shape)
    if min(rows, columns) < 2:
        raise InputError(
            f"image is {plane.shape[1]}x{plane.shape[0]}; NIQE needs at least {2 * BLOCK} a side"
        )
    plane = plane[: rows * BLOCK, : columns * BLOCK]
    features = []
    for scale in range(SCALES):
        side = BLOCK >> scale
        blocks = _normalised(plane).reshape(rows, side, columns, side).swapaxes(1, 2)
        features.append(_features(blocks.reshape(-1, side, side)))
        plane = _halved(plane)
    found = np.concatenate(features, axis=1)
    mean, covariance = _pristine()
    whole = found[np.isfinite(found).all(axis=1)]
    away = mean - np.nanmean(found, axis=0)
    between = np.linalg.pinv((covariance + np.cov(whole, rowvar=False)) / 2)
    return float(np.sqrt(away @ between @ away))


def _normalised(plane: Array) -> Array:
    """Less the local mean, over the local deviation (equation 1)."""
    offset = np.arange(WINDOW) - WINDOW // 2
    line = np.exp(-(offset**2) / (2 * DEVIATION**2))
    line /= line.sum()

    def smooth(x: Array) -> Array:
        return correlate1d(correlate1d(x, line, axis=0, mode="nearest"), line, axis=1, mode="nearest")

    mean = smooth(plane)
    deviation = np.sqrt(np.abs(smooth(plane**2) - mean**2))
    return np.asarray((plane - mean) / (deviation + 1))


def _features(blocks: Array) -> Array:
    """The 18 features (n, 18) of blocks (n, side, side): of the values and of products of neighbours."""
    shape, left, right = _fitted(blocks)
    columns = [shape, (left + right) / 2]
    for shift in NEIGHBOURS:
        shape, left, right = _fitted(blocks * np.roll(blocks, shift, axis=(1, 2)))
        columns += [shape, (right - left) * gamma(2 / shape) / gamma(1 / shape), left, right]
    return np.stack(columns, axis=1)


def _fitted(blocks: Array) -> tuple[Array, Array, Array]:
    """Shape and left and right scale of the asymmetric generalised Gaussian of each block (equation 7)."""
    values = blocks.reshape(len(blocks), -1)
    below, above = (_root_mean_square(values, side) for side in (values < 0, values > 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = below / above
        ratio = np.abs(values).mean(axis=1) ** 2 / (values**2).mean(axis=1)
        wanted = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = SHAPES[_nearest(_ratios(), wanted)]
    width = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    unknown = np.where(np.isfinite(wanted), 1.0, np.nan)
    return shape * unknown, below * width, above * width


def _root_mean_square(values: Array, chosen: npt.NDArray[np.bool_]) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((values**2 * chosen).sum(axis=1) / chosen.sum(axis=1)))


@cache
def _ratios() -> Array:
    """(E|x|)^2 / E x^2 of the generalised Gaussian of each of SHAPES; it grows with the shape."""
    inverse = 1 / SHAPES
    return np.asarray(gamma(2 * inverse) ** 2 / (gamma(inverse) * gamma(3 * inverse)))


def _nearest(ordered: Array, wanted: Array) -> npt.NDArray[np.intp]:
    """The index of the nearest of the ordered values."""
    after = np.clip(np.searchsorted(ordered, wanted), 1, len(ordered) - 1)
    return after - (wanted - ordered[after - 1] < ordered[after] - wanted)


def _halved(plane: Array) -> Array:
    size = (plane.shape[0] // 2, plane.shape[1] // 2)
    return np.asarray(resize(torch.from_numpy(plane)[None], size)[0].numpy(), dtype=np.float64)


@cache
def _pristine() -> tuple[Array, Array]:
    """Mean (36,) and covariance (36, 36)."""
    with np.load(Path(__file__).with_name("niqe_pristine.npz")) as file:
        return file["mean"], file["covariance"]
