"""Kernels of one lobe and of two."""

import numpy as np

from srbase.kernels.kernel import SRKernel

AXIS = np.arange(13) - 6.5


def blob(y: float = 0.0, x: float = 0.0, variance: float = 1.5) -> np.ndarray:
    """A Gaussian of sum 1, so many cells from the wanted centre."""
    array = np.exp(-np.add.outer((AXIS - y) ** 2, (AXIS - x) ** 2) / (2 * variance))
    return array / array.sum()


def two_lobes(share: float = 0.4, apart: float = 3.0) -> SRKernel:
    return SRKernel((1 - share) * blob(-apart, -apart) + share * blob(apart, apart), 2).centred().cropped()


ONE = SRKernel(blob(), 2)
LEANING = SRKernel(0.7 * blob() + 0.3 * blob(1.5, 1.5), 2).centred().cropped()
OTHER = SRKernel(blob(variance=4.0), 2)
