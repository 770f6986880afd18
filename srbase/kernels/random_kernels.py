"""Random kernels of the DIV2KRK protocol (KernelGAN, section 5.1), as the published data set was made.

A Gaussian times noise is drawn in 11x11 cells around 5.5. Two shifts by a cubic spline follow. They bring
the centre of mass to 5.0 and then to 5.5, where the phase wants it. Both stay inside the 11 cells: what
leaves them is lost, so that the kernel's tail ends a cell nearer to the centre than a Gaussian's in 11 cells.
LR is made with the second result, whose sum is a little under 1. The published kernel files hold the first
one. The second shift was identified by the data set's LR (a residual of rounding size, and the sum); the
first one by its kernels (tails, noise and kurtosis).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RandomKernelConfig:
    """Numbers of the DIV2KRK protocol."""

    size: int = 11  # cells a side of the x2 kernel
    variance_min: float = 0.6  # HR pixels squared, along each principal axis
    variance_max: float = 5.0
    speckle: float = 0.25  # each cell is multiplied by 1 + U(-speckle, speckle)
    x4_size: int = 31  # the x2 kernel applied twice: 3 * 11 - 2
    lossy: bool = True
    """Whether the shifts lose what leaves the 11 cells, as DIV2KRK's do. Else there is one shift, which loses
    only what ends outside them, and the sum stays 1."""


DIV2KRK: Final = RandomKernelConfig()
"""As the published data set was made."""
PLAIN: Final = RandomKernelConfig(lossy=False)
"""As KernelGAN's section 5.1 says, no more."""


@dataclass(frozen=True)
class RandomKernel:
    """A drawn kernel and the numbers it was drawn with (variances in HR px^2, angle in radians).

    total: sum of the cells that LR is made with, before the kernel was scaled to sum 1; LR is so much darker.
    """

    kernel: SRKernel
    variances: tuple[float, float]
    angle: float
    total: float = 1.0


def random_kernel(
    rng: np.random.Generator, scale: int = 2, config: RandomKernelConfig = DIV2KRK
) -> RandomKernel:
    """Draw an anisotropic Gaussian with multiplicative noise (speckle), aligned to the phase.

    For x4 the x2 kernel is applied twice; of DIV2KRK's that is the kernel after its first shift, as in the
    published kernel files, whose x4 kernels are whole. The same generator state gives the same kernel.

    Args:
        rng: Source of all random numbers.
        scale: 2 or 4.
        config: The protocol's numbers.

    Returns:
        The kernel, 11x11 cells at x2 and 31x31 at x4, and what it was drawn with.
    """
    variances = rng.uniform(config.variance_min, config.variance_max, 2)
    angle = float(rng.uniform(0.0, np.pi))
    speckle = 1.0 + rng.uniform(-config.speckle, config.speckle, (config.size, config.size))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    covariance = turn @ np.diag(variances) @ turn.T
    centre = geometry.wanted_centre((config.size, config.size), 2)
    axes = np.meshgrid(*(np.arange(config.size) - c for c in centre), indexing="ij")
    offset = np.stack(axes, axis=-1)
    gaussian = np.exp(-0.5 * np.einsum("...i,ij,...j", offset, np.linalg.inv(covariance), offset))
    cells, total = gaussian * speckle / (gaussian * speckle).sum(), 1.0
    if config.lossy:
        cells = _shifted(cells, centre - 0.5)
        cells /= cells.sum()
        if scale == 2:
            cells = _shifted(cells, centre)
            total = float(cells.sum())
    kernel = SRKernel(geometry.recentre(cells, 2), 2)  # by 0.04 px at most where the shifts were lossy
    if scale == 4:
        kernel = kernel.to_x4(config.x4_size)
    return RandomKernel(kernel, (float(variances[0]), float(variances[1])), angle, total)


def _shifted(cells: Array, centre: Array) -> Array:
    """The cells moved so that their centre of mass would be ``centre``, if nothing left the window."""
    shift = centre - geometry.centre_of_mass(cells)
    return np.asarray(ndimage.shift(cells, shift, order=3, mode="constant"), dtype=np.float64)
