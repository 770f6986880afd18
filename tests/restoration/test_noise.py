"""The noise estimate and the weight that follows from it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.restoration.noise import Powers, choose_weight, likeliest_weight, noise_variance
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import downscale
from srbase.kernels.operator import fold, half_transfer
from srbase.kernels.random_kernels import random_kernel

CONFIG = InverseConfig(adaptive=None)
LIMITS = CONFIG.noise
FACTOR = 2.0
"""The variance is right within this factor: measured 0.55 to 1.3 on photographs with noise."""


def scene(height=192, width=224):
    """Overlapping discs on a slope: flat parts, edges, and a power-law spectrum."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    image = np.stack([0.3 + 0.3 * x / width] * 3)
    for _ in range(60):
        cy, cx, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 30)
        image[:, (y - cy) ** 2 + (x - cx) ** 2 < r * r] = rng.uniform(0.1, 0.9, (3, 1))
    return torch.from_numpy(image).float()


def degraded(deviation):
    kernel = random_kernel(np.random.default_rng(3)).kernel
    lr = downscale(scene(), kernel)
    lr = lr + deviation / 255 * torch.randn(lr.shape, generator=torch.Generator().manual_seed(0))
    return kernel, (lr.clamp(0, 1) * 255 + 0.5).floor() / 255


def variance_of(image):
    return noise_variance(image, Powers.of(image, LIMITS), LIMITS)


def likely_of(image, kernel):
    return likeliest_weight(Powers.of(image, LIMITS), kernel, CONFIG)


@pytest.mark.parametrize("deviation", [2.0, 5.0, 12.0])
def test_noise_is_found(deviation):
    _, image = degraded(deviation)
    truth = (deviation / 255) ** 2 + QUANTISATION
    assert truth / FACTOR < variance_of(image) < truth * FACTOR


def test_clean_image_has_the_noise_of_rounding():
    _, image = degraded(0.0)
    assert variance_of(image) == pytest.approx(QUANTISATION, rel=FACTOR)


def test_weight_grows_with_the_noise():
    weights = [choose_weight(degraded(d)[1], degraded(d)[0], CONFIG) for d in (0.0, 2.0, 8.0)]
    assert weights == sorted(weights)
    assert weights[2] > 20 * weights[0]


@pytest.mark.parametrize("deviation", [0.0, 3.0])
def test_chosen_weight_is_near_the_best(deviation):
    kernel, image = degraded(deviation)
    truth = scene()

    def error(weight):
        large = kernel_inverse(image, kernel, CONFIG, weight=weight).upscale(image)
        return float((large.clamp(0, 1) - truth).square().mean())

    best = min(error(w) for w in np.geomspace(1e-5, 0.1, 9))
    assert error(choose_weight(image, kernel, CONFIG)) < 1.15 * best  # 0.6 dB


def jpeg(image, quality):
    pixels = (image * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1).float() / 255


def test_jpeg_is_seen_in_the_spectrum():
    kernel, image = degraded(0.0)
    polluted = jpeg(image, 95)
    assert likely_of(polluted, kernel) > 4 * likely_of(image, kernel)
    assert choose_weight(polluted, kernel, CONFIG) > 1.5 * choose_weight(image, kernel, CONFIG)


def test_likeliest_weight_is_that_of_the_model():
    """An image drawn from the model itself: noise of known size on a folded power law."""
    kernel, size, weight = random_kernel(np.random.default_rng(3)).kernel, (128, 160), 1e-2
    rows, columns = (2 - 2 * np.cos(2 * np.pi * f) for f in (np.fft.fftfreq(256), np.fft.rfftfreq(320)))
    prior = np.maximum(rows[:, None] + columns[None], 1e-9) ** (-CONFIG.linear.spectral_exponent / 2)
    prior[0, 0] = 0.0
    passed = torch.from_numpy(prior * np.abs(half_transfer(kernel, size)) ** 2).to(torch.complex128)
    expected = fold(passed, 2, size).real.numpy() / 4
    white = np.fft.fft2(np.random.default_rng(0).standard_normal(size))
    image = np.fft.ifft2(white * np.sqrt(1e-4 * (expected + weight))).real
    found = likely_of(torch.from_numpy(image)[None], kernel)
    assert weight / FACTOR < found < weight * FACTOR


def test_a_smooth_middle_does_not_hide_the_detail():
    """The weight is the image's, wherever in it the detail lies."""
    kernel, image = degraded(0.0)
    part = image[:, :64]
    smooth = torch.full_like(image, 0.5)
    around = torch.cat([part, smooth, smooth, part], dim=1)
    ratio = choose_weight(around, kernel, CONFIG) / choose_weight(image, kernel, CONFIG)
    assert 1 / 4 < ratio < 4  # through one window over the whole image it was more than ten


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_image_has_no_likeliest_weight(level):
    kernel, _ = degraded(0.0)
    assert likely_of(torch.full((3, 40, 44), level), kernel) == LIMITS.weight_min


@pytest.mark.parametrize("channels", [1, 3])
def test_flat_image(channels):
    kernel, _ = degraded(0.0)
    assert choose_weight(torch.full((channels, 31, 37), 0.5), kernel, CONFIG) == CONFIG.linear.weight


def test_tiny_image_gives_a_weight_within_bounds():
    kernel, image = degraded(0.0)
    weight = choose_weight(image[:, :16, :17], kernel, CONFIG)
    assert LIMITS.weight_min <= weight <= LIMITS.weight_max


def test_input_is_only_read():
    kernel, image = degraded(1.0)
    before = image.clone()
    choose_weight(image, kernel, CONFIG)
    assert torch.equal(image, before)
