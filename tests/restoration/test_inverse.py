"""The inverse of a kernel for images of any size."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from srbase.imaging.resample import bicubic_upscale
from srbase.imaging.tiles import tiles
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

LINEAR = InverseConfig(adaptive=None)
SEAM = 2e-4
"""Linear inverse in tiles against in one piece, images in 0..1, float64: what the filter's tail beyond its
reach adds, under a tenth of a grey level."""
SEAM_OF_STEPS = 2 / 255
"""Adaptive inverse likewise: conjugate gradients end before they have converged, and end elsewhere."""


def kernel(scale=2, seed=3):
    return random_kernel(np.random.default_rng(seed), scale).kernel


def scene(height, width, channels=1):
    """Smooth hills and a few steps."""
    rng = torch.Generator().manual_seed(0)
    coarse = torch.rand(channels, height // 6 + 2, width // 6 + 2, generator=rng, dtype=torch.float64)
    image = bicubic_upscale(coarse, 6)[:, :height, :width].clamp(0, 1)
    image[:, height // 3 : height // 2] *= 0.5
    return image


def in_tiles(inverse, image, side):
    scale = inverse.scale
    result = image.new_empty(image.shape[0], *(scale * n for n in image.shape[1:]))
    for tile in tiles((image.shape[1], image.shape[2]), side, inverse.reach):
        tile.place(result, scale).copy_(tile.core(inverse.upscale(tile.read(image)), scale))
    return result


@pytest.mark.parametrize("scale", [2, 4])
def test_tiles_have_no_seams(scale):
    image = scene(97, 110)
    inverse = kernel_inverse(image, kernel(scale), LINEAR)
    assert (in_tiles(inverse, image, 40) - inverse.upscale(image)).abs().max() < SEAM


def test_tiles_of_the_adaptive_inverse_have_no_visible_seams():
    image = scene(97, 110, channels=3)
    inverse = kernel_inverse(image, kernel(), InverseConfig())
    assert (in_tiles(inverse, image, 40) - inverse.upscale(image)).abs().max() < SEAM_OF_STEPS


@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("scale", [2, 4])
def test_ramp_stays_a_ramp_in_phase(scale, axis):
    n = 81
    lr = torch.arange(n, dtype=torch.float64) / n
    hr = (torch.arange(n * scale, dtype=torch.float64) - (scale - 1) / 2) / scale / n
    image = lr[:, None].expand(n, n) if axis == -2 else lr[None].expand(n, n)
    expected = hr[:, None] if axis == -2 else hr[None]
    large = kernel_inverse(image[None], kernel(scale), LINEAR, weight=1e-4).upscale(image[None])[0]
    inside = slice(24 * scale, -24 * scale)
    assert (large - expected)[inside, inside].abs().max() < 1e-4 / n * n  # a hundredth of a grey level


@pytest.mark.parametrize("scale", [2, 4])
def test_borders_of_a_symmetric_kernel_are_mirrored(scale):
    """An image and its mirror image side by side: the seam is the border, and nothing is seen there."""
    image = scene(40, 44)
    inverse = kernel_inverse(image, SRKernel.bicubic(scale), LINEAR, weight=1e-3)
    both = torch.cat([image, image.flip(-1)], dim=-1)
    alone = inverse.upscale(image)
    assert (inverse.upscale(both)[..., : alone.shape[-1]] - alone).abs().max() < SEAM


def test_share_is_the_way_from_linear_to_adaptive():
    image = scene(40, 44, channels=3)
    inverse = kernel_inverse(image, kernel(), InverseConfig())
    linear, whole = inverse.linear(image), inverse.upscale(image)
    half = replace(inverse, share=0.5).upscale(image)
    assert torch.allclose(half, (linear + whole) / 2)
    assert torch.equal(replace(inverse, share=0.0).upscale(image), linear)


def test_image_smaller_than_the_filter():
    image = torch.full((1, 3, 5), 0.25)
    large = kernel_inverse(torch.full((1, 20, 20), 0.25), kernel(), LINEAR).upscale(image)
    assert large.shape == (1, 6, 10)
    assert torch.allclose(large, torch.tensor(0.25), atol=1e-5)  # float32, a filter of mass 50
