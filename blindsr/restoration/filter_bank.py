r"""Enlargement by small symmetric filters, of which bicubic interpolation is one.

At x2 each pixel of the result is a sum over 7x7 LR pixels; the four phases have the same filter, mirrored.
With the distances a and b along the two axes, {0.25, 0.75, ... 3.25} LR px, the taps are h(a, b) = h(b, a):
28 numbers that sum to 1. At x4 a 9x9 filter of the square's symmetry (15 numbers) acts on the LR pixels, and
bicubic interpolation enlarges.

A filter is given by its *deviation* from bicubic interpolation: coefficients of the sums over the places of
one tap, less their share of the first, so that every deviation keeps constants.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from srbase.errors import InputError
from srbase.imaging.range_limits import SaturationConfig, between_keeping_means
from srbase.imaging.resample import bicubic_upscale

Array = npt.NDArray[np.float64]
Place = tuple[int, int]

OFFSETS: Final = (0, -1, 1, -2, 2, -3, 3)
"""LR pixels by their distance from the first phase of x2, which lies at -0.25."""
REACH: Final = {2: 3, 4: 4}
"""LR pixels on each side that a filter sees, by scale; bicubic interpolation's follow at x4."""


@lru_cache(maxsize=2)
def orbits(scale: int) -> tuple[tuple[Place, ...], ...]:
    """The places (dy, dx) of equal taps, of the first phase at x2, of the LR filter at x4."""
    if scale == 2:
        return tuple(
            tuple({(OFFSETS[i], OFFSETS[j]), (OFFSETS[j], OFFSETS[i])})
            for i in range(7)
            for j in range(i + 1)
        )
    if scale == 4:
        found = []
        for i in range(5):
            for j in range(i + 1):
                signs = [(y, x) for y in (-1, 1) for x in (-1, 1)]
                found.append(tuple(sorted({(y * a, x * b) for y, x in signs for a, b in ((i, j), (j, i))})))
        return tuple(found)
    raise InputError(f"scale is {scale}; wanted 2 or 4")


def count(scale: int) -> int:
    """How many deviations there are: 27 at x2, 14 at x4."""
    return len(orbits(scale)) - 1


def taps(coefficients: Array, scale: int) -> Array:
    """The filter's deviation from bicubic interpolation as an array.

    Args:
        coefficients: (count,), of the deviations.
        scale: 2 or 4.

    Returns:
        (7, 7) at x2, what is added to bicubic interpolation's taps of the first phase (row and column 3 are
        the LR pixel at -0.25 ... +0.25); (9, 9) at x4, what is added to the identity. Sums to 0.
    """
    groups = orbits(scale)
    reach = REACH[scale]
    weights = np.zeros((2 * reach + 1, 2 * reach + 1))
    # the places of the first tap take what the others put in, in equal parts, so that the sum is 0
    first = -sum(c * len(group) / len(groups[0]) for c, group in zip(coefficients, groups[1:], strict=True))
    for weight, group in zip([first, *coefficients], groups, strict=True):
        for y, x in group:
            weights[y + reach, x + reach] = weight
    return weights


def contrast(coefficients: Array, scale: int) -> float:
    """The relative change of a sine wave's height by the filter, at a period of four LR pixels along an axis.

    Args:
        coefficients: (count,), of the deviations.
        scale: 2 or 4.

    Returns:
        Over 0: the filter sharpens; under 0: it softens.
    """
    weights = taps(np.asarray(coefficients, dtype=np.float64), scale).sum(axis=0)
    offset = 0.25 if scale == 2 else 0.0  # LR pixels from the result's pixel to the LR pixel in the middle
    places = np.arange(-REACH[scale], REACH[scale] + 1) + offset
    return float(weights @ np.cos(np.pi / 2 * places))


def deviate(planes: torch.Tensor, coefficients: Array, scale: int) -> torch.Tensor:
    """What the filter adds to bicubic interpolation.

    Args:
        planes: LR (N, h, w), any float dtype; only read. Borders are mirrored, the edge pixel repeated.
        coefficients: (count,), of the deviations; zeros give zeros.
        scale: 2 or 4.

    Returns:
        (N, s*h, s*w), not clipped.
    """
    kernel = torch.from_numpy(taps(np.asarray(coefficients, dtype=np.float64), scale)).to(planes)
    reach = REACH[scale]
    padded = _mirrored(planes, reach)[:, None]
    if scale == 4:
        return bicubic_upscale(F.conv2d(padded, kernel[None, None])[:, 0], scale)
    phases = torch.stack([kernel, kernel.flip(1), kernel.flip(0), kernel.flip(0, 1)])[:, None]
    return F.pixel_shuffle(F.conv2d(padded, phases), 2)[:, 0]


def deviations(plane: torch.Tensor, scale: int) -> torch.Tensor:
    """Every single deviation of one LR plane (h, w): (count, s*h, s*w)."""
    basis = np.eye(count(scale))
    reach = REACH[scale]
    kernels = torch.from_numpy(np.stack([taps(row, scale) for row in basis])).to(plane)[:, None]
    padded = _mirrored(plane[None], reach)[:, None]
    if scale == 4:
        return bicubic_upscale(F.conv2d(padded, kernels)[0], scale)
    turned = torch.stack([kernels, kernels.flip(3), kernels.flip(2), kernels.flip(2, 3)], dim=1)
    return F.pixel_shuffle(F.conv2d(padded, turned.flatten(0, 1)), 2)[0]


def upscale(planes: torch.Tensor, coefficients: Array, scale: int) -> torch.Tensor:
    """Bicubic interpolation and the filter's deviation: (N, h, w) to (N, s*h, s*w), not clipped."""
    return bicubic_upscale(planes, scale) + deviate(planes, coefficients, scale)


def local_range(planes: torch.Tensor, scale: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Least and largest of the 3x3 LR pixels around each pixel of the result, (N, s*h, s*w) each."""
    padded = _mirrored(planes, 1)[:, None]
    high = F.max_pool2d(padded, 3, stride=1)[:, 0]
    low = -F.max_pool2d(-padded, 3, stride=1)[:, 0]
    return tuple(
        bound.repeat_interleave(scale, dim=-2).repeat_interleave(scale, dim=-1) for bound in (low, high)
    )  # type: ignore[return-value]


def into_local_range(
    result: torch.Tensor,
    planes: torch.Tensor,
    scale: int,
    slack: float,
    keeping_means: SaturationConfig | None = None,
) -> torch.Tensor:
    """Values of the result no farther outside the range of the 3x3 LR pixels than ``slack`` times the range.

    Args:
        result: (N, s*h, s*w).
        planes: LR (N, h, w) that it was made from.
        scale: 2 or 4.
        slack: 0: the range itself; infinite: no bound.
        keeping_means: how values inside make good what the bounds take from the mean of a neighbourhood: text
            on paper overshoots on one side only. None: they do not.

    Returns:
        (N, s*h, s*w).
    """
    if np.isinf(slack):
        return result
    low, high = local_range(planes, scale)
    margin = slack * (high - low)
    low, high = low - margin, high + margin
    if keeping_means is None:
        return torch.clamp(result, low, high)
    return between_keeping_means(result, low, high, scale, keeping_means)


def _mirrored(planes: torch.Tensor, reach: int) -> torch.Tensor:
    """(N, h, w) with ``reach`` mirrored pixels around, the edge pixel repeated."""
    rows = torch.arange(-reach, planes.shape[-2] + reach, device=planes.device)
    columns = torch.arange(-reach, planes.shape[-1] + reach, device=planes.device)
    for index, length in ((rows, planes.shape[-2]), (columns, planes.shape[-1])):
        index.remainder_(2 * length)  # a mirrored axis repeats after twice its length, then backwards
        index.copy_(torch.where(index < length, index, 2 * length - 1 - index))
    return planes.index_select(-2, rows).index_select(-1, columns)
