"""The inverse filter against conjugate gradients on the problem that it claims to solve."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale, downscale_adjoint
from blindsr.inverse.config import LinearConfig
from blindsr.inverse.linear import DIRECT, inverse_filter, mirror

ORACLE = 1e-6
"""Largest difference from the oracle, images in 0..1: float64, both solved far past it, the filter wide
enough that what is cut off is smaller."""
EXACT = 1e-12
"""Sums of a few thousand float64 products."""
SINGLE = 2e-5
"""The same in float32: the taps' magnitudes sum to about 50, times 6e-8, with room."""
RAMP = 1e-4
"""Ramp of one unit a LR pixel: what the cut to the window takes from the first moment."""

CONFIG = LinearConfig()
CLEAN = CONFIG.weight
GRADIENT = LinearConfig(spectral_exponent=2.0, radii=(30,))
"""The squared gradient, in a window in which the response dies out under the weight DYING."""
DYING = {2: 3e-3, 4: 0.1}  # at x4 quicker, to solve as well


def only(radius):
    """The settings of a filter of this radius, however far it rings."""
    return LinearConfig(radii=(radius,))


def kernel_for(scale, seed=3):
    return random_kernel(np.random.default_rng(seed), scale).kernel


def penalised(x, kernel, weight):
    """(A'A + weight * D'D) x with the borders of ``downscale`` and free ends for the gradient."""
    size = (x.shape[-2], x.shape[-1])
    result = downscale_adjoint(downscale(x, kernel), kernel, size)
    for axis in (-2, -1):
        step = weight * x.diff(dim=axis)
        zero = torch.zeros_like(x.narrow(axis, 0, 1))
        result = result - torch.cat([step, zero], axis) + torch.cat([zero, step], axis)
    return result


def least_squares(image, kernel, weight, iterations=600):
    """The oracle: conjugate gradients on the whole image, to convergence."""
    size = (image.shape[-2] * kernel.scale, image.shape[-1] * kernel.scale)
    residual = downscale_adjoint(image, kernel, size)
    x, direction = torch.zeros_like(residual), residual.clone()
    energy = residual.square().sum()
    for _ in range(iterations):
        moved = penalised(direction, kernel, weight)
        step = energy / (direction * moved).sum()
        x = x + step * direction
        residual = residual - step * moved
        before, energy = energy, residual.square().sum()
        if energy < 1e-26:
            break
        direction = residual + energy / before * direction
    return x


@pytest.mark.parametrize(("scale", "side", "interior"), [(2, 72, 32), (4, 40, 17)])
def test_equals_least_squares_away_from_the_borders(scale, side, interior):
    kernel = kernel_for(scale)
    rng = torch.Generator().manual_seed(0)
    image = torch.rand((1, side, side + 1), generator=rng, dtype=torch.float64)
    image = torch.nn.functional.avg_pool2d(image, 3, 1, 1)
    expected = least_squares(image, kernel, DYING[scale])
    found = inverse_filter(kernel, DYING[scale], GRADIENT).upscale(image)
    cut = interior * scale
    difference = (found - expected)[..., cut:-cut, cut:-cut]
    assert difference.abs().max() < ORACLE


@pytest.mark.parametrize("scale", [2, 4])
def test_borders_of_a_symmetric_kernel_equal_least_squares(scale):
    image = torch.rand((1, 15, 17), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    kernel = SRKernel.bicubic(scale)
    found = inverse_filter(kernel, DYING[2], GRADIENT).upscale(image)
    assert (found - least_squares(image, kernel, DYING[2])).abs().max() < ORACLE


@pytest.mark.parametrize("scale", [2, 4])
def test_is_the_transposed_convolution_with_one_response(scale):
    inverse = inverse_filter(kernel_for(scale), CLEAN, only(5))
    impulse = torch.zeros((1, 23, 25), dtype=torch.float64)
    impulse[0, 11, 12] = 1.0
    response = inverse.upscale(impulse)[0]
    r = inverse.radius
    taps = response[scale * (11 - r) : scale * (12 + r), scale * (12 - r) : scale * (13 + r)]
    image = torch.rand((1, 1, 31, 37), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    whole = torch.nn.functional.conv_transpose2d(
        mirror(image, r), taps[None, None], stride=scale, padding=2 * r * scale
    )
    assert torch.allclose(whole, inverse.upscale(image), atol=EXACT)


@pytest.mark.parametrize("scale", [2, 4])
def test_constant_stays_constant(scale):
    image = torch.full((3, 31, 37), 0.7, dtype=torch.float64)
    large = inverse_filter(kernel_for(scale), CLEAN, CONFIG).upscale(image)
    assert torch.allclose(large, image.new_tensor(0.7), atol=EXACT, rtol=0)


@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("scale", [2, 4])
def test_ramp_stays_a_ramp_in_phase(scale, axis):
    lr = torch.arange(80, dtype=torch.float64)
    hr = (torch.arange(80 * scale, dtype=torch.float64) - (scale - 1) / 2) / scale
    image = lr[:, None].expand(80, 80) if axis == -2 else lr[None].expand(80, 80)
    expected = hr[:, None] if axis == -2 else hr[None]
    large = inverse_filter(kernel_for(scale), DYING[2], GRADIENT).upscale(image[None])[0]
    inside = slice(31 * scale, -31 * scale)
    assert ((large - expected)[inside, inside]).abs().max() < RAMP


def test_downscaling_the_result_gives_the_image_back():
    image = torch.rand((1, 31, 37), generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    image = torch.nn.functional.avg_pool2d(image, 3, 1, 1)
    kernel = kernel_for(2)
    light, heavy = (
        float((downscale(inverse_filter(kernel, w, GRADIENT).upscale(image), kernel) - image).std())
        for w in (1e-4, 1e-2)
    )
    assert light < 0.02 * float(image.std())
    assert light < heavy


def test_channels_stay_apart_and_input_is_only_read():
    image = torch.zeros((3, 31, 37))
    image[0] = torch.rand((31, 37), generator=torch.Generator().manual_seed(5))
    before = image.clone()
    large = inverse_filter(kernel_for(2), CLEAN, CONFIG).upscale(image)
    assert large.shape == (3, 62, 74)
    assert large.dtype == torch.float32
    assert not large[1:].any()
    assert torch.equal(image, before)


def test_linear_in_float32():
    inverse = inverse_filter(kernel_for(2), CLEAN, CONFIG)
    rng = torch.Generator().manual_seed(6)
    a, b = torch.rand((2, 1, 31, 37), generator=rng)
    both = inverse.upscale(2 * a - b)
    assert (both - (2 * inverse.upscale(a) - inverse.upscale(b))).abs().max() < 4 * SINGLE


def motion(length=9):
    """A straight motion: its spectrum has zeros, so that its inverse rings far."""
    array = np.zeros((13, 13))
    array[6:8, 7 - length // 2 : 7 + length // 2 + 1] = 1
    return SRKernel(array, 2).centred()


def test_the_window_grows_where_the_filter_rings():
    image = torch.rand((1, 41, 45), generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    first, last = CONFIG.radii[0], CONFIG.radii[-1]
    assert inverse_filter(kernel_for(2), CLEAN, CONFIG).radius == first
    wide = inverse_filter(motion(), CLEAN, CONFIG)
    assert wide.radius > first
    far = inverse_filter(motion(), CLEAN, only(2 * last)).upscale(image)
    error, cut = (
        float((inverse.upscale(image) - far).square().mean().sqrt())
        for inverse in (wide, inverse_filter(motion(), CLEAN, only(first)))
    )
    assert error < cut / 4


def test_the_last_window_is_taken_where_none_is_wide_enough():
    config = replace(CONFIG, radii=(3, 5, 7), tail=1e-6)
    assert inverse_filter(motion(), CLEAN, config).radius == 7


def test_wide_filters_are_summed_alike():
    image = torch.rand((2, 3, 19, 23), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    taps = inverse_filter(kernel_for(2), CLEAN, only(DIRECT + 3))
    planes = mirror(image.reshape(-1, 1, 19, 23), taps.radius)
    weight = taps.taps.reshape(-1, 1, 2 * taps.radius + 1, 2 * taps.radius + 1)
    expected = torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(planes, weight), 2)
    assert (taps.upscale(image) - expected.reshape(2, 3, 38, 46)).abs().max() < EXACT
    assert (taps.upscale(image.float()) - expected.reshape(2, 3, 38, 46)).abs().max() < SINGLE


def test_differentiable():
    image = torch.rand((1, 9, 11), dtype=torch.float64, requires_grad=True)
    inverse = inverse_filter(kernel_for(2), CLEAN, only(3))
    assert torch.autograd.gradcheck(inverse.upscale, (image,))


def test_image_smaller_than_the_filter():
    image = torch.full((1, 3, 5), 0.25)
    assert torch.allclose(
        inverse_filter(kernel_for(2), CLEAN, CONFIG).upscale(image), torch.tensor(0.25), atol=SINGLE
    )
