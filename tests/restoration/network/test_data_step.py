"""The data step against a dense solution, and the conventions of kernel and phase."""

import numpy as np
import pytest
import torch

from blindsr.restoration.network.data_step import DataStep, fold, spread, transfer_of
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling
from srbase.kernels.random_kernels import random_kernel

EXACT = 1e-9  # float64: a product in the Fourier domain against a dense solution


def _blob(side, scale, centre):
    rows, columns = np.mgrid[:side, :side]
    blob = np.exp(
        -((rows - centre - 0.3) ** 2) / 3 - (columns - centre) ** 2 / 2 - (rows - columns) ** 2 / 30
    )
    return blob / blob.sum()


def dense(kernel, scale, size):
    """The matrix (h*w, s*h*s*w) of a correlation around cell side // 2, wrapping, every s-th pixel."""
    h, w = size
    matrix = np.zeros((h * w, scale**2 * h * w))
    for i in range(h):
        for j in range(w):
            for a in range(kernel.shape[0]):
                for b in range(kernel.shape[1]):
                    row = (scale * i + a - kernel.shape[0] // 2) % (scale * h)
                    column = (scale * j + b - kernel.shape[1] // 2) % (scale * w)
                    matrix[i * w + j, row * scale * w + column] += kernel[a, b]
    return matrix


@pytest.mark.parametrize(("scale", "size"), [(2, (5, 7)), (3, (5, 6)), (3, (4, 5)), (4, (3, 5)), (1, (5, 7))])
def test_the_closed_form_is_the_dense_solution(scale, size):
    kernel, rng = _blob(5, scale, 2.2), np.random.default_rng(scale)
    y, x = rng.random(size), rng.random((scale * size[0], scale * size[1]))
    matrix, closeness = dense(kernel, scale, size), 0.01
    normal = matrix.T @ matrix + closeness * np.eye(x.size)
    wanted = np.linalg.solve(normal, matrix.T @ y.ravel() + closeness * x.ravel()).reshape(x.shape)
    step = DataStep.of(kernel, scale, size, torch.from_numpy(y))
    solved = step.solve(
        torch.from_numpy(x), torch.fft.fft2(torch.from_numpy(y)), torch.tensor(closeness, dtype=torch.float64)
    )
    assert np.abs(solved.numpy() - wanted).max() < EXACT


@pytest.mark.parametrize(("scale", "size"), [(2, (5, 7)), (3, (5, 6)), (3, (4, 5)), (4, (3, 5))])
def test_folding_half_a_spectrum_is_keeping_every_pixel_of_the_scale(scale, size):
    large = torch.rand(scale * size[0], scale * size[1], dtype=torch.float64)
    folded = fold(torch.fft.rfft2(large), scale, size) / scale**2
    assert (torch.fft.ifft2(folded).real - large[::scale, ::scale]).abs().max() < EXACT


@pytest.mark.parametrize(("scale", "size"), [(2, (5, 7)), (3, (5, 6)), (4, (3, 5))])
def test_spreading_is_setting_pixels_apart(scale, size):
    small = torch.rand(size, dtype=torch.float64)
    large = small.new_zeros(scale * size[0], scale * size[1])
    large[::scale, ::scale] = small
    assert (spread(torch.fft.fft2(small), scale) - torch.fft.rfft2(large)).abs().max() < EXACT


def test_the_transfer_is_that_of_the_kernel_turned_and_convolved():
    """What published weights were trained with: a convolution around the middle cell."""
    kernel = random_kernel(np.random.default_rng(3), 2).kernel
    turned = kernel.convolving()
    size, middle = (20, 26), turned.shape[0] // 2
    placed = np.zeros(size)
    placed[: turned.shape[0], : turned.shape[1]] = turned
    moved = np.roll(placed, (-middle, -middle), axis=(0, 1))
    assert np.abs(np.fft.rfft2(moved) - transfer_of(kernel.array, size)).max() < EXACT


@pytest.mark.parametrize("scale", [2, 4])
def test_the_operator_is_the_one_of_the_inverse(scale):
    kernel = random_kernel(np.random.default_rng(5), scale).kernel
    image = torch.rand(1, scale * 30, scale * 36, dtype=torch.float64)
    step = DataStep.of(kernel.array, scale, (30, 36), image)
    ours = fold(step.transfer * torch.fft.rfft2(image), scale, (30, 36)) / scale**2
    theirs = PeriodicDownscaling.of(kernel, (30, 36), image).downscale(image)
    assert (torch.fft.ifft2(ours).real - theirs).abs().max() < EXACT


@pytest.mark.parametrize("scale", [2, 4])
def test_the_turned_kernel_has_its_centre_where_published_weights_want_it(scale):
    """(side - s) / 2: the nearest-neighbour enlargement of LR and the kernel then agree in phase."""
    kernel = random_kernel(np.random.default_rng(scale), scale).kernel.centred()
    turned = kernel.convolving()
    rows, columns = np.indices(turned.shape)
    centre = np.array([(rows * turned).sum(), (columns * turned).sum()])
    assert centre == pytest.approx((len(turned) - scale) / 2, abs=1e-6)  # cells, as `recentre` leaves it


def test_a_delta_kernel_keeps_the_pixels_and_fills_in_none():
    """On the anchor cell, without a wish to stay: z is y at every s-th pixel, and the guess elsewhere."""
    cells = np.zeros((5, 5))
    cells[2, 2] = 1
    y, x = torch.rand(6, 8, dtype=torch.float64), torch.rand(12, 16, dtype=torch.float64)
    step = DataStep.of(cells, 2, (6, 8), y)
    z = step.solve(x, torch.fft.fft2(y), torch.tensor(1e-12, dtype=torch.float64))
    wanted = x.clone()
    wanted[::2, ::2] = y
    assert (z - wanted).abs().max() < EXACT


def test_a_constant_stays_what_it_is():
    kernel = SRKernel.bicubic(2)
    y = torch.full((8, 10), 0.3, dtype=torch.float64)
    x = torch.full((16, 20), 0.3, dtype=torch.float64)
    step = DataStep.of(kernel.array, 2, (8, 10), y)
    z = step.solve(x, torch.fft.fft2(y), torch.tensor(0.1, dtype=torch.float64))
    assert (z - 0.3).abs().max() < EXACT
