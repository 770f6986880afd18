"""How wide a kernel is and in which direction, against kernels that are made so."""

import numpy as np
import pytest

from blindsr.report.blur_ellipse import blur_ellipse, errors_along
from srbase.kernels.kernel import SRKernel
from tests.report.results import gaussian

CELLS = 0.08
"""HR pixels: how far 13x13 sampled cells are from the Gaussian's own deviation."""


@pytest.mark.parametrize(
    ("moments", "direction"),
    [
        ((1.0, 4.0, 0.0), "sideways"),
        ((4.0, 1.0, 0.0), "up and down"),
        ((2.5, 2.5, 1.5), "along the diagonal that falls to the right"),  # rows count downward
        ((2.5, 2.5, -1.5), "along the diagonal that rises to the right"),
        ((2.5, 2.5, 0.0), None),
    ],
)
def test_the_direction_is_the_one_that_a_person_sees(moments, direction):
    ellipse = blur_ellipse(gaussian(*moments))
    assert ellipse.direction == direction
    assert ellipse.width == pytest.approx(np.sqrt((moments[0] + moments[1]) / 2), abs=CELLS)
    wanted = (2.0, 1.0) if direction else (np.sqrt(2.5), np.sqrt(2.5))
    assert (ellipse.wide, ellipse.narrow) == pytest.approx(wanted, abs=CELLS)


def test_a_lean_within_the_errors_is_no_direction():
    kernel = gaussian(2.6, 1.8)
    assert blur_ellipse(kernel, np.eye(3) * 0.01).direction == "up and down"
    assert blur_ellipse(kernel, np.eye(3)).direction is None


def test_errors_are_those_of_the_moments_along_the_axes():
    """sigma = sqrt(v), so that its error is that of v over 2 sigma."""
    posterior = np.diag([0.4, 0.1, 0.0]) ** 2  # of yy, xx, xy
    ellipse = blur_ellipse(gaussian(4.0, 1.0), posterior)
    along, across = errors_along(posterior, ellipse)
    assert along == pytest.approx(0.4 / (2 * ellipse.wide), rel=1e-3)
    assert across == pytest.approx(0.1 / (2 * ellipse.narrow), rel=1e-3)
    assert ellipse.width_error == pytest.approx(np.hypot(0.4, 0.1) / 2 / (2 * ellipse.width), rel=1e-3)


def test_a_kernel_of_one_cell_has_no_width():
    point = np.zeros((13, 13))
    point[6, 6] = 1
    ellipse = blur_ellipse(SRKernel(point, 2), np.eye(3))
    assert (ellipse.width, ellipse.wide, ellipse.direction) == (0, 0, None)
