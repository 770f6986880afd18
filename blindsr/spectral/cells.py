"""The x2 kernel that is its own half turn: a Gaussian whose mirrored cells may deviate in pairs.

A Gaussian is spanned by three numbers V = (V_yy, V_xx, V_xy), its covariance in HR px^2. It is drawn
in 11 cells a side (KernelGAN, section 5.1). How much of it the outermost cells hold depends on how the
kernel was made, and a lighter tail looks like a narrower Gaussian to a spectrum: a :class:`Taper` says how
much. Each cell of the papers' kernels is multiplied by 1 + U(-0.25, 0.25); the pair's mean of that is the
deviation u.

A kernel that is its own half turn has a real transform, so that its power spectrum holds all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SIZE as SIZES

Array = npt.NDArray[np.float64]

SCALE = 2
SIZE = SIZES[SCALE]
"""Cells a side of an x2 kernel."""


@dataclass(frozen=True, kw_only=True)
class Taper:
    """The share of the Gaussian that the cells at the two outermost distances of an axis hold, 0..1. Cells
    nearer to the centre hold all of it; the shares of both axes multiply."""

    inner: float  # at 4.5 HR px
    outer: float  # at 5.5 HR px

    def __post_init__(self) -> None:
        for name in ("inner", "outer"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"taper's {name} is {getattr(self, name)}; wanted a share, 0..1")

    def of_pairs(self) -> Array:
        """The share of each pair of cells, (72,)."""
        distance = np.abs(PAIR_OFFSETS)
        outer = offsets()[-1]
        shares = np.where(distance == outer, self.outer, np.where(distance == outer - 1, self.inner, 1.0))
        return np.asarray(shares.prod(axis=0), dtype=np.float64)


SHIFTED: Final = Taper(inner=0.684, outer=0.0)
"""DIV2KRK's: two shifts by a cubic spline inside the 11 cells cut the kernel off one cell nearer to its
centre (:mod:`srbase.kernels.random_kernels`). Least squares over 300 kernels of that chain without noise."""
CROPPED: Final = Taper(inner=1.0, outer=0.5)
"""A Gaussian sampled in 11 cells, which lie unevenly around the centre of a kernel at x2: the outermost
distance has a cell on one side only, half of which is on either side of the mean with the half turn."""
WHOLE: Final = Taper(inner=1.0, outer=1.0)
"""A Gaussian that no window cuts off."""


def offsets() -> Array:
    """Distance of each cell of an axis from the wanted centre, HR pixels, (13,): -6.5 ... 5.5."""
    centre: float = geometry.wanted_centre((SIZE,), SCALE)[0]
    return np.asarray(np.arange(SIZE) - centre, dtype=np.float64)


def _pairs() -> npt.NDArray[np.int64]:
    """(y, x, mirrored y, mirrored x) of each pair, (72, 4). The first row and column have no mirror."""
    inside = range(1, SIZE)
    return np.array([
        (y, x, SIZE - y, SIZE - x) for y in inside for x in inside if (y, x) < (SIZE - y, SIZE - x)
    ])  # fmt: skip


PAIRS = _pairs()
PAIR_OFFSETS = np.stack([offsets()[PAIRS[:, 0]], offsets()[PAIRS[:, 1]]])
"""(y, x) distance of each pair's first cell from the centre, HR pixels, (2, 72)."""


def pair_values(kernel: Array) -> Array:
    """The value of each pair of cells, their mean, (72,), of a kernel (13, 13)."""
    y, x, mirrored_y, mirrored_x = PAIRS.T
    return np.asarray((kernel[y, x] + kernel[mirrored_y, mirrored_x]) / 2, dtype=np.float64)


def from_pairs(first: Array, mirrored: Array) -> Array:
    """The kernel (13, 13) of the value of each pair's first cell and of its mirror, (72,) each."""
    kernel = np.zeros((SIZE, SIZE))
    y, x, mirrored_y, mirrored_x = PAIRS.T
    kernel[y, x], kernel[mirrored_y, mirrored_x] = first, mirrored
    return kernel


def gaussian_pairs(v: Array, taper: Taper = CROPPED) -> Array:
    """Pair values (72,) of the Gaussian of covariance v = (yy, xx, xy), HR px^2, positive definite, under a
    taper; the kernel sums to 1."""
    y, x = PAIR_OFFSETS
    determinant = v[0] * v[1] - v[2] ** 2
    values = np.exp(-0.5 * (v[1] * y**2 + v[0] * x**2 - 2 * v[2] * y * x) / determinant)
    values *= taper.of_pairs()
    return np.asarray(values / (2 * values.sum()), dtype=np.float64)


def gaussian_slopes(v: Array, taper: Taper = CROPPED) -> Array:
    """Derivative of :func:`gaussian_pairs` by v, (3, 72)."""
    values = gaussian_pairs(v, taper)
    y, x = PAIR_OFFSETS
    determinant = v[0] * v[1] - v[2] ** 2
    # With o the offset and p = V^(-1) o, the exponent -o' V^(-1) o / 2 changes by p' dV p / 2, where V_xy
    # stands twice. The kernel, two cells a pair, keeps its sum of 1: the mean of the terms is taken off.
    pull_y, pull_x = (v[1] * y - v[2] * x) / determinant, (v[0] * x - v[2] * y) / determinant
    terms = np.stack([pull_y**2 / 2, pull_x**2 / 2, pull_y * pull_x])
    return np.asarray(values * (terms - 2 * (terms @ values)[:, None]), dtype=np.float64)


def symmetric_kernel(v: Array, deviations: Array | None = None, taper: Taper = CROPPED) -> Array:
    """Kernel (13, 13), sum 1, centre of mass the wanted one exactly, own half turn: the Gaussian of
    covariance v under a taper, each pair of cells multiplied by 1 + its deviation (72,)."""
    values = gaussian_pairs(v, taper)
    if deviations is not None:
        values = values * (1 + deviations)
    kernel = from_pairs(values, values)
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def moments(v: Array, deviations: Array | None = None, taper: Taper = CROPPED) -> Array:
    """Second moments (yy, xx, xy) of :func:`symmetric_kernel`, HR px^2."""
    covariance = geometry.covariance(symmetric_kernel(v, deviations, taper))
    return np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])


def moments_jacobian(v: Array, deviations: Array, taper: Taper = CROPPED, step: float = 1e-3) -> Array:
    """Derivative of :func:`moments` by v and the deviations.

    Args:
        v: covariance (yy, xx, xy), HR px^2.
        deviations: (72,), of each pair of cells.
        taper: of the Gaussian.
        step: HR px^2, of the central differences by v.

    Returns:
        (3, 75).
    """
    by_v = [
        (moments(v + d, deviations, taper) - moments(v - d, deviations, taper)) / (2 * step)
        for d in step * np.eye(3)
    ]
    y, x = PAIR_OFFSETS
    gaussian = gaussian_pairs(v, taper)
    total = 2 * (gaussian * (1 + deviations)).sum()
    products = np.stack([y * y, x * x, y * x])
    # a moment is sum(cells * products) / total: a cell adds its product less what it adds to the total
    by_cells = 2 * gaussian * (products - moments(v, deviations, taper)[:, None]) / total
    return np.concatenate([np.stack(by_v, axis=1), by_cells], axis=1)


def clamp(v: Array, low: float, high: float) -> Array:
    """The nearest covariance whose axis variances lie in low..high, HR px^2."""
    values, axes = np.linalg.eigh(np.array([[v[0], v[2]], [v[2], v[1]]]))
    m = (axes * np.clip(values, low, high)) @ axes.T
    return np.array([m[0, 0], m[1, 1], m[0, 1]])
