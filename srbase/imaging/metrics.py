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

from srbase.errors import InputError
from srbase.imaging.pixels import levels

Protocol = Literal["rcan", "vdsr"]
Plane = npt.NDArray[np.float64]

PEAK = 255.0
SSIM_WINDOW = 11
"""Gaussian window cells a side (Wang et al. 2004, section III-B): the smallest image after the shave."""

SSIM_SIGMA = 1.5  # cells (Wang et al. 2004, section III-B)
SSIM_BLOCK = 32
"""Rows or columns of output a matrix product; any number gives the same figure."""


def _band() -> Plane:
    """(block, block + 10): each row holds the Gaussian window, one cell further right than the last."""
    taps = np.exp(-0.5 * ((np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2) / SSIM_SIGMA) ** 2)
    band = np.zeros((SSIM_BLOCK, SSIM_BLOCK + SSIM_WINDOW - 1))
    for row in range(SSIM_BLOCK):
        band[row, row : row + SSIM_WINDOW] = taps / taps.sum()
    return band


_BAND = _band()


@dataclass(frozen=True)
class Scores:
    """Quality of an SR image against the original; dB for PSNR, 0..1 for SSIM."""

    psnr_y: float
    ssim_y: float
    psnr_rgb: float
    ssim_rgb: float


def score(
    sr: torch.Tensor,
    gt: torch.Tensor,
    scale: int,
    *,
    protocol: Protocol = "rcan",
    crop_border: int | None = None,
) -> Scores:
    """All four figures of an SR image against the original. A gray image is its own luma.

    Args:
        sr: (C, H, W) in 0..1.
        gt: the original, likewise.
        scale: from LR to HR.
        protocol: how luma is rounded.
        crop_border: pixels left out at each border; None: the scale.

    Returns:
        The scores.

    Raises:
        InputError: where the shapes differ, or fewer than 11 pixels a side remain.
    """
    border = scale if crop_border is None else crop_border
    if border < 0:
        raise InputError(f"crop border is {border}; wanted 0 or more pixels")
    ours, truth = _to_8_bits(sr), _to_8_bits(gt)
    if ours.shape != truth.shape:
        raise InputError(f"SR is {_size(ours)} and GT is {_size(truth)}; wanted equal sizes")
    ours, truth = shave(ours, border), shave(truth, border)
    if min(ours.shape[1:]) < SSIM_WINDOW:
        raise InputError(
            f"image is {_size(truth)} after shaving {border}; SSIM needs at least {SSIM_WINDOW}x{SSIM_WINDOW}"
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
    rows = a.shape[0] - SSIM_WINDOW + 1
    total = 0.0  # over strips: what stays in the processor's cache is fast
    for top in range(0, rows, SSIM_BLOCK):
        strip = slice(top, min(top + SSIM_BLOCK, rows) + SSIM_WINDOW - 1)
        total += _ssim_sum(a[strip], b[strip])
    return float(total / (rows * (a.shape[1] - SSIM_WINDOW + 1)))


def _ssim_sum(a: Plane, b: Plane) -> float:
    """The sum over the SSIM map of a strip of rows."""
    mean_a, mean_b, squares, product = _blur(np.stack([a, b, a * a + b * b, a * b]))
    means, both = mean_a * mean_b, mean_a * mean_a + mean_b * mean_b
    c1, c2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
    similar = (2 * means + c1) * (2 * (product - means) + c2)
    return float((similar / ((both + c1) * (squares - both + c2))).sum())


def _blur(planes: Plane) -> Plane:
    """The Gaussian window over (N, H, W), H at most the block and the window's reach: (N, H - 10,
    W - 10), only where it is fully covered. Products with a banded matrix, faster than a filter.
    """
    reach = SSIM_WINDOW - 1
    rows, columns = planes.shape[1] - reach, planes.shape[2] - reach
    down = _BAND[:rows, : rows + reach] @ planes
    out = np.empty((planes.shape[0], rows, columns))
    for left in range(0, columns, SSIM_BLOCK):
        n = min(SSIM_BLOCK, columns - left)
        out[..., left : left + n] = down[..., left : left + n + reach] @ _BAND[:n, : n + reach].T
    return out


def shave(image: Plane, border: int) -> Plane:
    """Cut ``border`` pixels off each side of (..., H, W)."""
    height, width = image.shape[-2:]
    return image[..., border : height - border, border : width - border]


def _to_8_bits(image: torch.Tensor) -> Plane:
    """0..1 to whole numbers 0..255, as writing an 8-bit file does."""
    return np.asarray(levels(image.detach().cpu()).numpy())


def _size(image: Plane) -> str:
    return f"{image.shape[-1]}x{image.shape[-2]}" + (
        "" if image.shape[0] == 3 else f" ({image.shape[0]} channel)"
    )
