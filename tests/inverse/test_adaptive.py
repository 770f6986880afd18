"""The edge-adaptive inverse: its form, its solver, and what it is for."""

import numpy as np
import pytest
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.metrics import psnr
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale, downscale_adjoint
from blindsr.inverse.adaptive import FLOOR, conjugate_gradients, preconditioner, sharpen
from blindsr.inverse.config import AdaptiveConfig, InverseConfig
from blindsr.inverse.linear import inverse_filter
from blindsr.inverse.steering import steer
from tests.pictures import discs, eight_bits

CONFIG = InverseConfig()
CLEAN = CONFIG.linear.weight

SINGLE = 1e-4
"""float32, with a response of about 1 / weight."""
SOLVED = 2e-5
"""Conjugate gradients stop at 1e-12 of the energy, so 1e-6 of the residual, here of amplitude near 1."""


def kernel(scale=2):
    return random_kernel(np.random.default_rng(3), scale).kernel


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def gaussian(variance):
    axis = np.arange(13) - 6.5  # the wanted centre of 13 cells at x2
    taps = np.exp(-0.5 * axis**2 / variance)
    return np.outer(taps, taps)


def decibels(image, truth):
    return psnr(image.clamp(0, 1).numpy() * 255, truth.numpy() * 255)


def lowered(image, k):
    return eight_bits(downscale(image, k))


def linear(image, k):
    return inverse_filter(k, CLEAN, CONFIG.linear).upscale(image)


@pytest.mark.parametrize("scale", [2, 4])
def test_conjugate_gradients_solve_the_system(scale):
    k = kernel(scale)
    size = (scale * 16, scale * 18)
    form = steer(noise(0, 1, *size), 1e-3, 1e-2, 1.0)
    target = noise(1, 1, *size)

    def system(x):
        return downscale_adjoint(downscale(x, k), k, size) + form.apply(x)

    target = target - target.mean() + 0.5
    x = conjugate_gradients(
        system, target, torch.zeros_like(target), 500, preconditioner(k, (16, 18), 1e-3, like=target)
    )
    assert (system(x) - target).abs().max() < SOLVED


@pytest.mark.parametrize("scale", [2, 4])
def test_preconditioner_is_the_inverse_with_circular_borders(scale):
    k, weight, n = kernel(scale), 3e-3, 12
    centre = torch.zeros((1, scale * n, scale * n))
    centre[0, scale * n // 2, scale * n // 2] = 1.0
    size = (scale * n, scale * n)
    x = preconditioner(k, (n, n), weight, like=centre)(centre)
    tiled = x.repeat(1, 3, 3)  # in the middle of three by three copies the borders are circular
    back = downscale_adjoint(downscale(tiled, k), k, (3 * size[0], 3 * size[1]))
    for axis in (-2, -1):
        back = back + weight * (2 * tiled - tiled.roll(1, axis) - tiled.roll(-1, axis))
    middle = back[:, size[0] : 2 * size[0], size[1] : 2 * size[1]] + weight * FLOOR * x
    assert (middle - centre).abs().max() < SINGLE


def test_edges_gain_over_the_linear_inverse():
    truth, k = discs(122, 146, 40), kernel()
    image = lowered(truth, k)
    start = linear(image, k)
    before = start.clone()
    better = sharpen(start, image, k, CLEAN, CONFIG)
    assert decibels(better, truth) > decibels(start, truth) + 0.5  # 0.9 dB; the scene is all edges
    assert torch.equal(start, before)


def test_doubt_makes_a_wrong_kernel_harmless():
    truth, narrow, wide = discs(122, 146, 40), SRKernel(gaussian(1.0), 2), SRKernel(gaussian(2.2), 2)
    image = lowered(truth, narrow)
    start = linear(image, wide)
    before = decibels(start, truth)
    trusting, doubting = (
        decibels(sharpen(start, image, wide, CLEAN, config), truth)
        for config in (InverseConfig(adaptive=AdaptiveConfig(doubt=0.0)), CONFIG)
    )
    assert trusting < before - 1.0  # what the rule is there to prevent
    assert doubting > before


def test_constant_stays_constant():
    image = torch.full((3, 17, 19), 0.7)
    large = sharpen(linear(image, kernel()), image, kernel(), CLEAN, CONFIG)
    assert torch.allclose(large, torch.tensor(0.7), atol=SINGLE)
