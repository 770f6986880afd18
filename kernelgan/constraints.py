"""What a downscaling kernel looks like: the four terms of the regulariser (paper, section 4.1)."""

from typing import Final

import torch

from kernelgan.config import ConstraintConfig
from kernelgan.generator import STRIDE
from srbase.kernels import geometry

LEAST_SUM: Final = 0.1
"""The least that a kernel's moments are divided by: its sum far from 1 would let them jump."""


class Constraints:
    """The terms for kernels (R, k, k), off where their weight is 0, and their gradient.

    ``late`` (R,) is 1 where centre and sparse hold, which the released schedule adds later, and 0 where not
    yet.
    """

    def __init__(self, config: ConstraintConfig, size: int, like: torch.Tensor) -> None:
        self.config = config
        over = {"sum": 1.0, "mean": float(size * size)}
        axis = torch.arange(size, dtype=like.dtype, device=like.device)
        rows, columns = axis[:, None].expand(size, size), axis[None, :].expand(size, size)
        self.features = torch.stack([torch.ones_like(rows), rows, columns]).flatten(1).mT  # (k * k, 3)
        self.centre = torch.tensor(
            geometry.wanted_centre((size, size), STRIDE), dtype=like.dtype, device=like.device
        )
        distance = torch.hypot(rows - self.centre[0], columns - self.centre[1])
        self.mask = boundary_mask(distance, config) * (config.boundaries / over[config.boundaries_over])
        self.sparse_weight = config.sparse / over[config.sparse_over]

    def terms(self, kernel: torch.Tensor, late: torch.Tensor) -> dict[str, torch.Tensor]:
        """The weighted terms by name, (R,) each; differentiable."""
        config, terms = self.config, {}
        sums = self._sums(kernel)
        if config.sum_to_1:
            terms["sum_to_1"] = config.sum_to_1 * (1.0 - sums[:, 0]).abs()
        if config.boundaries:
            terms["boundaries"] = (kernel.abs() * self.mask).sum(dim=(1, 2))
        if config.sparse:
            smooth = self._smooth_square(kernel)
            terms["sparse"] = late * self.sparse_weight * smooth.pow(config.sparse_power / 2).sum(dim=(1, 2))
        if config.centre:
            _, off, _ = self._off_centre(sums)
            squared = off.square().sum(dim=1)
            terms["centre"] = (
                late * config.centre * (squared / 2 if config.squared_centre else _root(squared))
            )
        return terms

    def gradient(self, kernel: torch.Tensor, late: torch.Tensor) -> torch.Tensor:
        """Of the terms' sum, (R, k, k). Written out, as autograd takes three times as long; tested against
        it."""
        config = self.config
        sums, by_kernel = self._sums(kernel), torch.zeros_like(kernel)
        by_sums = torch.zeros_like(sums)
        if config.sum_to_1:
            by_sums[:, 0] = config.sum_to_1 * (sums[:, 0] - 1.0).sign()
        if config.boundaries:
            by_kernel += kernel.sign() * self.mask
        if config.sparse:
            power = config.sparse_power
            steep = self._smooth_square(kernel).pow(power / 2 - 1)
            by_kernel += kernel * steep * (late * (power * self.sparse_weight))[:, None, None]
        if config.centre:
            place, off, over = self._off_centre(sums)
            pace = (late * config.centre)[:, None] * over
            if not config.squared_centre:
                pace = pace / _root(off.square().sum(dim=1, keepdim=True))
            by_mass = -(off * place).sum(dim=1, keepdim=True)
            by_mass = torch.where(sums[:, :1].abs() < LEAST_SUM, 0.0, by_mass)  # the divisor stands
            by_sums += pace * torch.cat([by_mass, off], dim=1)
        return by_kernel + (by_sums @ self.features.mT).view_as(kernel)

    def _sums(self, kernel: torch.Tensor) -> torch.Tensor:
        """(R, 3): the kernels' sums, and those of cells times their row and column."""
        return kernel.flatten(1) @ self.features

    def _smooth_square(self, kernel: torch.Tensor) -> torch.Tensor:
        """|k|^p has an infinite slope at 0: (k^2 + floor^2)^(p/2) is the same for larger cells."""
        return kernel.square() + self.config.sparse_floor**2

    def _off_centre(self, sums: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Centre of mass and its distance from the wanted centre, (R, 2), and what was multiplied, (R, 1)."""
        mass = sums[:, :1]
        over = 1.0 / torch.where(mass.abs() < LEAST_SUM, LEAST_SUM, mass)
        place = sums[:, 1:] * over
        return place, place - self.centre, over


def _root(squared: torch.Tensor) -> torch.Tensor:
    """The square root, with a slope at 0."""
    return (squared + torch.finfo(squared.dtype).eps).sqrt()


def boundary_mask(distance: torch.Tensor, config: ConstraintConfig) -> torch.Tensor:
    """M of the boundaries term: 0 within ``mask_free`` cells of the centre, then growing towards 1."""
    beyond = (distance - config.mask_free).clamp(min=0)
    return 1.0 - torch.exp(-config.mask_growth * beyond)
