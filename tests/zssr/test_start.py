"""The start is what the settings say, with the image's own weight, and the same for every son."""

import numpy as np
import pytest
import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.kernel_inverse import KernelInverse, inverse_for
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import eight_bits, photo
from zssr.config import ZSSRConfig, kernel_aware
from zssr.start import share_of_adaptive, start_for

LINEAR = InverseConfig(adaptive=None)
WINDOW = 320  # pixels: all of the images here


@pytest.fixture
def kernel() -> SRKernel:
    return random_kernel(np.random.default_rng(3)).kernel


def test_without_an_inverse_it_is_bicubic_interpolation(image: torch.Tensor, kernel: SRKernel) -> None:
    start = start_for(image, kernel, ZSSRConfig())
    assert torch.equal(start.upscale(image), bicubic_upscale(image, 2))


def test_start_is_the_linear_inverse_where_that_is_asked_for(image: torch.Tensor, kernel: SRKernel) -> None:
    start = start_for(image, kernel, ZSSRConfig(inverse=LINEAR))
    assert torch.equal(start.upscale(image), inverse_for(image, kernel, LINEAR).upscale(image))


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
        shares.append(share_of_adaptive(inverse_for(lr, kernel, config), lr, WINDOW))
    assert 0 <= shares[1] < shares[0] <= 1


def test_the_share_is_how_far_the_start_goes(kernel: SRKernel) -> None:
    """Between the linear and the adaptive inverse, by the image's own share."""
    lr = eight_bits(downscale(photo("chelsea", slice(150, 290), slice(150, 300)), kernel))  # edges and fur
    config = InverseConfig()
    whole = inverse_for(lr, kernel, config)
    share = share_of_adaptive(whole, lr, WINDOW)
    wanted = torch.lerp(whole.linear(lr), whole.upscale(lr), share)
    found = start_for(lr, kernel, ZSSRConfig(inverse=config, window=WINDOW)).upscale(lr)
    assert 0 < share < 1
    assert torch.equal(found, wanted)


def test_the_number_of_threads_changes_nothing() -> None:
    """Sums over more values than one thread takes: the misfit and the share."""
    kernel = random_kernel(np.random.default_rng(3)).kernel
    image = eight_bits(downscale(photo(), kernel))[:, :200, :190]
    before, starts = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            start = start_for(image, kernel, kernel_aware())
            assert isinstance(start, KernelInverse)
            starts.append((start.weight, start.noise_variance, start.doubt, start.share))
    finally:
        torch.set_num_threads(before)
    assert starts[0] == starts[1]
