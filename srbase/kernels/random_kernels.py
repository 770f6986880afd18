"""Random kernels of the DIV2KRK protocol (KernelGAN, section 5.1)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel


@dataclass(frozen=True, kw_only=True)
class RandomKernelConfig:
    """Numbers of the DIV2KRK protocol."""

    size: int = 11  # cells a side of the x2 kernel
    variance_min: float = 0.6  # HR pixels squared, along each principal axis
    variance_max: float = 5.0
    speckle: float = 0.25  # each cell is multiplied by 1 + U(-speckle, speckle)
    x4_size: int = 31  # the x2 kernel applied twice: 3 * 11 - 2


DIV2KRK: Final = RandomKernelConfig()


@dataclass(frozen=True)
class RandomKernel:
    """A drawn kernel and the numbers it was drawn with (variances in HR px^2, angle in radians)."""

    kernel: SRKernel
    variances: tuple[float, float]
    angle: float


def random_kernel(
    rng: np.random.Generator, scale: int = 2, config: RandomKernelConfig = DIV2KRK
) -> RandomKernel:
    """Draw an anisotropic Gaussian with multiplicative noise (speckle), aligned to the phase.

    For x4 the x2 kernel is applied twice. The same generator state gives the same kernel.
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
    kernel = SRKernel(geometry.recentre(gaussian * speckle, 2), 2)
    if scale == 4:
        kernel = kernel.to_x4(config.x4_size)
    return RandomKernel(kernel, (float(variances[0]), float(variances[1])), angle)
