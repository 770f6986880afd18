"""How wide a kernel is, in which direction, and how far that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]

NOTICEABLE: Final = 1.15
"""Ratio of the widths along and across: under it a blur counts as round."""
CERTAIN: Final = 5.99
"""Squared standard errors by which it must differ from a round one: 95 % of chi-squared, 2 degrees."""
EXACT: Final = 1e-12
"""HR px^8: the variance of a moment that is known exactly."""

DIRECTIONS: Final = (
    "sideways",
    "along the diagonal that rises to the right",
    "up and down",
    "along the diagonal that falls to the right",
)
"""By the angle, in steps of 45 degrees, counter-clockwise from the horizontal as one sees it."""


@dataclass(frozen=True)
class BlurEllipse:
    """Standard deviations of a kernel, HR pixels.

    Attributes:
        width: the root of the mean variance.
        width_error: its standard error; 0 where unknown.
        wide: along the main axis.
        narrow: across it.
        angle: of the main axis, radians in 0..pi, counter-clockwise from the horizontal as one sees it.
        direction: the main axis in words; None for a blur that is, or may well be, round.
    """

    width: float
    width_error: float
    wide: float
    narrow: float
    angle: float
    direction: str | None


def blur_ellipse(kernel: SRKernel, posterior: Array | None = None) -> BlurEllipse:
    """The ellipse of a kernel's standard deviations.

    Args:
        kernel: any.
        posterior: (3, 3), the covariance of the errors of its moments, order (yy, xx, xy), HR px^4; None:
            unknown.

    Returns:
        The ellipse.
    """
    covariance = kernel.covariance
    values, axes = np.linalg.eigh(covariance)  # ascending; a bicubic kernel's may be just below 0
    narrow, wide = (math.sqrt(max(0.0, float(value))) for value in values)
    down, right = axes[:, 1]
    angle = math.atan2(-down, right) % math.pi
    width = math.sqrt(max(0.0, float(np.trace(covariance)) / 2))
    error = 0.0
    if posterior is not None and width > 0:
        half_trace = np.array([0.5, 0.5, 0.0])
        error = math.sqrt(float(half_trace @ posterior @ half_trace)) / (2 * width)
    leans = wide >= NOTICEABLE * narrow and (posterior is None or _off_round(covariance, posterior) > CERTAIN)
    direction = DIRECTIONS[round(4 * angle / math.pi) % 4] if leans and wide > 0 else None
    return BlurEllipse(width, error, wide, narrow, angle, direction)


def errors_along(posterior: Array, ellipse: BlurEllipse) -> tuple[float, float]:
    """Standard errors of the deviations along and across the main axis.

    Args:
        posterior: (3, 3), the covariance of the errors of the moments (yy, xx, xy), HR px^4.
        ellipse: of the same kernel.

    Returns:
        Both, HR pixels.
    """
    right, up = math.cos(ellipse.angle), math.sin(ellipse.angle)
    found = []
    for deviation, x, y in ((ellipse.wide, right, -up), (ellipse.narrow, up, right)):
        along = np.array([y * y, x * x, 2 * x * y])  # the variance along (y, x) is this times the moments
        # the error of a root is that of the variance over twice the root
        found.append(math.sqrt(float(along @ posterior @ along)) / (2 * max(deviation, 1e-6)))
    return found[0], found[1]


def _off_round(covariance: Array, posterior: Array) -> float:
    """Squared distance, in standard errors, from the round blur of the same mean variance."""
    to_shape = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    moments = np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])
    off = to_shape @ moments
    errors = to_shape @ posterior @ to_shape.T + EXACT * np.eye(2)
    return float(off @ np.linalg.solve(errors, off))
