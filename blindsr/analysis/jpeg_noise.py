r"""The noise that JPEG left: its power spectrum, from the file's tables and the pixels' own coefficients.

A coefficient that was rounded to a multiple of its step q other than zero errs evenly within half a step:
variance q^2 / 12. One that was rounded to zero is less uncertain: coefficients are about Laplacian (Lam and
Goodman, IEEE TIP 9, 2000), the share p that is *not* zero tells the width, exp(-q / (2 b)) = p, and the
variance is ``zeros`` times that of the Laplacian within the half step. In the pixels the error of coefficient
(k, l) has the spectrum of its cosine; averaged over where in its block a pixel lies the noise is stationary:

    N(f) = sum over k, l of v_kl |C_k(f_y)|^2 |C_l(f_x)|^2 / 64

Photographs' steps grow with frequency, so that N does. The exact covariance, block by block, explains images
no better than this average: measured on six photographs at three qualities, both within 0.03 dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import dctn

from blindsr.io.jpeg_tables import BLOCK, JPEGTables
from srbase.errors import InputError
from srbase.imaging.pixels import QUANTISATION

Array = npt.NDArray[np.float64]

LEVELS = 255.0
"""Grey levels of an image in 0..1."""


@dataclass(frozen=True, kw_only=True)
class JPEGNoiseConfig:
    """Numbers of a JPEG's noise."""

    zeros: float = 0.5
    """Variance of coefficients that were rounded to zero, over a Laplacian's of their share: photographs'
    coefficients are more peaked. Of scikit-image's astronaut at quality 85 the Laplacian has 1.8 times too
    much."""
    most_blocks: int = 16384  # that are looked at; of a larger image, blocks farther apart
    least_share: float = 1e-4  # of coefficients that are not zero: fewer count as so many
    floor: float = QUANTISATION / 4  # least power at any frequency

    def __post_init__(self) -> None:
        if not 0 <= self.zeros <= 1 or not 0 < self.least_share < 0.5:
            raise InputError(
                f"quantisation's zeros is {self.zeros}, least_share {self.least_share}; "
                "wanted shares, the latter over 0 and under a half"
            )


@dataclass(frozen=True, eq=False)
class NoiseSpectrum:
    """Stationary noise of LR luma, image in 0..1.

    covariance (15, 15): of two pixels, by their distance -7..7 along y and x. floor: least power.
    """

    covariance: Array
    floor: float

    @property
    def variance(self) -> float:
        """Of one pixel."""
        reach = len(self.covariance) // 2
        return float(self.covariance[reach, reach])

    def power(self, size: tuple[int, int]) -> Array:
        """Power at the frequencies of ``rfft2`` over ``size`` (h, w) pixels; white noise has its variance."""
        reach = len(self.covariance) // 2
        offset = np.arange(-reach, reach + 1)
        axes = (np.fft.fftfreq(size[0]), np.fft.rfftfreq(size[1]))
        down, across = (np.cos(2 * np.pi * axis[:, None] * offset) for axis in axes)
        return np.asarray(np.maximum(down @ self.covariance @ across.T, self.floor))


def quantisation_noise(
    luma: Array, tables: JPEGTables, config: JPEGNoiseConfig, *, kept: float = 1.0
) -> NoiseSpectrum:
    """The noise of an image's luma (H, W) in 0..1 that was stored with the tables; rounding included.

    kept: share of the blocks that is looked at, those with more contrast. An image smaller than a block has
    all of its coefficients thought rounded to other than zero.
    """
    variance = coefficient_variance(luma, tables, config, kept) / LEVELS**2
    correlated = np.stack([np.correlate(cosine, cosine, "full") for cosine in cosines()])
    covariance = np.einsum("kl,ky,lx->yx", variance, correlated, correlated) / BLOCK**2
    centre = BLOCK - 1
    covariance[centre, centre] += QUANTISATION
    return NoiseSpectrum(covariance, config.floor)


def coefficient_variance(
    luma: Array, tables: JPEGTables, config: JPEGNoiseConfig, kept: float = 1.0
) -> Array:
    """Variance of the error of each coefficient of a block.

    Args:
        luma: (H, W) in 0..1.
        tables: that it was stored with.
        config: numbers of the noise.
        kept: share of the blocks that is looked at, those with more contrast.

    Returns:
        (8, 8), grey levels squared.
    """
    steps = tables.steps()
    share = np.clip(_not_zero(luma, tables, config, kept), config.least_share, 1 - config.least_share)
    rounded = steps**2 / 12
    rate = -2 * np.log(share) / steps  # 1 / b of the Laplacian
    half = steps / 2
    within = np.exp(-rate * half)  # = share
    # the mean of x^2 under the density rate exp(-rate x) on 0..half, by parts
    zero = (2 / rate**2 - within * (half**2 + 2 * half / rate + 2 / rate**2)) / (1 - within)
    zero = config.zeros * np.clip(zero, 0, rounded)
    return np.asarray(share * rounded + (1 - share) * zero, dtype=np.float64)


def cosines() -> Array:
    """The eight orthonormal cosines of T.81, (8, 8): row k is the basis of frequency k."""
    k, x = np.arange(BLOCK)[:, None], np.arange(BLOCK)[None]
    basis = np.cos(np.pi * (2 * x + 1) * k / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis, dtype=np.float64)


def _not_zero(luma: Array, tables: JPEGTables, config: JPEGNoiseConfig, kept: float) -> Array:
    """Share of the more contrasty blocks in which each coefficient is not zero, (8, 8)."""
    y, x = tables.phase
    rows, columns = ((n - first) // BLOCK for n, first in zip(luma.shape, (y, x), strict=True))
    if rows < 1 or columns < 1:
        return np.ones((BLOCK, BLOCK))
    whole = luma[y : y + BLOCK * rows, x : x + BLOCK * columns].reshape(rows, BLOCK, columns, BLOCK)
    apart = int(np.ceil(np.sqrt(rows * columns / config.most_blocks)))
    chosen = whole[::apart, :, ::apart].transpose(0, 2, 1, 3).reshape(-1, BLOCK, BLOCK)
    blocks = chosen.astype(np.float64) * LEVELS - (LEVELS + 1) / 2
    order = np.argsort(blocks.var(axis=(1, 2)))
    blocks = blocks[order[len(order) - max(1, round(kept * len(order))) :]]
    coefficients = dctn(blocks, axes=(1, 2), norm="ortho")
    return np.asarray((np.rint(coefficients / tables.steps()) != 0).mean(axis=0), dtype=np.float64)
