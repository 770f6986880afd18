"""What photographs look like before they are shrunk: the power spectrum's expected shape.

With g the frequency (cycles per HR pixel), theta its direction and l = log(g / 0.1),

    log P_HR = c - alpha l - beta l^2 - (2 pi)^2 gamma g^2 + sum of slow harmonics of theta

alpha is the power law (Field, JOSA A 1987), beta its bend, gamma (HR px^2) the blur that the HR
photograph already had. The harmonics (even orders only: a real image's spectrum is the same at
theta and theta + pi) are the content's own direction, with the lowest powers of l beside them.

The numbers are means and standard deviations over 38 development photographs (Kodak 13-24, CLIC 09-20,
Set14), none of which is used for reporting. ``make content-prior`` learns them. Odd harmonics (sin) and
slopes have mean 0: a mirrored photograph is as likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from srbase.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ContentPrior:
    """Mean and spread of the terms of log P_HR (see :func:`content_basis` for their order)."""

    pivot: float = 0.1  # cycles per HR pixel: where l = 0
    radial_mean: tuple[float, float, float] = (2.26, -0.24, 0.21)  # alpha, beta, gamma [HR px^2]
    radial_std: tuple[float, float, float] = (0.68, 0.32, 0.18)
    radial_correlation: tuple[float, float, float] = (
        0.71,
        -0.76,
        -0.78,
    )  # alpha-beta, alpha-gamma, beta-gamma
    harmonic_mean: tuple[float, ...] = (0.0, 0.0, 0.27, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    harmonic_std: tuple[float, ...] = (0.4, 0.19, 0.28, 0.14, 0.18, 0.12, 0.13, 0.09, 0.11, 0.13, 0.18, 0.09)

    def __post_init__(self) -> None:
        if len(self.harmonic_mean) != 12 or len(self.harmonic_std) != 12:
            raise InputError(
                f"content prior has {len(self.harmonic_mean)} harmonic means and {len(self.harmonic_std)} "
                "spreads; wanted 12 each"
            )
        if min(self.radial_std + self.harmonic_std) <= 0:
            raise InputError("content prior has a spread of 0 or less; wanted positive numbers")

    def mean(self) -> Array:
        """Prior mean of every term but the constant, (15,)."""
        return np.array(self.radial_mean + self.harmonic_mean)

    def precision(self) -> Array:
        """Inverse of the prior covariance, (15, 15)."""
        alpha_beta, alpha_gamma, beta_gamma = self.radial_correlation
        radial = np.array(
            [[1.0, alpha_beta, alpha_gamma], [alpha_beta, 1.0, beta_gamma], [alpha_gamma, beta_gamma, 1.0]]
        )
        std = np.array(self.radial_std + self.harmonic_std)
        correlation = np.eye(15)
        correlation[:3, :3] = radial
        return np.asarray(np.linalg.inv(correlation * np.outer(std, std)), dtype=np.float64)


def content_basis(gy: Array, gx: Array, pivot: float) -> Array:
    """The 16 terms of log P_HR at the frequencies (gy, gx), each term with the shape of ``gy``.

    Order: 1, -l, -l^2, -(2 pi g)^2, cos2 sin2 cos4 sin4, the same four times l, cos6 sin6,
    cos2 l^2, sin2 l^2. No frequency may be (0, 0).
    """
    g, theta = np.hypot(gy, gx), np.arctan2(gy, gx)
    slope = np.log(g / pivot)
    cos2, sin2, cos4, sin4, cos6, sin6 = (f(n * theta) for n in (2, 4, 6) for f in (np.cos, np.sin))
    radial = [np.ones_like(g), -slope, -(slope**2), -((2 * np.pi * g) ** 2)]
    level = [cos2, sin2, cos4, sin4]
    return np.stack(
        [*radial, *level, *(h * slope for h in level), cos6, sin6, cos2 * slope**2, sin2 * slope**2]
    )
