"""The edge-adaptive inverse: its form, its solver, and what it is for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.restoration.adaptive import AdaptiveInverse, Preconditioner
from blindsr.restoration.config import AdaptiveConfig, InverseConfig, LinearConfig, RoundsConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.restoration.linear import LinearInverse, response
from blindsr.restoration.steering import steer
from srbase.imaging.metrics import psnr
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling
from srbase.kernels.random_kernels import random_kernel

ROUNDING = 1e-9
"""float64, sums of a few thousand products."""
SOLVED = 1e-7
"""The dense solve has a condition near 1e6 in float64; conjugate gradients stop far past it."""
NUMBERS = AdaptiveConfig()


def kernel(scale=2):
    return random_kernel(np.random.default_rng(3), scale).kernel


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def discs(height=124, width=148):
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    image = np.stack([0.3 + 0.3 * x / width] * 3)
    for _ in range(40):
        cy, cx, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 30)
        image[:, (y - cy) ** 2 + (x - cx) ** 2 < r * r] = rng.uniform(0.1, 0.9, (3, 1))
    return torch.from_numpy(image).float()


def gaussian(variance):
    axis = np.arange(13) - 6.5  # the wanted centre of 13 cells at x2
    taps = np.exp(-0.5 * axis**2 / variance)
    return SRKernel(np.outer(taps, taps), 2)


def decibels(image, truth):
    return psnr(image.clamp(0, 1).numpy() * 255, truth.numpy() * 255)


def lowered(image, k):
    return (downscale(image, k).clamp(0, 1) * 255 + 0.5).floor() / 255


def dense(apply, size):
    """The matrix of a linear map on images of a size."""
    impulses = torch.eye(size[0] * size[1], dtype=torch.float64).reshape(-1, *size)
    return torch.stack([apply(impulse[None])[0] for impulse in impulses]).flatten(1).T


@pytest.mark.parametrize(("scale", "size"), [(2, (8, 9)), (4, (4, 5))])
def test_conjugate_gradients_solve_the_system(scale, size):
    """One round with many steps against a dense solve with the form of the linear inverse."""
    image, k, weight, variance = noise(0, 1, *size), kernel(scale), 1e-3, 1e-5
    operator = PeriodicDownscaling.of(k, size, image)
    gain = torch.from_numpy(response(k, size, weight, LinearConfig().spectral_exponent))
    linear = LinearInverse(gain, scale)
    rounds = RoundsConfig(rounds=1, steps=300, strength=0.5)
    config = AdaptiveConfig(luma=rounds, floor=1e-3)
    form = steer(linear.upscale(image), 0.5 * variance, 1e-3, config.blur)
    large = operator.large
    down = dense(operator.downscale, large)
    expected = torch.linalg.solve(down.T @ down + dense(form.apply, large), down.T @ image.flatten())
    solver = AdaptiveInverse(operator, linear, Preconditioner.of(operator, weight / 2), config)
    found = solver.solve(image, rounds, variance)
    assert (found.flatten() - expected).abs().max() < SOLVED


@pytest.mark.parametrize(("scale", "size"), [(2, (8, 9)), (4, (4, 5))])
def test_preconditioner_is_the_inverse_of_the_even_penalty(scale, size):
    k, weight, image = kernel(scale), 3e-3, noise(2, 1, scale * size[0], scale * size[1])
    operator = PeriodicDownscaling.of(k, size, image)
    solved = torch.fft.irfft2(Preconditioner.of(operator, weight)(torch.fft.rfft2(image)), s=operator.large)
    back = operator.downscale_adjoint(operator.downscale(solved)) + weight * 1e-4 * solved
    for axis in (-2, -1):
        back = back + weight * (2 * solved - solved.roll(1, axis) - solved.roll(-1, axis))
    assert (back - image).abs().max() < ROUNDING


def test_edges_gain_over_the_linear_inverse():
    truth, k = discs(), kernel()
    image = lowered(truth, k)
    before = image.clone()
    inverse = kernel_inverse(image, k, InverseConfig())
    assert decibels(inverse.upscale(image), truth) > decibels(inverse.linear(image), truth) + 0.5
    assert torch.equal(image, before)


def test_colour_edges_gain_too():
    truth = discs()
    luma = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    truth = (0.5 + truth - (luma * truth).sum(0)).clamp(0, 1)  # edges of colour alone
    image = lowered(truth, kernel())
    inverse = kernel_inverse(image, kernel(), InverseConfig())
    assert decibels(inverse.upscale(image), truth) > decibels(inverse.linear(image), truth) + 0.5


def test_doubt_makes_a_wrong_kernel_harmless():
    truth, wide = discs(), gaussian(2.2)
    image = lowered(truth, gaussian(1.0))

    def gain(doubt):
        config = InverseConfig(adaptive=replace(NUMBERS, doubt=doubt))
        inverse = kernel_inverse(image, wide, config, weight=config.linear.weight)
        return decibels(inverse.upscale(image), truth) - decibels(inverse.linear(image), truth)

    assert gain(0.0) < -1.0  # what the rule is there to prevent
    assert gain(NUMBERS.doubt) > 0


def test_constant_stays_constant():
    image = torch.full((3, 16, 18), 0.7)
    upscaled = kernel_inverse(image, kernel(), InverseConfig()).upscale(image)
    assert (upscaled - 0.7).abs().max() < 1e-4  # float32, a hundred transforms
