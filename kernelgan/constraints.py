"""The regularisation term: what a downscaling kernel looks like (paper, section 4.1).

For a kernel k with cells at positions p, the wanted centre c (:mod:`srbase.kernels.geometry`) and the sum
S = sum_p k[p]:

    sum_to_1    |1 - S|
    boundaries  sum_p m[p] |k[p]|, with a mask m that grows away from c
    sparse      mean_p |k[p]|^(1/2)
    centre      | sum_p p k[p] / S - c |

each times its weight of :class:`kernelgan.config.ConstraintConfig`. The gradient is in
:mod:`kernelgan.gradients`.
"""

from typing import Final

import torch

from kernelgan.config import ConstraintConfig
from kernelgan.generator import STRIDE
from srbase.kernels import geometry

LEAST_SUM: Final = 0.1
"""A sum S smaller than this does not divide the centre of mass; this number does. Near S = 0 the centre of
mass would jump."""


class Constraints:
    """The terms for kernels (N, k, k).

    Attributes:
        config: The weights.
        features: (k * k, 3): for each cell 1, its row, its column. A flattened kernel times this is
            (S, sum_p y k[p], sum_p x k[p]).
        centre: (2,), the wanted centre (y, x), in cells.
        mask: (k, k), m times the weight of boundaries.
        sparse_weight: The weight of sparse, divided by the number of cells where the settings say "mean".
    """

    def __init__(self, config: ConstraintConfig, size: int, like: torch.Tensor) -> None:
        """Prepare the terms for kernels of one size.

        Args:
            config: The weights.
            size: Cells a side of the kernels.
            like: A tensor of the dtype and device to work in.
        """
        self.config = config
        axis = torch.arange(size, dtype=like.dtype, device=like.device)
        rows, columns = axis[:, None].expand(size, size), axis[None, :].expand(size, size)
        self.features = torch.stack([torch.ones_like(rows), rows, columns]).flatten(1).mT
        self.centre = torch.tensor(
            geometry.wanted_centre((size, size), STRIDE), dtype=like.dtype, device=like.device
        )
        distance = torch.hypot(rows - self.centre[0], columns - self.centre[1])
        self.mask = boundary_mask(distance, config) * config.boundaries
        self.sparse_weight = config.sparse / (size * size if config.sparse_over == "mean" else 1.0)

    def terms(self, kernel: torch.Tensor, late: torch.Tensor) -> dict[str, torch.Tensor]:
        """Compute the weighted terms.

        Args:
            kernel: (N, k, k), not normalised.
            late: (1,) or (N,), factor on centre and sparse: 0 before their onset, 1 after it.

        Returns:
            Each term by its name, (N,), differentiable by autograd; none for a weight of 0.
        """
        config, terms = self.config, {}
        sums = self.sums(kernel)
        if config.sum_to_1:
            terms["sum_to_1"] = config.sum_to_1 * (1.0 - sums[:, 0]).abs()
        if config.boundaries:
            terms["boundaries"] = (kernel.abs() * self.mask).sum(dim=(1, 2))
        if config.sparse:
            powers = self.smooth_square(kernel).pow(config.sparse_power / 2)
            terms["sparse"] = late * self.sparse_weight * powers.sum(dim=(1, 2))
        if config.centre:
            _, offset, _ = self.centre_offset(sums)
            terms["centre"] = late * config.centre * smooth_root(offset.square().sum(dim=1))
        return terms

    def sums(self, kernel: torch.Tensor) -> torch.Tensor:
        """Return (N, 3): S, and the sums of the cells times their row and times their column."""
        return kernel.flatten(1) @ self.features

    def smooth_square(self, kernel: torch.Tensor) -> torch.Tensor:
        """Return k^2 + floor^2. Its power p / 2 is |k|^p for large cells, with a finite slope at 0."""
        return kernel.square() + self.config.sparse_floor**2

    def centre_offset(self, sums: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the centre of mass (N, 2), its offset from the wanted centre (N, 2), and the factor 1 / S
        (N, 1) that it was made with."""
        total = sums[:, :1]
        factor = 1.0 / torch.where(total.abs() < LEAST_SUM, LEAST_SUM, total)
        place = sums[:, 1:] * factor
        return place, place - self.centre, factor


def smooth_root(squared: torch.Tensor) -> torch.Tensor:
    """Return the square root of x + eps, whose slope at x = 0 is finite."""
    return (squared + torch.finfo(squared.dtype).eps).sqrt()


def boundary_mask(distance: torch.Tensor, config: ConstraintConfig) -> torch.Tensor:
    """Return the mask m at these distances from the centre, in cells: 0 up to ``mask_free``, then growing
    towards 1."""
    beyond = (distance - config.mask_free).clamp(min=0)
    return 1.0 - torch.exp(-config.mask_growth * beyond)
