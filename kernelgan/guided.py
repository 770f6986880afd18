"""Guided KernelGAN: the spectral estimate leads, the game between G and D refines.

The spectral estimate (:mod:`blindsr.spectral.estimate`) knows the kernel's second moments to about 0.2 HR
px^2 and says how well; KernelGAN's own scatter by several times that from restart to restart. So G
starts as the spectral kernel, and the guide is added to its loss: the calibrated log prior

    1/2 (m - m_0)' P^-1 (m - m_0)        m = second moments (yy, xx, xy) of G's kernel

and a pull of each cell towards the spectral kernel. The restarts' kernels are averaged, first with
one another and then, by a quarter, with the spectral kernel; those that left the ellipsoid of the
uncertainty, or diverged, do not count, so that the game can help but not harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from blindsr.spectral.estimate import SpectralEstimate
from kernelgan.constraints import LEAST_SUM
from kernelgan.generator import STRIDE, by_filters, compositions
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.runtime.adam import Adam

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GuideConfig:
    """How closely the spectral estimate leads G; our own numbers, chosen on Kodak 13-24 and CLIC 09-20."""

    moments_weight: float = 2.0  # of half the squared distance of the moments, in standard errors
    cells_weight: float = 5.0  # of the sum of squared differences of the cells
    trust: float = 11.3  # squared distance within which a restart counts: 99 % of chi-squared, 3 degrees
    share: float = 0.25  # of the restarts' mean in the kernel that is handed on
    fit_steps: int = 100  # to bring G to the spectral kernel before the game: to 2 % of its norm
    fit_rate: float = 1e-3  # Adam's learning rate for it


@dataclass(frozen=True, eq=False)
class Guide:
    """What G is held to: the spectral kernel (13, 13), its moments (3,) and their precision (3, 3); for
    several games these have a leading axis."""

    kernel: torch.Tensor
    moments: torch.Tensor
    precision: torch.Tensor
    config: GuideConfig

    @classmethod
    def from_estimate(cls, estimate: SpectralEstimate, config: GuideConfig, like: torch.Tensor) -> "Guide":
        """The guide on the device of ``like``; moments are those of the kernel that is handed on."""

        def tensor(array: Array) -> torch.Tensor:
            return torch.tensor(array, dtype=like.dtype, device=like.device)

        moments = second_moments(estimate.kernel)
        return cls(tensor(estimate.kernel), tensor(moments), tensor(_precision(estimate)), config)

    @classmethod
    def of_many(cls, guides: Sequence["Guide"], games_each: int) -> "Guide":
        """One guide for several images' games: each game is held to its own image's estimate."""

        def stacked(name: str) -> torch.Tensor:
            tensors = torch.stack([getattr(guide, name) for guide in guides])
            return tensors.repeat_interleave(games_each, dim=0)

        return cls(stacked("kernel"), stacked("moments"), stacked("precision"), guides[0].config)

    def begin(self, filters: list[torch.Tensor]) -> list[torch.Tensor]:
        """G's filters, trained until they compose to the spectral kernel."""
        adam = Adam.of([layer.clone() for layer in filters])
        rate = torch.tensor(self.config.fit_rate, device=self.kernel.device)
        for _ in range(self.config.fit_steps):
            kernels = compositions(adam.values)
            off = kernels[0][:, 0] - self.kernel  # half the gradient of its square
            adam.step(by_filters(adam.values, kernels, 2 * off), rate)
        return adam.values

    def __call__(self, kernel: torch.Tensor) -> dict[str, torch.Tensor]:
        """The weighted terms, each (R,), for kernels (R, 13, 13)."""
        total = kernel.sum(dim=(1, 2)).clamp(min=LEAST_SUM)[:, None, None]
        weight = kernel / total
        size = kernel.shape[-1]
        centre = geometry.wanted_centre((size, size), STRIDE)
        axis = torch.arange(size, dtype=kernel.dtype, device=kernel.device)
        y, x = axis[:, None] - centre[0], axis[None, :] - centre[1]
        moments = torch.stack(
            [(weight * product).sum(dim=(1, 2)) for product in (y * y, x * x, y * x)], dim=1
        )
        off = moments - self.moments
        distance = (off[:, None] @ self.precision * off[:, None]).sum(dim=(1, 2))
        cells = (weight - self.kernel).square().sum(dim=(1, 2))
        return {
            "guide": self.config.moments_weight * distance / 2,
            "cells": self.config.cells_weight * cells,
        }


def second_moments(kernel: Array) -> Array:
    """(yy, xx, xy) of a kernel, HR px^2."""
    covariance = geometry.covariance(kernel)
    return np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])


def distance(kernel: Array, estimate: SpectralEstimate) -> float:
    """Squared Mahalanobis distance of a kernel's moments from the spectral kernel's."""
    off = second_moments(kernel) - second_moments(estimate.kernel)
    return float(off @ _precision(estimate) @ off)


def combine(candidates: Sequence[SRKernel], estimate: SpectralEstimate, config: GuideConfig) -> SRKernel:
    """The kernel to hand on: the mean of the trustworthy candidates, mixed with the spectral kernel.

    Without a trustworthy candidate, the spectral kernel itself.
    """
    spectral = SRKernel(estimate.kernel, STRIDE)
    trusted = [c.array for c in candidates if distance(c.array, estimate) <= config.trust]
    if not trusted:
        return spectral
    refined = np.mean(trusted, axis=0)
    return SRKernel((1 - config.share) * spectral.array + config.share * refined, STRIDE).centred().cropped()


def _precision(estimate: SpectralEstimate) -> Array:
    return np.asarray(np.linalg.inv(estimate.posterior), dtype=np.float64)
