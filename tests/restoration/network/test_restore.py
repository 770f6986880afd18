"""A network from a file as second stage: conventions, tiles, borders, gray."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.restore import TrainedNetwork, padding_of
from blindsr.restoration.network.weights import network_on
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import face
from tests.restoration.network.made import data_steps_alone, random_network, saved

ROUNDING = 1e-5  # float32, images in 0..1
IN_TILES = 2e-3  # half a grey level: what is beyond the rim has a say that does not show


@pytest.fixture(scope="module")
def steps_alone(tmp_path_factory):
    return NetworkConfig.of(saved(data_steps_alone(), tmp_path_factory.mktemp("weights")))


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A prior that changes colours a little by what is around them."""
    network = data_steps_alone()
    for parameter, other in zip(network.p.parameters(), random_network().p.parameters(), strict=True):
        parameter.add_(other, alpha=0.2)
    return NetworkConfig.of(saved(network, tmp_path_factory.mktemp("weights")))


def restored(config, image, kernel):
    return TrainedNetwork(config).restore(image, {kernel.scale: kernel}, kernel.scale, QUANTISATION)


def kernel_of(scale, seed=1):
    return random_kernel(np.random.default_rng(seed), scale).kernel


def large():
    return face(100, 124)


@pytest.mark.parametrize("scale", [2, 4])
def test_data_steps_alone_end_in_an_image_that_shrinks_to_lr(steps_alone, scale):
    kernel = kernel_of(scale)
    lr = downscale(large(), kernel)
    sr = restored(steps_alone, lr, kernel)
    inner = (slice(None), slice(4, -4), slice(4, -4))
    left = (downscale(sr, kernel) - lr)[inner].square().mean()
    first = (downscale(bicubic_upscale(lr, scale), kernel) - lr)[inner].square().mean()
    assert left < first / 50


@pytest.mark.parametrize("scale", [2, 4])
def test_the_kernel_is_turned_and_in_phase(steps_alone, scale):
    """Any other convention is further from the truth than the right one."""
    kernel, truth = kernel_of(scale), large()
    lr = downscale(truth, kernel)

    def error(used):
        return float((restored(steps_alone, lr, used) - truth)[:, 16:-16, 16:-16].square().mean())

    right = error(kernel)
    not_turned = SRKernel(kernel.array[::-1, ::-1], scale)
    on_the_middle_cell = SRKernel(np.roll(kernel.array, (-1, -1), axis=(0, 1)), scale)
    assert right < 0.8 * error(not_turned)
    assert right < 0.8 * error(on_the_middle_cell)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_constant_stays_a_constant_up_to_the_border(steps_alone, scale):
    lr = torch.full((3, 37, 31), 0.4)
    assert (restored(steps_alone, lr, kernel_of(scale)) - 0.4).abs().max() < ROUNDING


def test_the_border_does_not_see_the_opposite_side(steps_alone):
    """A ramp from black to white would ring at its ends under a plain periodic transform."""
    kernel = kernel_of(2)
    ramp = torch.linspace(0.1, 0.9, 96).expand(3, 80, 96)
    lr = downscale(ramp, kernel)
    network = network_on(Path(steps_alone.file), steps_alone.sha256, lr.device)
    wrapped = network(lr[None], kernel.array, 2, 0.01)[0]
    assert (wrapped - ramp).abs().max() > 0.2
    assert (restored(steps_alone, lr, kernel) - ramp).abs().max() < 0.06  # the mirrored ramp has a bend there


def test_tiles_make_no_difference(local):
    kernel = kernel_of(2)
    lr = downscale(large(), kernel)
    whole = restored(local, lr, kernel)
    in_tiles = restored(replace(local, tile=64), lr, kernel)
    assert (whole - in_tiles).abs().max() < IN_TILES
    assert whole.std() > 0


def test_the_input_is_only_read_and_the_same_again(local):
    kernel = kernel_of(4)
    lr = downscale(large(), kernel)
    before = lr.clone()
    first, second = (restored(local, lr, kernel) for _ in range(2))
    assert torch.equal(lr, before)
    assert torch.equal(first, second)


def test_gray_is_one_channel_of_the_same_colour_image(steps_alone):
    kernel = kernel_of(2)
    gray = downscale(large(), kernel)[:1]
    made, wanted = restored(steps_alone, gray, kernel), restored(steps_alone, gray.expand(3, -1, -1), kernel)
    assert made.shape == (1, 2 * gray.shape[1], 2 * gray.shape[2])
    assert (made - wanted[:1]).abs().max() < ROUNDING


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", [(37, 31), (8, 9), (64, 100)])
def test_padded_sizes_halve_three_times(size, scale):
    padding = padding_of(size, scale)
    assert all(scale * n % 8 == 0 for n in padding.size)
    assert all(n >= m + 2 * padding.before for n, m in zip(padding.size, size, strict=True))


def test_measured_noise_adds_to_the_level_of_a_clean_picture(local):
    network = TrainedNetwork(local)
    assert network.level(QUANTISATION) == pytest.approx(0.6 / 255)
    assert network.level(0.0) == pytest.approx(0.6 / 255)
    assert network.level(QUANTISATION + (3 / 255) ** 2) == pytest.approx((0.6**2 + 9) ** 0.5 / 255)


def test_any_whole_scale(local):
    """The network itself takes what the program's kernels do not offer."""
    network = random_network()
    cells = np.full((3, 3), 1 / 9)
    made = network(torch.rand(1, 3, 16, 24), cells, 3, 0.01)
    assert made.shape == (1, 3, 48, 72)
    assert torch.isfinite(made).all()


def test_doubt_adds_noise_up_to_a_most(local):
    network = TrainedNetwork(local)
    assert network.level(QUANTISATION, 4.0) == pytest.approx(1.2 / 255)
    assert network.level(QUANTISATION, 1e6) == pytest.approx(local.noise_level_most / 255)
