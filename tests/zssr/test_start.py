"""The start is what the settings say, with the image's own weight, and the same for every son."""

import numpy as np
import pytest
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.inverse.adaptive import sharpen
from blindsr.inverse.config import AdaptiveConfig, InverseConfig
from blindsr.inverse.linear import inverse_filter
from blindsr.inverse.noise import choose_weight
from tests.pictures import eight_bits, photo
from zssr.config import ZSSRConfig
from zssr.start import kernel_start, share_of_adaptive, start_for

LINEAR = InverseConfig(adaptive=None)
STEERED = InverseConfig(adaptive=AdaptiveConfig(rounds=1))
WINDOW = 320  # pixels: all of the images here


@pytest.fixture
def kernel() -> SRKernel:
    return random_kernel(np.random.default_rng(3)).kernel


def test_without_an_inverse_it_is_bicubic_interpolation(image: torch.Tensor, kernel: SRKernel) -> None:
    start = start_for(image, kernel, ZSSRConfig())
    assert torch.equal(start(image), bicubic_upscale(image, 2))


def test_start_is_the_inverse_with_the_chosen_weight(image: torch.Tensor, kernel: SRKernel) -> None:
    weight = choose_weight(image, kernel, LINEAR)
    linear = inverse_filter(kernel, weight, LINEAR.linear).upscale(image)
    assert torch.equal(kernel_start(image, kernel, LINEAR).upscale(image), linear)
    assert torch.equal(start_for(image, kernel, ZSSRConfig(inverse=LINEAR))(image), linear)
    steered = kernel_start(image, kernel, STEERED).upscale(image)
    assert torch.equal(steered, sharpen(linear, image, kernel, weight, STEERED))
    assert not torch.equal(steered, linear)


def test_weight_given_is_weight_used(image: torch.Tensor, kernel: SRKernel) -> None:
    start = kernel_start(image, kernel, LINEAR, weight=0.25)
    assert start.weight == 0.25
    assert torch.equal(start.filter.taps, inverse_filter(kernel, 0.25, LINEAR.linear).taps)


def test_the_share_follows_the_image_itself() -> None:
    """Edges gain by the adaptive inverse; noise-like texture does not."""
    kernel, config = random_kernel(np.random.default_rng(0)).kernel, InverseConfig()
    edges = torch.zeros(1, 160, 166)
    for corner in range(10, 150, 20):
        edges[:, corner : corner + 10, corner // 2 : 150] = 1.0
    texture = torch.rand((1, 160, 166), generator=torch.Generator().manual_seed(0))
    shares = []
    for picture in (edges, texture):
        lr = eight_bits(downscale(picture, kernel))
        shares.append(share_of_adaptive(kernel_start(lr, kernel, config), lr, WINDOW))
    assert 0 <= shares[1] < shares[0] <= 1


def test_the_share_is_how_far_the_start_goes(kernel: SRKernel) -> None:
    """Between the linear and the adaptive inverse, by the image's own share."""
    lr = eight_bits(downscale(photo("chelsea", slice(150, 290), slice(150, 300)), kernel))  # edges and fur
    config = InverseConfig()
    whole = kernel_start(lr, kernel, config)
    share = share_of_adaptive(whole, lr, WINDOW)
    linear = kernel_start(lr, kernel, LINEAR, weight=whole.weight).upscale(lr)
    wanted = torch.lerp(linear, whole.upscale(lr), share)
    found = start_for(lr, kernel, ZSSRConfig(inverse=config, window=WINDOW))(lr)
    assert 0 < share < 1
    assert torch.equal(found, wanted)
