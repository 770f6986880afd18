"""The data step of a deep-unfolding network: a known kernel undone toward a guess, in closed form.

    argmin over z of |A z - y|^2 + closeness * |z - x|^2  =  x + A' (A A' + closeness)^(-1) (y - A x)

A correlates with the kernel and keeps every s-th pixel. On a periodic grid A A' is one number for each LR
frequency g, ``1/s^2 sum_b |H(f_b)|^2`` over the s*s bands that fold onto it, so that no system is left to
solve. The right side follows from the left one by the Woodbury identity.

Published weights were trained with a convolution around the kernel's middle cell. That of the kernel turned
by 180 degrees (:meth:`srbase.kernels.kernel.SRKernel.convolving`) is the correlation that is used here.
Source: Zhao et al., IEEE TIP 25, 2016; USRNet, equation 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from srbase.kernels import geometry
from srbase.kernels.operator import Size, whole_spectrum


@dataclass(frozen=True, eq=False)
class DataStep:
    """The data step for LR images of one size, one kernel and any whole scale; make it by :meth:`of`.

    Attributes:
        transfer: H at the frequencies of the large image, half a spectrum (s*h, s*w//2 + 1), complex.
        power: A A' at the frequencies of the small image, a whole spectrum (h, w), real.
        scale: from LR to HR.
        size: (h, w) of the LR image.
    """

    transfer: torch.Tensor
    power: torch.Tensor
    scale: int
    size: Size

    @classmethod
    def of(cls, kernel: npt.NDArray[np.float64], scale: int, size: Size, like: torch.Tensor) -> DataStep:
        """Make the operator.

        Args:
            kernel: cells of a correlation around cell ``side // 2``, any shape; as ``SRKernel.array``.
            scale: from LR to HR, a whole number.
            size: (h, w) of the LR image.
            like: a tensor of the float type and on the device to use.

        Returns:
            The operator.
        """
        half = transfer_of(kernel, (scale * size[0], scale * size[1]))
        kind = torch.complex128 if like.dtype == torch.float64 else torch.complex64
        transfer = torch.from_numpy(half)
        power = fold((transfer.abs().square() / scale**2).to(torch.complex128), scale, size).real
        # on the CPU first: not every device knows 64 bits
        return cls(transfer.to(kind).to(like.device), power.to(like.dtype).to(like.device), scale, size)

    def solve(self, guess: torch.Tensor, spectrum: torch.Tensor, closeness: torch.Tensor) -> torch.Tensor:
        """The minimiser z.

        Args:
            guess: x, (..., s*h, s*w).
            spectrum: of y, whole, (..., h, w): the FFT of the LR image.
            closeness: weight of the distance to the guess, over 0; images in 0..1.

        Returns:
            z, (..., s*h, s*w), not clipped.
        """
        large = torch.fft.rfft2(guess)
        left = spectrum - fold(self.transfer * large, self.scale, self.size) / self.scale**2
        large += self.transfer.conj() * spread(left / (self.power + closeness), self.scale)
        solved: torch.Tensor = torch.fft.irfft2(large, s=guess.shape[-2:])
        return solved


def transfer_of(kernel: npt.NDArray[np.float64], size: Size) -> npt.NDArray[np.complex128]:
    """H(f) = sum_j k[j] exp(2 pi i f (j - anchor)), half a spectrum (H, W//2 + 1) of large images."""
    rows, columns = (np.arange(cells) - geometry.anchor(cells) for cells in kernel.shape)
    down = np.exp(2j * np.pi * np.fft.fftfreq(size[0])[:, None] * rows[None])
    across = np.exp(2j * np.pi * np.fft.rfftfreq(size[1])[:, None] * columns[None])
    return np.asarray(down @ kernel @ across.T)


def fold(bands: torch.Tensor, scale: int, size: Size) -> torch.Tensor:
    """Sum of the s*s bands that fall on each LR frequency, for any whole scale.

    Shape: half spectra (..., s*h, s*w//2 + 1) of a large image to the whole one (..., h, w) of the small one,
    ``size`` = (h, w). Rows are summed first: what is left is s*s times smaller.
    """
    height, width = size
    rows = bands.reshape(*bands.shape[:-2], scale, height, bands.shape[-1]).sum(dim=-3)
    whole = whole_spectrum(rows, scale * width)
    return whole.reshape(*whole.shape[:-1], scale, width).sum(dim=-2)


def spread(spectrum: torch.Tensor, scale: int) -> torch.Tensor:
    """Every band gets the value of its LR frequency.

    Shape: whole spectra (..., h, w) of a small image to half ones (..., s*h, s*w//2 + 1) of a large one.
    """
    columns = torch.cat([spectrum] * scale, dim=-1)[..., : scale * spectrum.shape[-1] // 2 + 1]
    return torch.cat([columns] * scale, dim=-2)
