"""An example of a photograph under a kernel, and the fit of its spectrum, for :mod:`development.pictures`."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from skimage import data

from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.mixture import fit_deviating, fit_gaussians
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.periodogram import welch
from srbase.imaging.periodogram import frequencies
from srbase.imaging.pixels import rounded
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

Array = npt.NDArray[np.float64]

SEED: Final = 11
"""Of the kernel: an ellipse, so that both of its directions show."""
SECTOR: Final = np.pi / 8
"""Radians to each side of a direction that count as along it."""
BINS: Final = 18
"""Of the radii at which a spectrum is averaged."""
DECIBELS: Final = 10 / np.log(10)
"""Of a natural logarithm of power."""


@dataclass(frozen=True, eq=False)
class Example:
    """A photograph (3, H, W) in 0..1, a kernel, and the LR image of 8 bits that both give."""

    hr: torch.Tensor
    kernel: SRKernel
    lr: torch.Tensor


@dataclass(frozen=True, eq=False)
class Spectra:
    """Log power at the cells of a fit: measured on LR, as fitted, and as the same content has it without a
    kernel. fy, fx (cells,): cycles per LR pixel. noise: the log power of white noise."""

    fy: Array
    fx: Array
    measured: Array
    fitted: Array
    without: Array
    noise: float


def example() -> Example:
    """The astronaut (NASA, public domain) under a random kernel of the DIV2KRK protocol."""
    hr = torch.from_numpy(data.astronaut().transpose(2, 0, 1).astype(np.float32) / 255)
    kernel = random_kernel(np.random.default_rng(SEED)).kernel
    return Example(hr, kernel, rounded(downscale(hr, kernel).clamp(0, 1)))


def spectra(image: Array, config: SpectralConfig) -> Spectra:
    """The likeliest fit of an LR image (C, h, w) that
    :func:`blindsr.spectral.estimate.estimate_spectral` makes."""
    found = welch(image, config.welch)
    model = FoldedModel(config.welch.window, config.prior, low=config.fit.low, high=config.fit.high)
    measured = model.log_cells(found.power)
    gaussians = fit_gaussians(model, measured, found.noise_variance, config.fit)
    fit = fit_deviating(model, measured, found.noise_variance, gaussians, config.fit).best
    sharp = np.log(np.exp(np.tensordot(fit.content[:-1], model.basis, 1)).sum(axis=0))
    fy, fx = (plane[model.cells] for plane in frequencies(config.welch.window))
    return Spectra(fy, fx, measured, fit.log_power, sharp, float(np.log(found.noise_variance)))


def profile(values: Array, spectra: Spectra, angle: float) -> tuple[Array, Array]:
    """Radii and means of the values at the cells that lie along a direction (from x, y down)."""
    radius, at = np.hypot(spectra.fy, spectra.fx), np.arctan2(spectra.fy, spectra.fx)
    along = np.abs((at - angle + np.pi / 2) % np.pi - np.pi / 2) < SECTOR
    edges = np.linspace(radius.min(), radius.max(), BINS + 1)
    place = np.clip(np.digitize(radius, edges) - 1, 0, BINS - 1)
    kept = [bin for bin in range(BINS) if (along & (place == bin)).any()]
    means = [float(values[along & (place == bin)].mean()) for bin in kept]
    return (edges[:-1] + edges[1:])[kept] / 2, np.array(means)


def widest(kernel: SRKernel) -> float:
    """The direction in which a kernel is widest, radians from x, y down."""
    values, vectors = np.linalg.eigh(kernel.covariance)
    y, x = vectors[:, np.argmax(values)]
    return float(np.arctan2(y, x))
