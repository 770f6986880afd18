"""The downscaling on a periodic grid against the sum that defines it."""

import numpy as np
import pytest
import torch

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling, whole_spectrum

EXACT = 1e-12
"""float64: sums of a few hundred products of numbers up to 1."""

SIZES = [(2, (10, 12)), (2, (9, 11)), (2, (8, 7)), (4, (10, 12)), (4, (7, 9)), (4, (6, 5))]


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def lopsided(scale, seed=0):
    """A kernel without any symmetry."""
    side = {2: 13, 4: 25}[scale]
    return SRKernel(np.random.default_rng(seed).uniform(0, 1, (side, side)), scale)


def defined(image, kernel):
    """Correlate around the anchor cell, borders wrapping around, and keep every s-th pixel."""
    anchor = geometry.anchor(kernel.shape[0])
    result = torch.zeros_like(image[..., :: kernel.scale, :: kernel.scale])
    for i, row in enumerate(kernel.array):
        for j, cell in enumerate(row):
            moved = image.roll((anchor - i, anchor - j), (-2, -1))
            result += float(cell) * moved[..., :: kernel.scale, :: kernel.scale]
    return result


@pytest.mark.parametrize(("scale", "size"), SIZES)
def test_equals_its_definition(scale, size):
    kernel, image = lopsided(scale), noise(1, 2, scale * size[0], scale * size[1])
    operator = PeriodicDownscaling.of(kernel, size, image)
    assert operator.large == tuple(image.shape[-2:])
    assert (operator.downscale(image) - defined(image, kernel)).abs().max() < EXACT


@pytest.mark.parametrize(("scale", "size"), SIZES)
def test_adjoint(scale, size):
    large, small = noise(1, 2, scale * size[0], scale * size[1]), noise(2, 2, *size)
    operator = PeriodicDownscaling.of(lopsided(scale), size, large)
    one = (operator.downscale(large) * small).sum()
    other = (large * operator.downscale_adjoint(small)).sum()
    assert float(one) == pytest.approx(float(other), rel=EXACT)


@pytest.mark.parametrize("width", [6, 7])
def test_half_a_spectrum_is_completed(width):
    image = noise(0, 3, 5, width)
    assert (whole_spectrum(torch.fft.rfft2(image), width) - torch.fft.fft2(image)).abs().max() < EXACT


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_float_type_and_channels_are_kept(dtype):
    image = torch.zeros(3, 18, 22, dtype=dtype)
    image[0] = noise(0, 18, 22)
    small = PeriodicDownscaling.of(lopsided(2), (9, 11), image).downscale(image)
    assert small.dtype == dtype
    assert small.shape == (3, 9, 11)
    assert not small[1:].any()
