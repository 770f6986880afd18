"""The linear inverse of a known kernel: regularised least squares, one product in the Fourier domain.

The upscale sought is the minimiser over x of

    |downscale(x, k) - y|^2 + weight * |P^(-1/2) x|^2

where P(f) is what a photograph's power spectrum looks like: the inverse power ``(l(f))^(-alpha/2)`` of
the symbol of the discrete Laplacian, ``l(f) = 4 - 2 cos(2 pi f_y) - 2 cos(2 pi f_x)``. With alpha = 2
the penalty is the squared gradient; with weight = (noise variance) / (spectrum's amplitude) this is
Wiener's filter.

Derivation. Write A for the downscaling. The minimiser is ``x = P A' (A P A' + weight)^(-1) y``. A is a
correlation (transfer function H) followed by keeping every s-th pixel, which folds the s*s bands
``f_b = (g + b) / s`` of the large image onto each frequency g of the small one (in cycles per LR pixel), so
``A P A'`` is a plain factor at each g and no system is left to solve:

    X(f) = conj(H(f)) P(f) / (1/s^2 sum_b P(f_b) |H(f_b)|^2 + weight) * Y(s f)

That holds on a periodic grid: an image is padded as far as the filter rings (:func:`filter_radius`) and made
periodic (:mod:`blindsr.restoration.padding`).
Source: Wiener's filter with aliasing as in Zhao et al., "Fast single image super-resolution using a new
analytical solution for l2-l2 problems", IEEE TIP 25, 2016; the prior: Field, JOSA A 4, 1987.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from blindsr.restoration.config import LinearConfig
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import Size, fold, half_transfer, spread

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class LinearInverse:
    """The inverse for periodic images of one size: ``response`` is X / Y, half a spectrum."""

    response: torch.Tensor
    scale: int

    def spectrum(self, small: torch.Tensor) -> torch.Tensor:
        """Whole spectrum (..., h, w) of an LR image to half (..., s*h, s*w/2 + 1) of its upscaling."""
        return self.response * spread(small, self.scale)

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR image (..., h, w) to (..., s*h, s*w), borders wrapping around; not clipped. Linear."""
        large = (self.scale * image.shape[-2], self.scale * image.shape[-1])
        upscaled: torch.Tensor = torch.fft.irfft2(self.spectrum(torch.fft.fft2(image)), s=large)
        return upscaled


def response(kernel: SRKernel, size: Size, weight: float, exponent: float) -> Complex:
    """The inverse's response X / Y.

    Args:
        kernel: whose inverse it is.
        size: (h, w) of LR.
        weight: noise variance over the prior's amplitude.
        exponent: alpha of the prior.

    Returns:
        At the HR frequencies, half a spectrum (s*h, s*w/2 + 1).
    """
    return response_of(half_transfer(kernel, size), kernel.scale, size, weight, exponent)


def response_of(through: Complex, scale: int, size: Size, weight: float, exponent: float) -> Complex:
    """The same for any transfer function H, half a spectrum (s*h, s*w/2 + 1) of ``size`` (h, w)."""
    prior = prior_spectrum(size, scale, exponent)
    passed = np.abs(through) ** 2 * np.where(np.isinf(prior), 0.0, prior)
    denominator = folded(passed, scale, size) / scale**2 + weight
    result = np.where(np.isinf(prior), 0.0, prior) * through.conj() / denominator
    result[:: size[0], :: size[1]] = 0.0  # at g = 0 the prior is infinite in the band b = 0 alone:
    result[0, 0] = scale**2  # a constant comes out as it went in, with none of its aliases
    return np.asarray(result)


def prior_spectrum(size: Size, scale: int, exponent: float) -> Array:
    """The prior P at the HR frequencies, half a spectrum (s*h, s*w/2 + 1); infinite at f = 0."""
    rows, columns = np.fft.fftfreq(scale * size[0]), np.fft.rfftfreq(scale * size[1])
    laplacian = (2 - 2 * np.cos(2 * np.pi * rows))[:, None] + (2 - 2 * np.cos(2 * np.pi * columns))[None]
    with np.errstate(divide="ignore"):
        return np.asarray(laplacian ** (-exponent / 2))


def folded(bands: Array, scale: int, size: Size) -> Array:
    """Folding of real values at the HR frequencies: each gets the sum over its s*s bands.

    Shape: half spectra (s*h, s*w/2 + 1) to the same, ``size`` = (h, w).
    """
    summed = fold(torch.from_numpy(bands).to(torch.complex128), scale, size)
    return np.asarray(spread(summed, scale).real.numpy())


def filter_radius(kernel: SRKernel, weight: float, config: LinearConfig) -> int:
    """How far the inverse filter reaches.

    Args:
        kernel: whose inverse it is.
        weight: noise variance over the prior's amplitude.
        config: the radii that are tried.

    Returns:
        LR pixels to each side: the first of ``config.radii`` that leaves no more than ``config.tail`` of the
        filter's sum of absolute values outside, else the last.
    """
    scale = kernel.scale
    for radius in config.radii:
        side = config.period * radius
        half = response(kernel, (side, side), weight, config.spectral_exponent)
        # An LR impulse at (0, 0) has the spectrum 1, so that ``half`` is its upscaling; its block is the rows
        # 0..s-1, hence ``radius + 1``.
        impulse = np.abs(np.fft.irfft2(half, s=(scale * side, scale * side)))
        near = np.r_[0 : scale * (radius + 1), scale * (side - radius) : scale * side]
        if impulse[np.ix_(near, near)].sum() >= (1 - config.tail) * impulse.sum():
            return radius
    return config.radii[-1]
