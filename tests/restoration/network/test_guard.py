"""What the picture says of its kernel, and the blend with the untrained result."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import blindsr
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import settings_of_preset
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.restoration.blend import restore
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.expected_loss import kernel_alone
from blindsr.restoration.network.guard import doubt_of_kernel, mix_in, worst_misfit
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from tests.pictures import eight_bits, face
from tests.restoration.network.made import data_steps_alone, saved

ROUNDING = 1e-6


def gaussian(variance):
    offset = np.arange(13) - 6.5
    taps = np.exp(-(offset**2) / 2 / variance)
    return SRKernel(np.outer(taps, taps), 2)


TRUE, WIDE = gaussian(1.5), gaussian(3.5)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return NetworkConfig.of(saved(data_steps_alone(), tmp_path_factory.mktemp("weights")))


@pytest.fixture(scope="module")
def lr():
    return eight_bits(downscale(face(160, 200), TRUE))


def test_a_kernel_too_wide_is_doubted_and_the_right_one_is_not(config, lr):
    right, wide = (worst_misfit(lr, kernel, config) for kernel in (TRUE, WIDE))
    assert doubt_of_kernel(right, QUANTISATION, config) < 2
    assert doubt_of_kernel(wide, QUANTISATION, config) > 8


def test_a_misfit_of_the_noise_is_none(config):
    misfit = (1 / 255) ** 2
    noisy = QUANTISATION + (4 / 255) ** 2
    assert doubt_of_kernel(misfit, QUANTISATION, config) > 8
    assert doubt_of_kernel(misfit, noisy, config) < 1.1


def test_a_small_picture_says_nothing(config):
    assert worst_misfit(torch.rand(3, 31, 90), TRUE, config) == 0.0


@pytest.mark.parametrize("share", [0.0, 0.8, 1.0])
def test_the_share_is_that_of_the_network(config, lr, share):
    own = bicubic_upscale(lr, 2).clamp(0, 1)
    mixed = own.clone()
    config = replace(config, share=share, doubtful=1e3)  # no doubt: a clean picture's level
    mix_in(mixed, lr, TRUE, config, QUANTISATION)
    alone = TrainedNetwork(config).restore(lr, {2: TRUE}, 2, QUANTISATION)
    assert (mixed - (own + share * (alone - own))).abs().max() < ROUNDING


class _Mean:
    """A second stage whose picture is one colour; it keeps what it was told."""

    def restore(self, image, kernels, scale, noise_variance, *, rng, on_step=None):
        self.told = (scale, sorted(kernels), noise_variance)
        return torch.full((len(image), scale * image.shape[1], scale * image.shape[2]), 0.25)


INSTANT = settings_of_preset("instant").restoration


def run(lr, config, combination=None, stored=None, second_stage=None, noisy=False):
    rng = torch.Generator().manual_seed(0)
    given = {"rng": rng, "second_stage": second_stage, "noisy": noisy}
    return restore(lr, {2: TRUE}, 2, config, combination, stored, **given).image


def test_the_network_changes_a_picture_of_a_sure_kernel_and_no_other(config, lr):
    with_network = replace(INSTANT, network=config)
    sure, bicubic = kernel_alone(2), replace(kernel_alone(2), kernel=0.0)
    assert (run(lr, with_network, sure) - run(lr, INSTANT, sure)).abs().max() > 0.01
    assert torch.equal(run(lr, with_network, bicubic), run(lr, INSTANT, bicubic))


@pytest.mark.parametrize("changed", ["noisy", "beyond white"])
def test_on_noise_and_beyond_white_there_is_no_network(changed, config, lr):
    with_network, sure = replace(INSTANT, network=config), kernel_alone(2)
    picture = lr.clone()
    if changed == "beyond white":
        picture[:, 40, 40] = 3.0
    noisy = changed == "noisy"
    made = (run(picture, settings, sure, noisy=noisy) for settings in (with_network, INSTANT))
    assert torch.equal(*made)


def test_under_a_jpegs_noise_there_is_no_network(config, lr):
    steps = np.full((8, 8), 20.0)
    stored = stored_jpeg(lr, JPEGTables(steps, steps, False), settings_of_preset().analysis)
    assert stored is not None
    with_network, sure = replace(INSTANT, network=config), kernel_alone(2)
    assert torch.equal(run(lr, with_network, sure, stored), run(lr, INSTANT, sure, stored))


def test_another_second_stage_takes_the_place_of_zssr(lr):
    stage = _Mean()
    assert (run(lr, INSTANT, second_stage=stage) - 0.25).abs().max() < ROUNDING
    assert stage.told[:2] == (2, [2])
    assert stage.told[2] >= QUANTISATION


def test_the_public_functions_take_a_file_and_an_object(config, lr):
    given = {"kernel": TRUE, "device": "cpu", "settings": settings_of_preset("instant")}
    array = lr.permute(1, 2, 0).numpy()
    plain = blindsr.upscale(array, **given).image
    by_file = blindsr.upscale(array, network=config.file, **given)
    assert np.abs(by_file.image - plain).max() > 0.01
    by_object = blindsr.upscale(array, second_stage=_Mean(), **given)
    assert np.abs(by_object.image - 0.25).max() < ROUNDING
