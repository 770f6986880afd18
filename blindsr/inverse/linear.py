"""The linear inverse of a known kernel: regularised least squares as one fixed filter.

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

That is linear and repeats with the pixel phase: the response to one LR impulse is the whole of it. It
is computed once for each kernel, cut to a window, and upscaling is a transposed convolution with it.
Source: Wiener's filter with aliasing as in Zhao et al., "Fast single image super-resolution using a new
analytical solution for l2-l2 problems", IEEE TIP 25, 2016; the prior: Field, JOSA A 4, 1987.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import mirrored
from blindsr.inverse.config import LinearConfig

DIRECT: Final = 16
"""LR pixels: filters up to this radius are summed directly, which is faster; wider ones by FFT."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InverseFilter:
    """An upscaling filter: ``taps`` (s, s, n, n), float64, n = 2 * radius + 1.

    ``taps[p, q]`` is the correlation that makes HR pixels ``(s*i + p, s*j + q)`` out of the n by n LR
    pixels around (i, j). Each sums to 1.
    """

    taps: torch.Tensor

    @property
    def scale(self) -> int:
        """HR pixels to one LR pixel, along an axis."""
        return int(self.taps.shape[0])

    @property
    def radius(self) -> int:
        """LR pixels seen on each side."""
        return int(self.taps.shape[-1]) // 2

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (..., h, w) to (..., s*h, s*w), any float dtype and device; not clipped.

        Linear, differentiable, channels apart. Borders are mirrored with the edge pixel repeated, as
        ``downscale`` does. Constants come out exactly, ramps away from the borders nearly so.
        This is ``conv_transpose2d`` with stride s, sorted by pixel phase: s*s correlations of the LR
        image and a pixel shuffle, the same sums fifteen times faster on a CPU.
        """
        planes = mirror(image.reshape(-1, 1, *image.shape[-2:]), self.radius)
        side = self.taps.shape[-1]
        weight = self.taps.to(dtype=image.dtype, device=image.device).reshape(-1, 1, side, side)
        phases = F.conv2d(planes, weight) if self.radius <= DIRECT else _correlated(planes, weight)
        large = F.pixel_shuffle(phases, self.scale)
        return large.reshape(*image.shape[:-2], *large.shape[-2:])


def inverse_filter(kernel: SRKernel, weight: float, config: LinearConfig) -> InverseFilter:
    """Solve for one LR impulse, in float64, and cut the answer to the filter's window.

    weight: of the penalty. Milliseconds for most kernels. The window is the first of ``config.radii`` that
    leaves no more than ``config.tail`` outside, else the last. The cut is made good by scaling each phase to
    sum 1.
    """
    scale = kernel.scale
    for radius in config.radii:
        side = 2 * radius + 1
        size = (max(config.period * radius, side), max(config.period * radius, side))
        impulse = np.fft.ifft2(response(kernel, size, weight, config.spectral_exponent)).real
        centred = np.roll(impulse, (scale * radius, scale * radius), axis=(0, 1))
        window = centred[: scale * side, : scale * side].reshape(side, scale, side, scale)
        if np.abs(window).sum() >= (1 - config.tail) * np.abs(impulse).sum():
            break
    # window[a, p, b, q] is the answer s*(a - radius) + p pixels from its impulse. Seen from the HR
    # pixel, that impulse lies radius - a LR pixels away: a correlation has it the other way around.
    taps = window.transpose(1, 3, 0, 2)[:, :, ::-1, ::-1].copy()
    taps /= taps.sum(axis=(2, 3), keepdims=True)
    return InverseFilter(torch.from_numpy(taps))


def response(
    kernel: SRKernel, size: tuple[int, int], weight: float, exponent: float
) -> npt.NDArray[np.complex128]:
    """X / Y at each HR frequency, (s*h, s*w) for ``size`` (h, w) LR pixels, in the order of ``fft2``."""
    scale = kernel.scale
    through = transfer(kernel, size)
    prior = prior_spectrum(size, scale, exponent)
    denominator = folded(prior * np.abs(through) ** 2, scale) / scale**2 + weight
    result = prior * through.conj() / np.tile(denominator, (scale, scale))
    result[:: size[0], :: size[1]] = 0.0  # at g = 0 the prior is infinite in the band b = 0 alone:
    result[0, 0] = scale**2  # a constant comes out as it went in, with none of its aliases
    return np.asarray(result)


def transfer(kernel: SRKernel, size: tuple[int, int]) -> npt.NDArray[np.complex128]:
    """The kernel's transfer function at the HR frequencies: H(f) = sum_j k[j] exp(2 pi i f (j - anchor))."""
    height, width = size[0] * kernel.scale, size[1] * kernel.scale
    rows = (np.arange(kernel.shape[0]) - geometry.anchor(kernel.shape[0]))[None]
    columns = (np.arange(kernel.shape[1]) - geometry.anchor(kernel.shape[1]))[None]
    down = np.exp(2j * np.pi * np.fft.fftfreq(height)[:, None] * rows)
    across = np.exp(2j * np.pi * np.fft.fftfreq(width)[:, None] * columns)
    return np.asarray(down @ kernel.array @ across.T)


def prior_spectrum(size: tuple[int, int], scale: int, exponent: float) -> Array:
    """The prior P at the HR frequencies; 0 stands for the infinite value at f = 0."""
    axes = [2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(n * scale)) for n in size]
    laplacian = axes[0][:, None] + axes[1][None]
    laplacian[0, 0] = np.inf
    return np.asarray(laplacian ** (-exponent / 2))


def folded(bands: Array, scale: int) -> Array:
    """Sum of the s*s bands that fall on each LR frequency: (s*h, s*w) to (h, w)."""
    height, width = bands.shape[0] // scale, bands.shape[1] // scale
    return np.asarray(bands.reshape(scale, height, scale, width).sum(axis=(0, 2)))


def _correlated(planes: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """``conv2d(planes, weight)`` by FFT: (n, 1, h, w) with (m, 1, k, k) to (n, m, h - k + 1, w - k + 1)."""
    height, width = planes.shape[-2:]
    side = weight.shape[-1]
    spectrum_of_filter = torch.fft.rfft2(weight[:, 0], s=(height, width)).conj()
    product = torch.fft.rfft2(planes) * spectrum_of_filter
    whole: torch.Tensor = torch.fft.irfft2(product, s=(height, width))
    return whole[..., : height - side + 1, : width - side + 1]


def mirror(image: torch.Tensor, margin: int) -> torch.Tensor:
    """(..., h, w) with ``margin`` pixels more on all sides, edge pixel repeated: ... 1 0 | 0 1 2 ...

    The margin may be wider than the image.
    """
    rows, columns = (mirrored(n, margin, margin, image.device) for n in image.shape[-2:])
    return image.index_select(-2, rows).index_select(-1, columns)
