"""What a downscaling kernel looks like: the four terms of the regulariser (paper, section 4.1)."""

import torch

from blindsr.imaging import geometry
from kernelgan.gan.config import ConstraintConfig
from kernelgan.gan.generator import STRIDE


class Constraints:
    """The terms for kernels (R, k, k), off where their weight is 0, and their gradient.

    The gradient is written out: autograd of these small operations takes a tenth of a step. It is tested
    against it.
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

    def __call__(
        self, kernel: torch.Tensor, late: torch.Tensor | None = None
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The weighted terms by name, (R,) each, and their sum's gradient (R, k, k).

        late: (R,), 1 where centre and sparse hold, which the released schedule adds later, and 0 where not
        yet; None: they hold.
        """
        config, terms = self.config, {}
        late = kernel.new_ones(len(kernel)) if late is None else late
        sums = kernel.flatten(1) @ self.features  # (R, 3): the sum, and the sums over rows and columns
        by_sums, gradient = torch.zeros_like(sums), torch.zeros_like(kernel)
        if config.sum_to_1:
            off = sums[:, 0] - 1.0
            terms["sum_to_1"] = config.sum_to_1 * off.abs()
            by_sums[:, 0] = config.sum_to_1 * off.sign()
        if config.boundaries:
            terms["boundaries"] = (kernel.abs() * self.mask).sum(dim=(1, 2))
            gradient += kernel.sign() * self.mask
        if config.sparse:
            terms["sparse"], slope = self._sparse(kernel, late * self.sparse_weight)
            gradient += slope
        if config.centre:
            terms["centre"], slope = self._centre(sums, late * config.centre)
            by_sums += slope
        return terms, gradient + (by_sums @ self.features.mT).view_as(kernel)

    def _sparse(self, kernel: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The term (R,) and its gradient by the kernel."""
        # |k|^p has an infinite slope at 0: (k^2 + floor^2)^(p/2) is the same for larger cells.
        power = self.config.sparse_power
        smooth = kernel.square() + self.config.sparse_floor**2
        steep = smooth.pow(power / 2 - 1)
        term = weight * (steep * smooth).sum(dim=(1, 2))
        return term, kernel * steep * (power * weight)[:, None, None]

    def _centre(self, sums: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The term (R,) and its gradient by the sums (R, 3)."""
        mass = sums[:, :1]
        # Dividing by a sum that is still far from 1 would let the centre of mass jump.
        far = mass.abs() < 0.1
        total = torch.where(far, 0.1, mass)
        place = sums[:, 1:] / total
        off = place - self.centre
        value = off.square().sum(dim=1)
        pace = weight[:, None] / total
        if self.config.squared_centre:
            value = value / 2
        else:
            value = (value + torch.finfo(sums.dtype).eps).sqrt()
            pace = pace / value[:, None]
        by_mass = torch.where(far, 0.0, -(off * place).sum(dim=1, keepdim=True))
        return weight * value, pace * torch.cat([by_mass, off], dim=1)


def boundary_mask(distance: torch.Tensor, config: ConstraintConfig) -> torch.Tensor:
    """M of the boundaries term: 0 within ``mask_free`` cells of the centre, then growing towards 1."""
    beyond = (distance - config.mask_free).clamp(min=0)
    return 1.0 - torch.exp(-config.mask_growth * beyond)
