import math

import numpy as np
import pytest
import torch
from skimage import data
from skimage import metrics as reference

from srbase.errors import InputError
from srbase.imaging import metrics

EXACT = 1e-9  # float64, sums over 1e5 pixels


def tensor(pixels):
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


@pytest.fixture(scope="module")
def pair():
    """Two versions of a real photograph, 8 bits."""
    truth = data.astronaut()[:128, 100:260]
    noise = np.random.default_rng(0).normal(0, 6, truth.shape)
    return np.clip(truth + noise, 0, 255).round().astype(np.uint8), truth


def luma_of(pixels):
    return 16 + (pixels.astype(np.float64) / 255) @ np.array([65.481, 128.553, 24.966])


@pytest.mark.parametrize("scale", [2, 4])
def test_psnr_and_ssim_are_scikit_images_on_the_shaved_luma(pair, scale):
    ours, truth = (luma_of(p)[scale:-scale, scale:-scale] for p in pair)
    scores = metrics.score(tensor(pair[0]), tensor(pair[1]), scale)
    psnr = reference.peak_signal_noise_ratio(truth, ours, data_range=255)
    ssim = reference.structural_similarity(
        truth, ours, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert abs(scores.psnr_y - psnr) < EXACT
    assert abs(scores.ssim_y - ssim) < EXACT


def test_rgb_figures_are_over_all_channels(pair):
    ours, truth = (p[2:-2, 2:-2].astype(np.float64) for p in pair)
    scores = metrics.score(tensor(pair[0]), tensor(pair[1]), 2)
    assert abs(scores.psnr_rgb - 10 * math.log10(255**2 / np.mean((ours - truth) ** 2))) < EXACT
    single = [
        reference.structural_similarity(
            ours[..., c],
            truth[..., c],
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for c in range(3)
    ]
    assert abs(scores.ssim_rgb - np.mean(single)) < EXACT


def test_psnr_by_hand():
    zero, five = np.zeros((4, 4)), np.full((4, 4), 5.0)
    assert abs(metrics.psnr(zero, five) - 10 * math.log10(65025 / 25)) < EXACT
    assert metrics.psnr(five, five) == math.inf


def test_ssim_of_constants_by_hand():
    """Without variance only the means remain: (2ab + C1) / (a^2 + b^2 + C1), C1 = 6.5025."""
    a, b = np.full((16, 16), 100.0), np.full((16, 16), 110.0)
    assert abs(metrics.ssim(a, b) - (2 * 100 * 110 + 6.5025) / (100**2 + 110**2 + 6.5025)) < EXACT
    assert abs(metrics.ssim(a, a) - 1) < EXACT


def test_luma_of_black_white_and_the_primaries():
    primaries = np.array([[0, 255, 255, 0, 0], [0, 255, 0, 255, 0], [0, 255, 0, 0, 255]], dtype=np.float64)
    y = metrics.luma(primaries[:, None])[0]
    np.testing.assert_allclose(y, [16, 235, 81.481, 144.553, 40.966], atol=EXACT)


def test_a_gray_image_is_its_own_luma(pair):
    gray = [tensor(p[..., :1]) for p in pair]
    scores = metrics.score(*gray, 2)
    ours, truth = (p[2:-2, 2:-2, 0].astype(np.float64) for p in pair)
    assert abs(scores.psnr_y - 10 * math.log10(255**2 / np.mean((ours - truth) ** 2))) < EXACT
    assert scores.psnr_y == scores.psnr_rgb


def test_vdsr_rounds_the_luma(pair):
    scores = metrics.score(tensor(pair[0]), tensor(pair[1]), 2, protocol="vdsr")
    ours, truth = (np.rint(luma_of(p)[2:-2, 2:-2]) for p in pair)
    assert abs(scores.psnr_y - 10 * math.log10(255**2 / np.mean((ours - truth) ** 2))) < EXACT


def test_borders_do_not_count(pair):
    spoiled = pair[0].copy()
    spoiled[:2] = spoiled[:, -2:] = 0
    assert metrics.score(tensor(spoiled), tensor(pair[1]), 2) == metrics.score(
        tensor(pair[0]), tensor(pair[1]), 2
    )


def test_values_are_rounded_and_clipped_to_8_bits_first(pair):
    truth = tensor(pair[1])
    assert metrics.score(truth + 0.4 / 255, truth, 2).psnr_y == math.inf
    white = torch.ones(3, 20, 20)
    assert metrics.score(white * 1.7, white, 2).psnr_y == math.inf


def test_different_sizes_are_both_named():
    with pytest.raises(InputError, match="SR is 30x20 and GT is 31x20"):
        metrics.score(torch.zeros(3, 20, 30), torch.zeros(3, 20, 31), 2)


def test_too_small_for_the_window():
    metrics.score(torch.zeros(3, 15, 15), torch.zeros(3, 15, 15), 2)
    with pytest.raises(InputError, match="at least 11x11"):
        metrics.score(torch.zeros(3, 14, 15), torch.zeros(3, 14, 15), 2)
