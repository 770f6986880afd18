"""What an SR image is worth: the figures of a row. Knows the truth and no method."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from skimage.registration import phase_cross_correlation

from benchmarks.niqe import BLOCK, niqe
from srbase.imaging.image import central
from srbase.imaging.metrics import Protocol, luma, psnr, score
from srbase.imaging.pixels import rounded
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel

SHIFT_SIDE = 1024  # pixels that the shift is measured on; more add time and no decimal
SHIFT_STEPS = 100  # the shift is found to 1 / SHIFT_STEPS of a pixel
LR_BORDER = 4  # LR pixels that a 31x31 kernel at x4 reaches beyond the image, rounded up
GRAY_LEVELS = 255


@dataclass(frozen=True)
class Figures:
    """The numbers of a row; None where a kernel is not known, or the image too small for NIQE. Shifts in HR
    pixels, SR against GT."""

    psnr_y: float
    ssim_y: float
    psnr_rgb: float
    ssim_rgb: float
    kernel_psnr: float | None
    lr_psnr: float | None
    shift_y: float
    shift_x: float
    niqe: float | None


def figures(
    sr: torch.Tensor,
    gt: torch.Tensor,
    lr: torch.Tensor,
    scale: int,
    *,
    kernel: SRKernel | None,
    true_kernel: SRKernel | None,
    protocol: Protocol = "rcan",
) -> Figures:
    """Score an SR image (C, H, W) in 0..1, rounded to 8 bits first, against the truth.

    ``kernel`` is the one that the method used. Raises ArithmeticError where SR holds NaN or infinite
    values: such an image is a failure, not a low score.
    """
    sr = sr.detach().cpu()
    if not bool(torch.isfinite(sr).all()):
        raise ArithmeticError("the SR image holds NaN or infinite values")
    sr = rounded(sr)
    quality = score(sr, gt, scale, protocol=protocol)
    shift_y, shift_x = best_shift(sr, gt)
    downscaling = true_kernel or kernel
    return Figures(
        quality.psnr_y,
        quality.ssim_y,
        quality.psnr_rgb,
        quality.ssim_rgb,
        kernel_psnr(kernel, true_kernel) if kernel and true_kernel else None,
        lr_psnr(sr, lr, downscaling) if downscaling else None,
        shift_y,
        shift_x,
        niqe(sr.numpy()) if min(sr.shape[1:]) >= 2 * BLOCK else None,
    )


def best_shift(image: torch.Tensor, reference: torch.Tensor) -> tuple[float, float]:
    """Rows and columns by which ``image`` lies below and right of ``reference``, to 0.01 pixel.

    Measured on the luma of the central part, both (C, H, W) in 0..1; NaN where one is flat.
    """
    planes = [
        luma(central(x, SHIFT_SIDE).numpy().astype(np.float64) * GRAY_LEVELS) for x in (reference, image)
    ]
    if any(plane.std() == 0 for plane in planes):
        return math.nan, math.nan
    windowed = [np.float32((p - p.mean()) * _window(p.shape)) for p in planes]
    shift = phase_cross_correlation(*windowed, upsample_factor=SHIFT_STEPS, normalization=None)[0]
    return float(0.0 - shift[0]), float(0.0 - shift[1])


def kernel_psnr(kernel: SRKernel, truth: SRKernel) -> float:
    """PSNR with peak 1 of two kernels of one scale, both centred and cropped to 13x13 or 25x25."""
    ours, true = kernel.centred().cropped(), truth.centred().cropped()
    error = float(np.mean(np.square(ours.array - true.array)))
    return -10 * math.log10(error) if error > 0 else math.inf


def lr_psnr(sr: torch.Tensor, lr: torch.Tensor, kernel: SRKernel) -> float:
    """PSNR in dB of the SR image, downscaled by the kernel, against the LR image, on the luma."""
    ours, given = (
        torch.from_numpy(luma(x.cpu().numpy().astype(np.float64) * GRAY_LEVELS)).float() for x in (sr, lr)
    )
    b = LR_BORDER if min(given.shape) > 3 * LR_BORDER else 0
    inner = (slice(b, given.shape[0] - b), slice(b, given.shape[1] - b))
    again = downscale(ours[None], kernel)[0]
    return psnr(again[inner].double().numpy(), given[inner].double().numpy())


def _window(shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Hann: without it the frame, which does not move, pulls the peak toward no shift."""
    return np.outer(*(np.hanning(n) for n in shape))
