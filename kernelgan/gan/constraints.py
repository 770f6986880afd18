"""What a downscaling kernel looks like: the four terms of the regulariser (paper, section 4.1)."""

import torch

from blindsr.imaging import geometry
from kernelgan.gan.config import ConstraintConfig
from kernelgan.gan.generator import STRIDE


class Constraints:
    """The terms for kernels (R, k, k); each is a vector (R,), weighted, and off where its weight is 0."""

    def __init__(self, config: ConstraintConfig, size: int, like: torch.Tensor) -> None:
        self.config = config
        centre = geometry.wanted_centre((size, size), STRIDE)
        axis = torch.arange(size, dtype=like.dtype, device=like.device)
        self.centre = torch.tensor(centre, dtype=like.dtype, device=like.device)
        self.rows, self.columns = axis[:, None].expand(size, size), axis[None, :].expand(size, size)
        distance = torch.hypot(self.rows - self.centre[0], self.columns - self.centre[1])
        self.mask = boundary_mask(distance, config)
        self.over = {"sum": 1.0, "mean": float(size * size)}

    def __call__(self, kernel: torch.Tensor, late: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """The weighted terms by name. late: (R,), 1 where centre and sparse hold, which the released schedule
        adds later, and 0 where not yet; None: they hold."""
        config, terms = self.config, {}
        if config.sum_to_1:
            terms["sum_to_1"] = config.sum_to_1 * (1.0 - kernel.sum(dim=(1, 2))).abs()
        if config.boundaries:
            outside = (kernel * self.mask).abs().sum(dim=(1, 2))
            terms["boundaries"] = config.boundaries * outside / self.over[config.boundaries_over]
        for name, weight, term in (
            ("sparse", config.sparse, self._sparse),
            ("centre", config.centre, self._centre),
        ):
            if weight:
                terms[name] = weight * term(kernel) * (1.0 if late is None else late)
        return terms

    def _sparse(self, kernel: torch.Tensor) -> torch.Tensor:
        # |k|^p has an infinite slope at 0: (k^2 + floor^2)^(p/2) is the same for larger cells.
        smooth = kernel.square() + self.config.sparse_floor**2
        total = smooth.pow(self.config.sparse_power / 2).sum(dim=(1, 2))
        return total / self.over[self.config.sparse_over]

    def _centre(self, kernel: torch.Tensor) -> torch.Tensor:
        total = kernel.sum(dim=(1, 2))
        # Dividing by a sum that is still far from 1 would let the centre of mass jump.
        total = torch.where(total.abs() < 0.1, torch.full_like(total, 0.1), total)
        y = (kernel * self.rows).sum(dim=(1, 2)) / total
        x = (kernel * self.columns).sum(dim=(1, 2)) / total
        squared = (y - self.centre[0]).square() + (x - self.centre[1]).square()
        if self.config.squared_centre:
            return squared / 2
        return (squared + torch.finfo(kernel.dtype).eps).sqrt()


def boundary_mask(distance: torch.Tensor, config: ConstraintConfig) -> torch.Tensor:
    """M of the boundaries term: 0 within ``mask_free`` cells of the centre, then growing towards 1."""
    beyond = (distance - config.mask_free).clamp(min=0)
    return 1.0 - torch.exp(-config.mask_growth * beyond)
