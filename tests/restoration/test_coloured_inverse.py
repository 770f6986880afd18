"""The inverse under coloured noise: equal to the plain one where it must be, and better where it may be."""

from functools import partial

import numpy as np
import pytest
import torch

from blindsr.restoration.camera import camera_transfer
from blindsr.restoration.config import CameraConfig, ColouredNoiseConfig, InverseConfig
from blindsr.restoration.inverse import amplitude_of, coloured_inverse, kernel_inverse, kernel_transfer, white
from srbase.errors import InputError
from srbase.imaging.colour import to_ycc
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import discs, eight_bits, face

LINEAR = ColouredNoiseConfig(adaptive=None)
CAMERA = CameraConfig()
NOISE = 1e-4
SAME = 2e-3  # of a filter cut to 16 pixels and one on a period
STEP = 0.1  # an eighth of a decade apart are the amplitudes that are tried
FLAT = 1e-4  # float32, and a rim that is not quite a period
UNSETTLED = 0.01  # eight steps of conjugate gradients, in float32, do not come to an end
MARGIN = 8  # pixels at the border, where mirrors meet


def through(kernel):
    return partial(kernel_transfer, kernel=kernel)


def noise_of(variance):
    return partial(white, variance=variance)


def inverse_of(transfer, noise, variance, scale, config, amplitude=1.0):
    """The inverse for planes of a known amplitude."""
    return coloured_inverse(
        torch.zeros(8, 8), transfer, noise, scale, config, amplitude=amplitude, variance=variance
    )


def error(image, truth):
    inner = slice(2 * MARGIN, -2 * MARGIN)
    return float((image - truth)[..., inner, inner].square().mean())


@pytest.mark.parametrize("scale", [2, 4])
def test_white_noise_and_no_edges_is_the_linear_inverse(scale):
    kernel = SRKernel.bicubic(scale)
    small = downscale(face(148, 124), kernel)
    ours = inverse_of(through(kernel), noise_of(NOISE), NOISE, scale, LINEAR).upscale(small)
    plain = kernel_inverse(small, kernel, InverseConfig(adaptive=None), weight=NOISE).upscale(small)
    inner = slice(MARGIN * scale, -MARGIN * scale)
    assert (ours - plain)[:, inner, inner].abs().max() < SAME


@pytest.mark.parametrize("config", [LINEAR, ColouredNoiseConfig()])
@pytest.mark.parametrize("scale", [2, 4])
def test_constant_in_constant_out(config, scale):
    transfer = partial(camera_transfer, config=CAMERA)
    inverse = inverse_of(transfer, noise_of(NOISE), NOISE, scale, config)
    made = inverse.upscale(torch.full((1, 37, 31), 0.3))
    assert made.shape == (1, 37 * scale, 31 * scale)
    assert (made - 0.3).abs().max() < FLAT


@pytest.mark.parametrize(("config", "off"), [(LINEAR, FLAT), (ColouredNoiseConfig(), UNSETTLED)])
@pytest.mark.parametrize("axis", [-1, -2])
def test_a_flip_commutes_under_a_camera(axis, config, off):
    small = face(37, 31)[:1]
    inverse = inverse_of(partial(camera_transfer, config=CAMERA), noise_of(4e-3), 4e-3, 2, config)
    flipped = inverse.upscale(small.flip(axis)).flip(axis)
    assert (flipped - inverse.upscale(small)).abs().max() < off


def test_planes_stay_apart_without_edges():
    small = torch.zeros(3, 37, 31)
    small[0] = face(37, 31)[0]
    made = inverse_of(through(SRKernel.bicubic(2)), noise_of(NOISE), NOISE, 2, LINEAR).upscale(small)
    assert made[0].abs().max() > 0
    assert made[1:].abs().max() < FLAT


def test_the_image_is_only_read():
    small = face(37, 31)[:1]
    before = small.clone()
    inverse_of(through(SRKernel.bicubic(2)), noise_of(NOISE), NOISE, 2, ColouredNoiseConfig()).upscale(small)
    assert torch.equal(small, before)


def test_edges_gain_by_steering():
    kernel = random_kernel(np.random.default_rng(1)).kernel
    truth = discs(148, 124, 25)[:1]
    noisy = downscale(truth, kernel) + 0.01 * torch.randn(
        1, 74, 62, generator=torch.Generator().manual_seed(0)
    )
    noise = noise_of(1e-4)
    amplitude = amplitude_of(noisy[0], through(kernel), noise, 2, LINEAR)
    linear, steered = (
        inverse_of(through(kernel), noise, 1e-4, 2, config, amplitude).upscale(noisy)
        for config in (LINEAR, ColouredNoiseConfig())
    )
    assert error(steered, truth) < 0.9 * error(linear, truth)


def test_noise_of_the_right_colour_gains_over_white_noise_of_the_same_variance():
    kernel = SRKernel.bicubic(2)
    truth = face(148, 124)[:1]
    rng = torch.Generator().manual_seed(0)
    grain = torch.randn(1, 74, 62, generator=rng)
    grain = 0.02 * (grain - torch.roll(grain, 1, -1)) / 2**0.5  # differences: strong at the top of the band
    noisy = downscale(truth, kernel) + grain

    def colour(size):
        across = 1 - np.cos(2 * np.pi * np.fft.rfftfreq(size[1]))
        return np.tile(4e-4 * (across + 1e-2), (size[0], 1))

    made = [
        coloured_inverse(noisy[0], through(kernel), noise, 2, LINEAR, variance=4e-4).upscale(noisy)
        for noise in (colour, noise_of(4e-4))
    ]
    assert error(made[0], truth) < 0.95 * error(made[1], truth)


def test_a_camera_is_undone_better_than_by_interpolation():
    """A made camera: blurred and sharpened by the transfer function itself."""
    truth = face(148, 124)[:1]
    size = (74, 62)
    spectrum = torch.fft.rfft2(truth) * torch.from_numpy(camera_transfer(size, 2, CAMERA))
    small = torch.fft.irfft2(spectrum, s=truth.shape[1:]).float()[..., ::2, ::2]
    inverse = inverse_of(partial(camera_transfer, config=CAMERA), noise_of(4e-3), 4e-3, 2, LINEAR)
    assert error(inverse.upscale(eight_bits(small)), truth) < 0.8 * error(bicubic_upscale(small, 2), truth)


def test_colours_stored_at_half_the_size_are_interpolated():
    small, kernel = face(37, 31), SRKernel.bicubic(2)
    luma = to_ycc(small)[0]
    inverse = coloured_inverse(
        luma, through(kernel), noise_of(NOISE), 2, LINEAR, variance=NOISE, chroma="bicubic"
    )
    made = to_ycc(inverse.upscale(small))
    assert (made[1:] - bicubic_upscale(to_ycc(small)[1:], 2)).abs().max() < FLAT
    assert (made[:1] - inverse.linear(luma[None])).abs().max() < FLAT


def test_the_amplitude_grows_with_contrast():
    kernel = SRKernel.bicubic(2)
    small = downscale(face(148, 124), kernel)[0]
    one, half = (
        amplitude_of(plane, through(kernel), noise_of(1e-8), 2, LINEAR) for plane in (small, 0.5 + small / 2)
    )
    assert one == pytest.approx(4 * half, rel=STEP)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ColouredNoiseConfig(reach=-1), "reach is -1"),
        (lambda: CameraConfig(weight=0), "weight is 0"),
        (lambda: CameraConfig(amount=-1), "amount is -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
