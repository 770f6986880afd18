"""Shapes: every kernel of every grid is a kernel, and has the width of its shape."""

import numpy as np
import pytest

from blindsr.spectral.config import ShapesConfig
from blindsr.spectral.shapes import Bicubic, Box, Disc, Motion
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

EXACT = 1e-9  # float64 sums over 169 cells
CELL = 0.1  # HR px^2: what a cell's own width adds (1/12), and parts of cells take
EVERY_KERNEL = [
    pytest.param(shape, numbers, id="-".join([shape.name, *(f"{n:.2f}" for n in numbers)]))
    for shape in ShapesConfig().shapes
    for numbers in shape.grid()
]


@pytest.mark.parametrize(("shape", "numbers"), EVERY_KERNEL)
def test_every_kernel_of_a_grid_sums_to_1_is_centred_and_has_13_cells_a_side(shape, numbers):
    kernel = shape.kernel(numbers)
    assert kernel.shape == (13, 13)
    assert kernel.dtype == np.float64
    assert kernel.sum() == pytest.approx(1.0, abs=EXACT)
    np.testing.assert_allclose(geometry.centre_of_mass(kernel), 6.5, atol=EXACT)


@pytest.mark.parametrize("shape", ShapesConfig().shapes, ids=lambda shape: shape.name)
def test_a_grid_is_not_empty_and_its_steps_are_the_distances_of_its_numbers(shape):
    grid = list(shape.grid())
    assert grid
    assert len(set(grid)) == len(grid)
    assert {len(numbers) for numbers in grid} == {len(shape.steps)}
    for values, step in zip(zip(*grid, strict=True), shape.steps, strict=True):
        np.testing.assert_allclose(np.diff(sorted(set(values))), step)


@pytest.mark.parametrize("shape", ShapesConfig().shapes, ids=lambda shape: shape.name)
def test_a_kernel_is_its_own_half_turn(shape):
    """What the power spectrum can tell of it is all of it."""
    for numbers in shape.grid():
        kernel = shape.kernel(numbers)
        np.testing.assert_allclose(kernel[1:, 1:], kernel[1:, 1:][::-1, ::-1], atol=EXACT)
        np.testing.assert_allclose([kernel[0], kernel[:, 0]], 0.0, atol=EXACT)


def test_every_shape_has_a_name_of_its_own():
    names = [shape.name for shape in ShapesConfig().shapes]
    assert sorted(names) == ["bicubic", "box", "disc", "motion"]


def test_variances_are_those_of_the_shapes():
    # a disc of radius r has r^2 / 4, a box of width w has w^2 / 12, a line of length l has l^2 / 12
    disc, box = geometry.covariance(Disc().kernel((3.0,))), geometry.covariance(Box().kernel((4.0,)))
    np.testing.assert_allclose(disc, np.eye(2) * 9 / 4, atol=CELL)
    np.testing.assert_allclose(box, np.eye(2) * 16 / 12, atol=CELL)
    motion = Motion()
    along = geometry.covariance(motion.kernel((6.0, 0.0)))
    assert along[1, 1] == pytest.approx(36 / 12 + motion.blur, abs=2 * CELL)
    assert along[0, 0] == pytest.approx(motion.blur, abs=CELL)


@pytest.mark.parametrize("degrees", [0, 30, 75, 120])
def test_a_motion_lies_along_its_angle(degrees):
    covariance = geometry.covariance(Motion().kernel((7.0, float(np.radians(degrees)))))
    direction = np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])
    across = np.array([direction[1], -direction[0]])
    assert abs(direction @ covariance @ across) < CELL
    assert direction @ covariance @ direction > 3 * (across @ covariance @ across)


def test_the_bicubic_kernel_is_the_projects_own():
    np.testing.assert_array_equal(Bicubic().kernel(()), SRKernel.bicubic(2).array)
