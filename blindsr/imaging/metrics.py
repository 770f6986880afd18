"""PSNR and SSIM by the literature's protocol, with no silent choice.

The protocol is that of the evaluation script of RCAN, which later papers on DIV2KRK reuse: round and
clip to 8 bits, luma of BT.601 in studio range without rounding, shave ``scale`` pixels off each
border, peak 255. ``protocol="vdsr"`` also rounds the luma, as the script that the KernelGAN paper
names does (about -0.02 dB). All sums are float64.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from skimage.metrics import structural_similarity

from blindsr.imaging.errors import InputError

Protocol = Literal["rcan", "vdsr"]
Plane = npt.NDArray[np.float64]

PEAK = 255.0
SSIM_WINDOW = 11
"""Gaussian window cells a side (Wang et al. 2004, section III-B): the smallest image after the shave."""


@dataclass(frozen=True)
class Scores:
    """Quality of an SR image against the original; dB for PSNR, 0..1 for SSIM."""

    psnr_y: float
    ssim_y: float
    psnr_rgb: float
    ssim_rgb: float


def score(sr: torch.Tensor, gt: torch.Tensor, scale: int, *, protocol: Protocol = "rcan") -> Scores:
    """All four figures of ``sr`` against ``gt``, both (C, H, W) in 0..1, shaved by ``scale``.

    A gray image is its own luma. Raises InputError where the shapes differ or fewer than 11 pixels
    a side remain.
    """
    ours, truth = _to_8_bits(sr), _to_8_bits(gt)
    if ours.shape != truth.shape:
        raise InputError(f"SR is {_size(ours)} and GT is {_size(truth)}; wanted equal sizes")
    ours, truth = shave(ours, scale), shave(truth, scale)
    if min(ours.shape[1:]) < SSIM_WINDOW:
        raise InputError(
            f"image is {_size(truth)} after shaving {scale}; SSIM needs at least {SSIM_WINDOW}x{SSIM_WINDOW}"
        )
    y_ours, y_truth = luma(ours), luma(truth)
    if protocol == "vdsr":
        y_ours, y_truth = np.rint(y_ours), np.rint(y_truth)
    ssims = [ssim(a, b) for a, b in zip(ours, truth, strict=True)]
    return Scores(psnr(y_ours, y_truth), ssim(y_ours, y_truth), psnr(ours, truth), float(np.mean(ssims)))


def luma(image: Plane) -> Plane:
    """Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255 of (3, H, W) in 0..255; (1, H, W) is its own."""
    if image.shape[0] == 1:
        gray: Plane = image[0]
        return gray
    red, green, blue = image
    y: Plane = 16.0 + (65.481 * red + 128.553 * green + 24.966 * blue) / PEAK
    return y


def psnr(a: Plane, b: Plane) -> float:
    """10 log10(255^2 / MSE) in dB; infinite for equal arrays."""
    mse = float(np.mean(np.square(a - b)))
    return float("inf") if mse == 0 else float(10 * np.log10(PEAK**2 / mse))


def ssim(a: Plane, b: Plane) -> float:
    """Mean SSIM of two planes in 0..255 (Wang et al. 2004): Gaussian 11x11 of sigma 1.5, K = 0.01 and
    0.03, population covariance, averaged over the fully covered region only.
    """
    value = structural_similarity(
        a, b, data_range=PEAK, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(value)


def shave(image: Plane, border: int) -> Plane:
    """Cut ``border`` pixels off each side of (..., H, W)."""
    height, width = image.shape[-2:]
    return image[..., border : height - border, border : width - border]


def _to_8_bits(image: torch.Tensor) -> Plane:
    """0..1 to whole numbers 0..255, halves rounded up, as writing an 8-bit file does."""
    scaled = image.detach().cpu().numpy().astype(np.float64) * PEAK
    rounded: Plane = np.floor(np.clip(scaled, 0.0, PEAK) + 0.5)
    return rounded


def _size(image: Plane) -> str:
    return f"{image.shape[-1]}x{image.shape[-2]}" + (
        "" if image.shape[0] == 3 else f" ({image.shape[0]} channel)"
    )
