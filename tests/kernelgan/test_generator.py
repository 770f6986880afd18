"""The composed kernel is the layered generator."""

import pytest
import torch

from kernelgan.config import KernelGANConfig
from kernelgan.generator import UnfoldedCrops, compose, initial_filters, output_side
from tests.kernelgan.reference import difference, g_by_layers

SAME = 1e-10
"""Relative to the largest value, in float64: six layers of a few hundred products each."""
SCATTER = 0.09  # of the deviation: five standard errors of the mean of 3,136 normal numbers


@pytest.mark.parametrize("pixels", [13, 36, 37])
def test_the_composed_kernel_equals_the_layers(pixels: int) -> None:
    config, rng = KernelGANConfig(channels=5, initial_gain=1.0), torch.Generator().manual_seed(3)
    generators = [[layer.double() for layer in initial_filters(config, rng)] for _ in range(2)]
    crops = torch.rand((2, 3, pixels, pixels), generator=rng, dtype=torch.float64)
    kernel = compose([torch.stack(layers) for layers in zip(*generators, strict=True)])
    fast = UnfoldedCrops.of(crops, 13).downscale(kernel)
    side = output_side(pixels, 13)
    assert fast.shape == (2, 3, side, side)
    slow = [g_by_layers(crop, filters) for crop, filters in zip(crops, generators, strict=True)]
    assert difference(fast, torch.stack(slow)) < SAME


@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_initial_filters_are_xavier_normal_times_the_gain(gain: float) -> None:
    start = initial_filters(KernelGANConfig(initial_gain=gain), torch.Generator().manual_seed(0))
    assert [tuple(layer.shape) for layer in start] == [
        (64, 1, 7, 7),
        (64, 64, 5, 5),
        (64, 64, 3, 3),
        (64, 64, 1, 1),
        (64, 64, 1, 1),
        (1, 64, 1, 1),
    ]
    for layer in start[:-1]:  # those of 3,136 cells and more
        wide_out, wide_in, size, _ = layer.shape
        deviation = gain * (2 / ((wide_in + wide_out) * size**2)) ** 0.5
        assert float(layer.std()) == pytest.approx(deviation, rel=SCATTER)
        assert abs(float(layer.mean())) < SCATTER * deviation
