"""The downscaling on a periodic grid, where it is a product in the Fourier domain and a folding.

A kernel's downscaling correlates (transfer function H) and keeps every s-th pixel, which folds the s*s bands
``f_b = (g + b) / s`` of the large image onto each frequency g of the small one:

    Y(g) = 1/s^2 sum_b H(f_b) X(f_b)              its adjoint:  X(f_b) = conj(H(f_b)) Y(g)

Images are real, so only the half of each spectrum is kept that ``rfft2`` gives. The other half of a large
spectrum, X(-f) = conj(X(f)), is what makes the folding of half a spectrum two sums (:func:`fold`).

Borders wrap around. :mod:`blindsr.restoration.padding` makes that harmless.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

Size = tuple[int, int]
"""Rows and columns."""


def fold(bands: torch.Tensor, scale: int, size: Size) -> torch.Tensor:
    """Sum of the s*s bands that fall on each LR frequency.

    Shape: half spectra (..., s*h, s*w/2 + 1) of a large image to the whole one (..., h, w) of the small one,
    ``size`` = (h, w); s*w even.
    """
    height, width = size
    rows = bands.reshape(*bands.shape[:-2], scale, height, bands.shape[-1]).sum(dim=-3)
    half = width // 2 + 1
    total = torch.zeros_like(rows[..., :half])
    for band in range(scale // 2):
        total = total + rows[..., band * width : band * width + half]
        # The bands beyond the half that is stored: X(fy, (s - b) w + gx) = conj X(-fy, b w - gx).
        mirror = rows[..., (band + 1) * width - half + 1 : (band + 1) * width + 1].flip(-1)
        total = total + _negated_rows(mirror).conj()
    return whole_spectrum(total, width)


def spread(spectrum: torch.Tensor, scale: int) -> torch.Tensor:
    """The adjoint of :func:`fold`, but for the halving: every band gets the value of its LR frequency.

    Shape: whole spectra (..., h, w) of a small image to half ones (..., s*h, s*w/2 + 1) of a large one.
    """
    return torch.cat([repeated_columns(spectrum, scale)] * scale, dim=-2)


def repeated_columns(spectrum: torch.Tensor, scale: int) -> torch.Tensor:
    """The first h rows of :func:`spread`'s result; the others repeat them."""
    columns = torch.cat([spectrum] * (scale // 2) + [spectrum[..., :1]], dim=-1)
    return columns[..., : scale * spectrum.shape[-1] // 2 + 1]


def whole_spectrum(half: torch.Tensor, width: int) -> torch.Tensor:
    """The whole spectrum (..., h, w) of a real image from half of it, (..., h, w//2 + 1).

    The other half is X(-f) = conj(X(f)).
    """
    missing = half[..., 1 : (width + 1) // 2].flip(-1)
    return torch.cat([half, _negated_rows(missing).conj()], dim=-1)


def _negated_rows(spectrum: torch.Tensor) -> torch.Tensor:
    """The rows at -fy in place of those at fy: row 0 stays, the others are in the opposite order."""
    return torch.cat([spectrum[..., :1, :], spectrum[..., 1:, :].flip(-2)], dim=-2)


@dataclass(frozen=True, eq=False)
class PeriodicDownscaling:
    """A kernel's downscaling for images of one size; make it by :meth:`of`.

    ``transfer`` is H at the frequencies of the large image, half a spectrum (s*h, s*w/2 + 1), complex.
    ``size`` is (h, w) of the small one.
    """

    transfer: torch.Tensor
    scale: int
    size: Size

    @classmethod
    def of(cls, kernel: SRKernel, size: Size, like: torch.Tensor) -> "PeriodicDownscaling":
        """The operator for LR images (..., h, w) of the float type and on the device of ``like``."""
        half = half_transfer(kernel, size)
        kind = torch.complex128 if like.dtype == torch.float64 else torch.complex64
        return cls(torch.from_numpy(half).to(device=like.device, dtype=kind), kernel.scale, size)

    @property
    def large(self) -> Size:
        """Rows and columns of the large image."""
        return self.scale * self.size[0], self.scale * self.size[1]

    def forward(self, large: torch.Tensor) -> torch.Tensor:
        """Spectrum of a large image, half, to that of its downscaling, whole."""
        return fold(self.transfer * large, self.scale, self.size) / self.scale**2

    def adjoint(self, small: torch.Tensor) -> torch.Tensor:
        """Spectrum of a small image, whole, to that of the adjoint's result, half."""
        return self.transfer.conj() * spread(small, self.scale)

    def downscale(self, image: torch.Tensor) -> torch.Tensor:
        """Pixels (..., s*h, s*w) to pixels (..., h, w); borders wrap around."""
        small: torch.Tensor = torch.fft.ifft2(self.forward(torch.fft.rfft2(image))).real
        return small

    def downscale_adjoint(self, image: torch.Tensor) -> torch.Tensor:
        """The adjoint in pixels, (..., h, w) to (..., s*h, s*w): <A x, y> = <x, A' y>."""
        large: torch.Tensor = torch.fft.irfft2(self.adjoint(torch.fft.fft2(image)), s=self.large)
        return large


def half_transfer(kernel: SRKernel, size: Size) -> npt.NDArray[np.complex128]:
    """H(f) = sum_j k[j] exp(2 pi i f (j - anchor)), half a spectrum (s*h, s*w/2 + 1) for ``size`` (h, w)."""
    height, width = size[0] * kernel.scale, size[1] * kernel.scale
    rows, columns = (np.arange(cells) - geometry.anchor(cells) for cells in kernel.shape)
    down = np.exp(2j * np.pi * np.fft.fftfreq(height)[:, None] * rows[None])
    across = np.exp(2j * np.pi * np.fft.rfftfreq(width)[:, None] * columns[None])
    return np.asarray(down @ kernel.array @ across.T)
