"""Scores: rounded first, shifts to a hundredth, kernels compared centred."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from benchmarks.scoring import best_shift, figures, kernel_psnr, lr_psnr
from srbase.imaging.metrics import score
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import photograph

SHIFT_ERROR = 0.03  # HR pixels, on smooth images of this size


def test_figures_are_those_of_the_saved_image():
    gt = (photograph(1) * 255).round() / 255
    kernel = SRKernel.bicubic(2)
    lr = downscale(gt, kernel)
    sr = bicubic_upscale(lr, 2)
    rounded = ((sr.double().clamp(0, 1) * 255 + 0.5).floor() / 255).float()
    found = figures(sr, gt, lr, 2, kernel=kernel, true_kernel=kernel)
    assert found.psnr_y == score(rounded, gt, 2).psnr_y
    assert found.kernel_psnr == math.inf
    assert found.lr_psnr == lr_psnr(rounded, lr, kernel)
    assert abs(found.shift_y) < SHIFT_ERROR


def test_no_kernel_no_figure():
    gt = photograph(1)
    lr = downscale(gt, SRKernel.bicubic(2))
    found = figures(bicubic_upscale(lr, 2), gt, lr, 2, kernel=None, true_kernel=None)
    assert found.kernel_psnr is None
    assert found.lr_psnr is None


@pytest.mark.parametrize("shift", [(0.0, 0.5), (-1.25, 0.0), (0.3, -0.7)])
def test_best_shift(shift):
    image = photograph(2)
    moved = torch.from_numpy(ndimage.shift(image.numpy(), (0, *shift), order=3, mode="nearest"))
    found = best_shift(moved, image)
    assert found == pytest.approx(shift, abs=SHIFT_ERROR)


def test_a_flat_image_has_no_shift():
    assert all(math.isnan(one) for one in best_shift(torch.zeros(3, 40, 40), photograph(1)[:, :40, :40]))


def test_lr_psnr_of_the_truth_is_rounding():
    gt = photograph(3)
    kernel = SRKernel.bicubic(4)
    lr = (downscale(gt, kernel).clamp(0, 1) * 255).round() / 255
    assert lr_psnr(gt, lr, kernel) > 55


def test_kernel_psnr_ignores_size_and_shift():
    array = np.random.default_rng(0).random((7, 7))
    small = SRKernel(array, 2)
    large = SRKernel(np.pad(array, ((5, 3), (3, 5))), 2)
    assert kernel_psnr(large, small) > 70  # a spline shift of noise
    assert kernel_psnr(SRKernel.bicubic(2), small) < 60


def test_an_image_of_nan_is_no_image():
    gt = photograph(1)
    lr = downscale(gt, SRKernel.bicubic(2))
    with pytest.raises(ArithmeticError, match="NaN"):
        figures(gt * torch.nan, gt, lr, 2, kernel=None, true_kernel=None)
