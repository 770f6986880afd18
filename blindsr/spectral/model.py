r"""Power spectrum of an LR image as a function of its kernel.

With f in cycles per LR pixel, shrinking by two puts four HR frequencies g = (f + m) / 2 on top of
one another (aliasing), and rounding adds white noise N:

    P_LR(f) = sum_m P_HR(g_m) |K(g_m)|^2 + N

log P_HR is linear in a few content terms (:mod:`blindsr.spectral.prior`). K is given, or a Gaussian of
covariance V whose cells may deviate (:mod:`blindsr.spectral.cells`). With one band and N = 0 the Gaussian
is the linear model ``log P_LR = content - pi^2 f' V f``: the content's direction grows with log f at most,
the kernel's with f^2, and that is what tells them apart. A real kernel is never exactly Gaussian; cells that
deviate independently by a relative variance ``eta`` add a floor of ``eta sum k^2`` to |K|^2, half of it by
the kernel's symmetric part and half by its odd one. Without the floor, wide kernels are badly underestimated.

An LR image at x4 is that kernel applied twice (KernelGAN, section 4): the image that the second step
shrank had been blurred by the first one, so it is |K(g / 2)|^2 softer than a photograph, g being its
own frequency (its folds are left to the content terms). Without that factor V comes out up to a
quarter too large.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blindsr.spectral.cells import (
    CROPPED,
    PAIR_OFFSETS,
    Taper,
    gaussian_pairs,
    gaussian_slopes,
    pair_values,
)
from blindsr.spectral.prior import ContentPrior, content_basis
from srbase.imaging.periodogram import frequencies

Array = npt.NDArray[np.float64]

TINY = 1e-30  # power under anything an image in 0..1 can hold; keeps logarithms finite


class FoldedModel:
    """The model on the frequency cells of one window size, for an LR image at x2 or x4.

    low, high: radii of the cells used, cycles per LR pixel.
    """

    def __init__(self, window: int, prior: ContentPrior, scale: int = 2, *, low: float, high: float) -> None:
        fy, fx = frequencies(window)
        radius = np.hypot(fy, fx)
        self.cells = (radius >= low) & (radius <= high) & ~((fx == 0) & (fy < 0))
        fy, fx = fy[self.cells], fx[self.cells]
        folds = [(a, b) for a in (0, 1) for b in (0, 1)]
        self.gy = np.stack([(fy - a * np.where(fy > 0, 1, -1)) / 2 for a, _ in folds])
        self.gx = np.stack([(fx - b * np.where(fx > 0, 1, -1)) / 2 for _, b in folds])
        self.basis = content_basis(self.gy, self.gx, prior.pivot)
        self.prior = prior
        passes = (1.0,) if scale == 2 else (1.0, 0.5)  # the step at hand, and the one before it
        turns = 2 * np.pi * np.tensordot(PAIR_OFFSETS, np.stack([self.gy.ravel(), self.gx.ravel()]), (0, 0))
        self._waves = [2 * np.cos(share * turns) for share in passes]

    def log_cells(self, power: Array) -> Array:
        """Log of the power at the model's cells."""
        return np.asarray(np.log(np.maximum(power[self.cells], TINY)), dtype=np.float64)

    def kernel_power(self, kernel: Array, eta: float) -> Array:
        """|K|^2 with its floor at every cell and fold, (4, cells), of a kernel (13, 13) that is its own half
        turn; of both steps at x4."""
        return self._power(pair_values(kernel), np.zeros((0, PAIR_OFFSETS.shape[1])), eta)[0]

    def gaussian(self, v: Array, eta: float, taper: Taper = CROPPED) -> tuple[Array, Array]:
        """|K|^2 with its floor (4, cells) of the Gaussian, and its derivative by v (3, 4, cells)."""
        return self._power(gaussian_pairs(v, taper), gaussian_slopes(v, taper), eta)

    def deviating(
        self, v: Array, deviations: Array, eta: float, taper: Taper = CROPPED
    ) -> tuple[Array, Array]:
        """The same where each pair of cells is multiplied by 1 + its deviation (72,); the derivative is by
        v and deviations, (75, 4, cells). The kernel's sum is left as it comes, for the content to take."""
        gaussian = gaussian_pairs(v, taper)
        changes = np.concatenate([gaussian_slopes(v, taper) * (1 + deviations), np.diag(gaussian)])
        return self._power(gaussian * (1 + deviations), changes, eta)

    def _power(self, values: Array, changes: Array, eta: float) -> tuple[Array, Array]:
        """Power (4, cells) of a kernel's pair values and its derivative along each change (n, 4, cells)."""
        power = np.ones(self.gy.size)  # the product over both steps at x4; its derivative by the product rule
        slopes = np.zeros((len(changes), self.gy.size))
        # eta sum k^2, each pair's value being that of two cells
        floor, floor_slopes = 2 * eta * (values**2).sum(), 4 * eta * (changes @ values)[:, None]
        for waves in self._waves:
            spectrum = values @ waves
            step = spectrum**2 + floor
            slopes = slopes * step + power * (2 * spectrum * (changes @ waves) + floor_slopes)
            power = power * step
        shape = self.gy.shape
        return power.reshape(shape), slopes.reshape(len(changes), *shape)
