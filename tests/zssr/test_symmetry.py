"""A flipped image has the flipped kernel."""

import numpy as np
import pytest
import torch

from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from zssr.config import ZSSRConfig
from zssr.symmetry import SYMMETRIES, Symmetry, symmetries_of

SAME = 1e-12  # float64, one correlation
TOLERANCE = ZSSRConfig().same_kernel


def gaussian(yy: float, xx: float, yx: float, scale: int = 2) -> SRKernel:
    size = 13 if scale == 2 else 25
    axis = np.arange(size) - (size // 2 + (scale - 1) / 2)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    inverse = np.linalg.inv(np.array([[yy, yx], [yx, xx]]))
    weight = np.exp(-0.5 * (inverse[0, 0] * y * y + 2 * inverse[0, 1] * x * y + inverse[1, 1] * x * x))
    weight[0, :] = weight[:, 0] = 0  # the far side of the centre has no such row, so nothing is lost
    return SRKernel(weight, scale)


@pytest.mark.parametrize("symmetry", SYMMETRIES)
def test_undo_is_the_inverse(symmetry: Symmetry) -> None:
    image = torch.rand((3, 37, 31), generator=torch.Generator().manual_seed(0))
    assert torch.equal(symmetry.undo(symmetry.apply(image)), image)


@pytest.mark.parametrize("symmetry", SYMMETRIES)
@pytest.mark.parametrize("scale", [2, 4])
def test_downscaling_commutes_with_symmetry(symmetry: Symmetry, scale: int) -> None:
    kernel = gaussian(1.0, 2.0, 0.6, scale)
    image = torch.rand((1, 80, 64), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    moved = downscale(symmetry.apply(image), symmetry.of_kernel(kernel))
    expected = symmetry.apply(downscale(image, kernel))
    inside = slice(4, -4)
    assert float((moved - expected)[:, inside, inside].abs().max()) < SAME


def test_symmetries_of_known_kernels() -> None:
    def count(kernel: SRKernel) -> int:
        return len(symmetries_of(kernel, TOLERANCE))

    assert count(SRKernel.bicubic(2)) == 8
    assert count(SRKernel.bicubic(4)) == 8
    assert count(gaussian(1.0, 2.0, 0.0)) == 4  # an upright ellipse: two mirrors
    assert count(gaussian(1.0, 1.0, 0.6)) == 4  # a diagonal one: two diagonal mirrors
    assert count(gaussian(1.0, 2.0, 0.6)) == 2  # a slanted one: itself and half a turn


def test_a_kernel_that_leans_has_none_but_the_identity() -> None:
    leaning = np.array(gaussian(1.0, 2.0, 0.6).array)  # as much as an antisymmetric part found from edges
    leaning[5, 8], leaning[8, 5] = leaning[5, 8] + 0.005, leaning[8, 5] - 0.005
    assert symmetries_of(SRKernel(leaning, 2), TOLERANCE) == (Symmetry(),)
    lopsided = np.array(gaussian(1.0, 2.0, 0.6).array)
    lopsided[4, 9] += 0.2
    assert symmetries_of(SRKernel(lopsided, 2), TOLERANCE) == (Symmetry(),)


def test_the_tolerance_decides() -> None:
    upright = gaussian(1.0, 2.0, 0.0)
    assert symmetries_of(upright, 2.0) == SYMMETRIES  # two kernels of sum 1 differ by no more
    assert len(symmetries_of(upright, 0.4)) == 4  # turned by a quarter it differs by 0.5
