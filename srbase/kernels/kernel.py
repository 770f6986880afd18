"""The downscaling kernel as a value: an array, its scale, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from srbase.errors import InputError
from srbase.kernels import geometry

SCALES: Final = (2, 4)
SIZE: Final = {2: 13, 4: 25}
"""Cells a side by scale (KernelGAN, section 4): the generator's receptive field, and its composition."""

MADE: Final = 32
"""Kernels that are kept as tensors."""

CUBIC_A: Final = -0.5
"""Keys' cubic convolution parameter, that of MATLAB's imresize."""


def require_scale(scale: int) -> None:
    """Refuse a scale that nothing is computed for.

    Raises:
        InputError: with the scale, and those that are wanted.
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")


@dataclass(frozen=True, eq=False)
class SRKernel:
    """A downscaling kernel: LR = (HR correlated with ``array``), every ``scale``-th pixel.

    ``array`` is float64, 2-D, read-only, and sums to 1; single cells may be negative.
    Raises InputError where the array is not 2-D, is not finite, or sums to 0, or the scale is not
    2 or 4.
    """

    array: npt.NDArray[np.float64]
    scale: int

    def __post_init__(self) -> None:
        array = np.array(self.array, dtype=np.float64)
        if self.scale not in SCALES:
            raise InputError(f"kernel scale is {self.scale}; wanted 2 or 4")
        if array.ndim != 2 or array.size == 0:
            raise InputError(f"kernel has shape {array.shape}; wanted a 2-D array")
        if not np.isfinite(array).all():
            raise InputError("kernel holds NaN or infinite values; wanted finite numbers")
        total = array.sum()
        if abs(total) < 1e-8 * max(1.0, float(np.abs(array).sum())):
            raise InputError(f"kernel sums to {total:g}; wanted a sum that can be scaled to 1")
        array /= total
        array.flags.writeable = False
        object.__setattr__(self, "array", array)

    @property
    def shape(self) -> tuple[int, int]:
        """Cells (rows, columns)."""
        return self.array.shape[0], self.array.shape[1]

    @property
    def centre_offset(self) -> npt.NDArray[np.float64]:
        """Centre of mass less the wanted one, (y, x), in HR pixels: zero for an aligned kernel."""
        return geometry.centre_of_mass(self.array) - geometry.wanted_centre(self.shape, self.scale)

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        """Second central moments, (2, 2), order (y, x), HR pixels squared."""
        return geometry.covariance(self.array)

    def centred(self) -> SRKernel:
        """The kernel moved so that its centre of mass is where the phase wants it.

        The window becomes square, of an odd number of cells, and is never under the scale's usual
        13x13 or 25x25, so that a small kernel has room to move.
        """
        size = max(*self.shape, SIZE[self.scale])
        wide = geometry.crop_or_pad(self.array, size + 1 - size % 2)
        return SRKernel(geometry.recentre(wide, self.scale), self.scale)

    def cropped(self, size: int | None = None) -> SRKernel:
        """The kernel in a size x size window (default: 13 for x2, 25 for x4), scaled back to sum 1."""
        return SRKernel(geometry.crop_or_pad(self.array, size or SIZE[self.scale]), self.scale)

    def convolving(self) -> npt.NDArray[np.float64]:
        """The array for programs that convolve where this one correlates, of an odd side; see
        :func:`srbase.kernels.geometry.half_turn`."""
        return geometry.half_turn(self.array)

    def to_x4(self, size: int | None = SIZE[4]) -> SRKernel:
        """The x4 kernel of two x2 steps: ``k4 = k2 * dilate2(k2)`` (KernelGAN, section 4).

        13x13 gives 37x37, cropped to ``size`` and renormalised; ``size=None`` keeps all of it.
        """
        if self.scale != 2:
            raise InputError(f"an x4 kernel follows from an x2 kernel; got one for x{self.scale}")
        rows, columns = self.shape
        # HR seen from LR through both steps: cell j of the coarse step is worth s = 2 HR pixels
        full = np.zeros((3 * rows - 2, 3 * columns - 2))
        for i in range(rows):
            for j in range(columns):
                full[2 * i : 2 * i + rows, 2 * j : 2 * j + columns] += self.array[i, j] * self.array
        kernel = SRKernel(full, 4)
        return kernel if size is None else kernel.cropped(size)

    def tensor(self, like: torch.Tensor) -> torch.Tensor:
        """The array as a tensor (k, k) of the dtype and device of ``like``, for reading only: it is copied to
        a device once, not at each call."""
        return _tensor(self.array.tobytes(), self.shape, like.dtype, like.device)

    @classmethod
    def bicubic(cls, scale: int) -> SRKernel:
        """What antialiased bicubic shrinking (MATLAB's imresize) does, as a kernel."""
        offset = np.arange(SIZE[scale]) - geometry.wanted_centre((SIZE[scale],), scale)[0]
        taps = cubic(offset / scale)
        return cls(np.outer(taps, taps), scale)


@lru_cache(maxsize=MADE)
def _tensor(cells: bytes, shape: tuple[int, int], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    array = np.frombuffer(cells, dtype=np.float64).reshape(shape)
    return torch.tensor(array, dtype=dtype, device=device)


def cubic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keys' cubic convolution kernel with a = -0.5 at the distances ``x`` (Keys 1981, eq. 15)."""
    x = np.abs(x)
    near = (CUBIC_A + 2) * x**3 - (CUBIC_A + 3) * x**2 + 1
    far = CUBIC_A * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
