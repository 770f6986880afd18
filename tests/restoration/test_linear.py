"""The linear inverse against the problem that it claims to solve."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.restoration.config import LinearConfig
from blindsr.restoration.linear import LinearInverse, filter_radius, response
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling
from srbase.kernels.random_kernels import random_kernel

ORACLE = 1e-8
"""Largest difference from a dense solve in float64, images in 0..1, of a system of condition near 1e5."""
EXACT = 1e-12
"""Sums of a few thousand float64 products."""
SINGLE = 2e-5
"""The same in float32: 6e-8 times the sum of the filter's magnitudes, about 50, with room."""
SQUARED_GRADIENT = LinearConfig(spectral_exponent=2.0)


def kernel_for(scale, seed=3):
    return random_kernel(np.random.default_rng(seed), scale).kernel


def linear_inverse(kernel, weight, size, config, image):
    gain = torch.from_numpy(response(kernel, size, weight, config.spectral_exponent))
    kind = torch.complex128 if image.dtype == torch.float64 else torch.complex64
    return LinearInverse(gain.to(kind), kernel.scale)


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dense(apply, size):
    """The matrix of a linear map on images of a size: its columns are the answers to impulses."""
    impulses = torch.eye(size[0] * size[1], dtype=torch.float64).reshape(-1, *size)
    return apply(impulses).flatten(1).T


@pytest.mark.parametrize(("scale", "size"), [(2, (9, 7)), (4, (4, 5))])
def test_equals_least_squares(scale, size):
    kernel, weight, image = kernel_for(scale), 3e-3, noise(0, 1, *size)
    large = (scale * size[0], scale * size[1])
    down = dense(PeriodicDownscaling.of(kernel, size, image).downscale, large)
    steps = torch.cat([dense(lambda x, d=dim: x - x.roll(1, d), large) for dim in (-2, -1)])
    expected = torch.linalg.solve(down.T @ down + weight * steps.T @ steps, down.T @ image.flatten())
    found = linear_inverse(kernel, weight, size, SQUARED_GRADIENT, image).upscale(image)
    assert (found.flatten() - expected).abs().max() < ORACLE


@pytest.mark.parametrize("scale", [2, 4])
def test_constant_stays_constant(scale):
    image = torch.full((3, 31, 37), 0.7, dtype=torch.float64)
    inverse = linear_inverse(kernel_for(scale), 1e-4, (31, 37), LinearConfig(), image)
    assert (inverse.upscale(image) - 0.7).abs().max() < EXACT


def test_moves_with_the_image():
    """Whole LR pixels: the filter is the same everywhere."""
    image = noise(1, 1, 16, 18)
    inverse = linear_inverse(kernel_for(2), 1e-3, (16, 18), LinearConfig(), image)
    moved = inverse.upscale(image.roll((3, 5), (-2, -1)))
    assert (moved - inverse.upscale(image).roll((6, 10), (-2, -1))).abs().max() < EXACT


def test_lighter_weights_explain_the_image_better():
    kernel, image = kernel_for(2), noise(4, 1, 24, 20)
    operator = PeriodicDownscaling.of(kernel, (24, 20), image)

    def left(weight):
        large = linear_inverse(kernel, weight, (24, 20), LinearConfig(), image).upscale(image)
        return float((operator.downscale(large) - image).std())

    assert left(1e-6) < left(1e-4) < left(1e-2)


def test_float32_is_near_float64():
    image = noise(5, 3, 31, 37)
    one = linear_inverse(kernel_for(2), 1e-4, (31, 37), LinearConfig(), image).upscale(image)
    single = image.float()
    other = linear_inverse(kernel_for(2), 1e-4, (31, 37), LinearConfig(), single).upscale(single)
    assert other.dtype == torch.float32
    assert (one - other).abs().max() < SINGLE


def motion(length=9):
    """A straight motion: its spectrum has zeros, so that its inverse rings far."""
    array = np.zeros((13, 13))
    array[6:8, 7 - length // 2 : 7 + length // 2 + 1] = 1
    return SRKernel(array, 2).centred()


def test_reach_grows_where_the_filter_rings():
    config = LinearConfig()
    assert filter_radius(kernel_for(2), 1e-4, config) == config.radii[0]
    assert filter_radius(motion(), 1e-4, config) > config.radii[0]
    assert filter_radius(motion(), 1e-4, replace(config, radii=(4, 5))) == 5  # the last one


def test_reach_holds_the_filter():
    """Beyond the reach lies no more of the impulse's answer than the settings say."""
    config, kernel, n = LinearConfig(), kernel_for(2), 96
    far = filter_radius(kernel, 1e-4, config)
    impulse = torch.zeros(1, n, n, dtype=torch.float64)
    impulse[0, n // 2, n // 2] = 1.0
    answer = linear_inverse(kernel, 1e-4, (n, n), config, impulse).upscale(impulse)[0].abs()
    near = slice(2 * (n // 2 - far), 2 * (n // 2 + far + 1))
    assert float(answer[near, near].sum()) >= (1 - config.tail) * float(answer.sum())
