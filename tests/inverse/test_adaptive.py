"""The edge-adaptive inverse: its form, its solver, and what it is for."""

import numpy as np
import pytest
import torch

from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.metrics import psnr
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale, downscale_adjoint
from blindsr.inverse.adaptive import AdaptiveConfig, conjugate_gradients, preconditioner, sharpen
from blindsr.inverse.linear import WEIGHT, inverse_filter
from blindsr.inverse.steering import steer

ROUNDING = 1e-9
"""float64, sums of a few thousand products."""
SOLVED = 2e-5
"""Conjugate gradients stop at 1e-12 of the energy, so 1e-6 of the residual, here of amplitude near 1."""


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
    return np.outer(taps, taps)


def decibels(image, truth):
    return psnr(image.clamp(0, 1).numpy() * 255, truth.numpy() * 255)


def lowered(image, k):
    return (downscale(image, k).clamp(0, 1) * 255 + 0.5).floor() / 255


def test_form_is_symmetric_and_positive():
    form = steer(noise(0, 3, 37, 31), 1e-3, 1e-3, 1.0)
    a, b = noise(1, 3, 37, 31), noise(2, 3, 37, 31)
    assert float((form.apply(a) * b).sum()) == pytest.approx(float((a * form.apply(b)).sum()), rel=ROUNDING)
    assert float((form.apply(a) * a).sum()) > 0


def test_constant_costs_nothing_and_checkerboard_does():
    form = steer(noise(0, 1, 37, 31), 1.0, 1e-2, 1.0)
    board = torch.ones((1, 37, 31), dtype=torch.float64)
    assert form.apply(board).abs().max() < ROUNDING
    board[:, ::2, ::2] = board[:, 1::2, 1::2] = -1.0
    assert float((form.apply(board) * board).sum()) > board.numel()


def test_form_turns_with_the_image():
    image, other = noise(0, 1, 37, 31), noise(1, 1, 37, 31)
    cost = (steer(image, 1.0, 1e-2, 1.0).apply(other) * other).sum()
    turned = (
        steer(image.rot90(1, (1, 2)), 1.0, 1e-2, 1.0).apply(other.rot90(1, (1, 2))) * other.rot90(1, (1, 2))
    ).sum()
    assert float(cost) == pytest.approx(float(turned), rel=ROUNDING)


def test_steep_across_an_edge_is_cheaper_than_along_it():
    edge = torch.zeros((1, 37, 31), dtype=torch.float64)
    edge[..., 15:] = 1.0
    form = steer(edge, 1.0, 1e-3, 1.0)
    assert form.across[18, 14] < 0.1 * form.down[18, 14]


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
    middle = back[:, size[0] : 2 * size[0], size[1] : 2 * size[1]] + weight * 1e-4 * x
    assert (middle - centre).abs().max() < 1e-4  # float32, with a response of about 1 / weight


def test_edges_gain_over_the_linear_inverse():
    truth, k = discs(), kernel()
    image = lowered(truth, k)
    start = inverse_filter(k).upscale(image)
    before = start.clone()
    better = sharpen(start, image, k, WEIGHT)
    assert decibels(better, truth) > decibels(start, truth) + 0.5  # 0.9 dB; the scene is all edges
    assert torch.equal(start, before)


def test_doubt_makes_a_wrong_kernel_harmless():
    truth, narrow, wide = discs(), SRKernel(gaussian(1.0), 2), SRKernel(gaussian(2.2), 2)
    image = lowered(truth, narrow)
    start = inverse_filter(wide).upscale(image)
    linear = decibels(start, truth)
    trusting, doubting = (
        decibels(sharpen(start, image, wide, WEIGHT, AdaptiveConfig(doubt=doubt)), truth)
        for doubt in (0.0, AdaptiveConfig().doubt)
    )
    assert trusting < linear - 1.0  # what the rule is there to prevent
    assert doubting > linear


def test_constant_stays_constant():
    image = torch.full((3, 16, 18), 0.7)
    start = inverse_filter(kernel()).upscale(image)
    assert torch.allclose(sharpen(start, image, kernel(), WEIGHT), torch.tensor(0.7), atol=1e-4)


@pytest.mark.parametrize(
    "settings", [{"rounds": 0}, {"steps": 0}, {"strength": 0.0}, {"blur": float("nan")}, {"doubt": -1.0}]
)
def test_settings_are_checked(settings):
    with pytest.raises(InputError, match="adaptive"):
        AdaptiveConfig(**settings)
