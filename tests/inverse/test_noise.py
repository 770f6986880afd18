"""The noise estimate and the weight that follows from it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale
from blindsr.inverse.config import QUANTISATION, InverseConfig
from blindsr.inverse.linear import folded, inverse_filter, prior_spectrum, transfer
from blindsr.inverse.noise import choose_weight, likeliest_weight, noise_variance, noise_variance_of
from tests.pictures import discs, eight_bits

CONFIG = InverseConfig()

SCENE = discs(193, 223, 60)
NEAR_THE_BEST = 1.15  # of the mean squared error: 0.6 dB
FACTOR = 2.0
"""The variance is right within this factor: measured 0.55 to 1.3 on photographs with noise."""


def degraded(deviation):
    kernel = random_kernel(np.random.default_rng(3)).kernel
    lr = downscale(SCENE, kernel)
    return kernel, eight_bits(lr + deviation / 255 * torch.randn(lr.shape, generator=seeded()))


def seeded():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("deviation", [2.0, 5.0, 12.0])
def test_noise_is_found(deviation):
    _, image = degraded(deviation)
    truth = (deviation / 255) ** 2 + QUANTISATION
    assert truth / FACTOR < noise_variance(image, CONFIG.noise) < truth * FACTOR


def test_clean_image_has_the_noise_of_rounding():
    _, image = degraded(0.0)
    assert QUANTISATION <= noise_variance(image, CONFIG.noise) < QUANTISATION * FACTOR


def test_weight_grows_with_the_noise():
    weights = [choose_weight(*degraded(d)[::-1], CONFIG) for d in (0.0, 2.0, 8.0)]
    assert weights == sorted(weights)
    assert weights[2] > 20 * weights[0]


@pytest.mark.parametrize("deviation", [0.0, 3.0])
def test_chosen_weight_is_near_the_best(deviation):
    kernel, image = degraded(deviation)
    truth = SCENE[:, :192, :222]

    def error(weight):
        large = inverse_filter(kernel, weight, CONFIG.linear).upscale(image)
        return float((large.clamp(0, 1) - truth).square().mean())

    best = min(error(w) for w in np.geomspace(1e-5, 0.1, 9))
    assert error(choose_weight(image, kernel, CONFIG)) < NEAR_THE_BEST * best


def jpeg(image, quality):
    pixels = (image * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1).float() / 255


def test_jpeg_is_seen_in_the_spectrum():
    kernel, image = degraded(0.0)
    polluted = jpeg(image, 70)
    assert likeliest_weight(polluted, kernel, CONFIG) > 4 * likeliest_weight(image, kernel, CONFIG)
    assert choose_weight(polluted, kernel, CONFIG) > 1.5 * choose_weight(image, kernel, CONFIG)


def test_likeliest_weight_is_that_of_the_model():
    """An image drawn from the model itself: noise of known size on a folded power law."""
    kernel, size, weight = random_kernel(np.random.default_rng(3)).kernel, (127, 161), 1e-2
    expected = folded(prior_spectrum(size, 2, 2.5) * np.abs(transfer(kernel, size)) ** 2, 2) / 4
    white = np.fft.fft2(np.random.default_rng(0).standard_normal(size))
    image = np.fft.ifft2(white * np.sqrt(1e-4 * (expected + weight))).real
    found = likeliest_weight(torch.from_numpy(image)[None], kernel, CONFIG)
    assert weight / FACTOR < found < weight * FACTOR


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_image_has_no_likeliest_weight(level):
    kernel, _ = degraded(0.0)
    assert likeliest_weight(torch.full((3, 41, 45), level), kernel, CONFIG) == CONFIG.noise.weight_min


@pytest.mark.parametrize("channels", [1, 3])
def test_flat_image(channels):
    kernel, _ = degraded(0.0)
    assert choose_weight(torch.full((channels, 31, 37), 0.5), kernel, CONFIG) == CONFIG.linear.weight


def test_tiny_image_gives_a_weight_within_bounds():
    kernel, image = degraded(0.0)
    weight = choose_weight(image[:, :16, :17], kernel, CONFIG)
    assert CONFIG.noise.weight_min <= weight <= CONFIG.noise.weight_max


def test_nothing_but_noise_gets_the_heaviest_weight():
    kernel, _ = degraded(0.0)
    image = eight_bits(0.5 + 0.1 * torch.randn((1, 63, 71), generator=seeded()))
    assert choose_weight(image, kernel, CONFIG) > 0.1 * CONFIG.noise.weight_max


def test_the_noise_of_a_weight_is_that_of_rounding_for_the_clean_one():
    assert noise_variance_of(CONFIG.linear.weight, CONFIG) == pytest.approx(QUANTISATION)
    assert noise_variance_of(5 * CONFIG.linear.weight, CONFIG) == pytest.approx(5 * QUANTISATION)


def test_input_is_only_read():
    kernel, image = degraded(1.0)
    before = image.clone()
    choose_weight(image, kernel, CONFIG)
    assert torch.equal(image, before)
