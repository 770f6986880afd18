"""The Gaussian x2 kernel and what its 13x13 window does to it.

A kernel is spanned by three numbers V = (V_yy, V_xx, V_xy), the Gaussian's covariance in HR px^2.
The window cuts the tails, so the kernel's own second moments are a little under V.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blindsr.imaging import geometry
from blindsr.imaging.kernel import SIZE as SIZES

Array = npt.NDArray[np.float64]

SCALE = 2
SIZE = SIZES[SCALE]
"""Cells a side of an x2 kernel."""


def offsets() -> Array:
    """Distance of each cell of an axis from the wanted centre, HR pixels, (13,): -6.5 ... 5.5."""
    centre: float = geometry.wanted_centre((SIZE,), SCALE)[0]
    return np.asarray(np.arange(SIZE) - centre, dtype=np.float64)


def gaussian_kernel(v: Array) -> Array:
    """Kernel (13, 13) of the covariance v = (yy, xx, xy), HR px^2, positive definite.

    The row and the column without a mirror cell stay 0, so that the centre of mass is the wanted
    one exactly.
    """
    axis = offsets()
    inside = np.abs(axis) <= axis[-1]
    y, x = np.meshgrid(axis, axis, indexing="ij")
    determinant = v[0] * v[1] - v[2] ** 2
    kernel = np.exp(-0.5 * (v[1] * y**2 + v[0] * x**2 - 2 * v[2] * y * x) / determinant)
    kernel *= np.outer(inside, inside)
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def moments(v: Array) -> Array:
    """Second moments (yy, xx, xy) of ``gaussian_kernel(v)``."""
    covariance = geometry.covariance(gaussian_kernel(v))
    return np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])


def moments_jacobian(v: Array, step: float = 1e-3) -> Array:
    """D moments / d v, (3, 3), by central differences of ``step`` HR px^2."""
    return np.stack([(moments(v + d) - moments(v - d)) / (2 * step) for d in step * np.eye(3)], axis=1)


def clamp(v: Array, low: float, high: float) -> Array:
    """The nearest covariance whose axis variances lie in low..high, HR px^2."""
    values, axes = np.linalg.eigh(np.array([[v[0], v[2]], [v[2], v[1]]]))
    m = (axes * np.clip(values, low, high)) @ axes.T
    return np.array([m[0, 0], m[1, 1], m[0, 1]])
