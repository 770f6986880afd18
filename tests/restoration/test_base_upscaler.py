"""The default's base upscaler: a kernel's inverse, its blend weight chosen from the image itself."""

import numpy as np
import pytest
import torch

from blindsr.restoration.base_upscaler import adaptive_weight, base_upscaler
from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import eight_bits, photo

LINEAR = InverseConfig(adaptive=None)
WINDOW = 320  # pixels: all of the images here


@pytest.fixture
def kernel() -> SRKernel:
    return random_kernel(np.random.default_rng(3)).kernel


def test_without_adaptive_settings_it_is_the_linear_inverse(image: torch.Tensor, kernel: SRKernel) -> None:
    found = base_upscaler(image, kernel, LINEAR).upscale(image)
    assert torch.equal(found, kernel_inverse(image, kernel, LINEAR).upscale(image))


def test_the_weight_is_larger_for_edges_than_for_noise_like_texture() -> None:
    kernel, config = random_kernel(np.random.default_rng(0)).kernel, InverseConfig()
    edges = torch.zeros(1, 160, 166)
    for corner in range(10, 150, 20):
        edges[:, corner : corner + 10, corner // 2 : 150] = 1.0
    texture = torch.rand((1, 160, 166), generator=torch.Generator().manual_seed(0))
    weights = []
    for picture in (edges, texture):
        lr = eight_bits(downscale(picture, kernel))
        weights.append(adaptive_weight(kernel_inverse(lr, kernel, config), kernel, lr, WINDOW))
    assert 0 <= weights[1] < weights[0] <= 1


def test_it_lies_between_the_linear_and_the_adaptive_inverse_by_the_images_weight(kernel: SRKernel) -> None:
    lr = eight_bits(downscale(photo("chelsea", slice(150, 290), slice(150, 300)), kernel))  # edges and fur
    config = InverseConfig(validation_window=WINDOW)
    whole = kernel_inverse(lr, kernel, config)
    weight = adaptive_weight(whole, kernel, lr, WINDOW)
    wanted = torch.lerp(whole.linear(lr), whole.upscale(lr), weight)
    assert 0 < weight < 1
    assert torch.equal(base_upscaler(lr, kernel, config).upscale(lr), wanted)


def test_the_number_of_threads_changes_nothing() -> None:
    """Sums over more values than one thread takes: the misfit and the weight."""
    kernel = random_kernel(np.random.default_rng(3)).kernel
    image = eight_bits(downscale(photo(), kernel))[:, :200, :190]
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            base = base_upscaler(image, kernel, InverseConfig())
            found.append((base.weight, base.luma_variance, base.share))
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]
