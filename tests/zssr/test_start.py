"""The start is the inverse, with the image's own weight, and the same for every son."""

import numpy as np
import torch

from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale
from blindsr.inverse.adaptive import AdaptiveConfig, sharpen
from blindsr.inverse.linear import InverseConfig, inverse_filter
from blindsr.inverse.noise import choose_weight
from zssr.start import kernel_start, share_of_adaptive


def test_start_is_the_inverse_with_the_chosen_weight():
    kernel = random_kernel(np.random.default_rng(3)).kernel
    image = torch.rand((3, 31, 37), generator=torch.Generator().manual_seed(0))
    weight = choose_weight(image, kernel)
    linear = inverse_filter(kernel, InverseConfig(weight=weight)).upscale(image)
    assert torch.equal(kernel_start(image, kernel).upscale(image), linear)
    config = AdaptiveConfig(rounds=1)
    steered = kernel_start(image, kernel, adaptive=config).upscale(image)
    assert torch.equal(steered, sharpen(linear, image, kernel, weight, config))
    assert not torch.equal(steered, linear)


def test_weight_given_is_weight_used():
    kernel = random_kernel(np.random.default_rng(3)).kernel
    image = torch.rand((1, 31, 37), generator=torch.Generator().manual_seed(0))
    start = kernel_start(image, kernel, weight=0.25)
    assert start.weight == 0.25
    assert torch.equal(start.filter.taps, inverse_filter(kernel, InverseConfig(weight=0.25)).taps)


def test_the_share_follows_the_image_itself() -> None:
    """Edges gain by the adaptive inverse; noise-like texture does not."""
    kernel = random_kernel(np.random.default_rng(0)).kernel
    edges = torch.zeros(1, 160, 160)
    for corner in range(10, 150, 20):
        edges[:, corner : corner + 10, corner // 2 : 150] = 1.0
    texture = torch.rand((1, 160, 160), generator=torch.Generator().manual_seed(0))
    shares = []
    for picture in (edges, texture):
        lr = (downscale(picture, kernel) * 255).round() / 255
        start = kernel_start(lr, kernel, adaptive=AdaptiveConfig())
        shares.append(share_of_adaptive(start, lr, 320))
    assert 0 <= shares[1] < shares[0] <= 1
    flat = torch.full((1, 80, 80), 0.5)
    assert 0 <= share_of_adaptive(kernel_start(flat, kernel, adaptive=AdaptiveConfig()), flat, 320) <= 1
