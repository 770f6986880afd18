"""What a downscaling kernel looks like: the four terms of the regulariser (paper, section 4.1)."""

import torch

from blindsr.imaging import geometry
from kernelgan.gan.config import ConstraintConfig
from kernelgan.gan.generator import STRIDE

Term = tuple[torch.Tensor, torch.Tensor]
"""A term before its weight, (R,), and its gradient, (R, k, k) or what spreads to that."""


class Constraints:
    """The terms for kernels (R, k, k), off where their weight is 0, and their gradient.

    The gradient is written out: autograd of these small operations takes a tenth of a step. It is tested
    against it.
    """

    def __init__(self, config: ConstraintConfig, size: int, like: torch.Tensor) -> None:
        self.config = config
        centre = geometry.wanted_centre((size, size), STRIDE)
        axis = torch.arange(size, dtype=like.dtype, device=like.device)
        self.centre = torch.tensor(centre, dtype=like.dtype, device=like.device)
        self.rows, self.columns = axis[:, None].expand(size, size), axis[None, :].expand(size, size)
        distance = torch.hypot(self.rows - self.centre[0], self.columns - self.centre[1])
        self.mask = boundary_mask(distance, config)
        self.over = {"sum": 1.0, "mean": float(size * size)}

    def __call__(
        self, kernel: torch.Tensor, late: torch.Tensor | None = None
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The weighted terms by name, (R,) each, and their sum's gradient (R, k, k).

        late: (R,), 1 where centre and sparse hold, which the released schedule adds later, and 0 where not
        yet; None: they hold.
        """
        config, terms, gradient = self.config, {}, torch.zeros_like(kernel)
        for name, weight, term, waits in (
            ("sum_to_1", config.sum_to_1, self._sum_to_1, False),
            ("boundaries", config.boundaries, self._boundaries, False),
            ("sparse", config.sparse, self._sparse, True),
            ("centre", config.centre, self._centre, True),
        ):
            if weight:
                factor = weight * late if waits and late is not None else kernel.new_full((1,), weight)
                value, slope = term(kernel)
                terms[name] = factor * value
                gradient = torch.addcmul(gradient, slope, factor[:, None, None])
        return terms, gradient

    def _sum_to_1(self, kernel: torch.Tensor) -> Term:
        off = 1.0 - kernel.sum(dim=(1, 2))
        return off.abs(), -off.sign()[:, None, None]

    def _boundaries(self, kernel: torch.Tensor) -> Term:
        outside = kernel.abs() * self.mask
        over = self.over[self.config.boundaries_over]
        return outside.sum(dim=(1, 2)) / over, kernel.sign() * (self.mask / over)

    def _sparse(self, kernel: torch.Tensor) -> Term:
        # |k|^p has an infinite slope at 0: (k^2 + floor^2)^(p/2) is the same for larger cells.
        power, over = self.config.sparse_power, self.over[self.config.sparse_over]
        smooth = kernel.square() + self.config.sparse_floor**2
        steep = smooth.pow(power / 2 - 1)
        return (steep * smooth).sum(dim=(1, 2)) / over, kernel * steep * (power / over)

    def _centre(self, kernel: torch.Tensor) -> Term:
        mass = kernel.sum(dim=(1, 2))
        # Dividing by a sum that is still far from 1 would let the centre of mass jump.
        far = mass.abs() < 0.1
        total, moves = torch.where(far, 0.1, mass), torch.where(far, 0.0, 1.0)
        y = (kernel * self.rows).sum(dim=(1, 2)) / total
        x = (kernel * self.columns).sum(dim=(1, 2)) / total
        off_y, off_x = y - self.centre[0], x - self.centre[1]
        squared = off_y.square() + off_x.square()
        value, pace = squared / 2, 1.0 / total
        if not self.config.squared_centre:
            value = (squared + torch.finfo(kernel.dtype).eps).sqrt()
            pace = pace / value
        still = moves * (off_y * y + off_x * x)
        push = torch.stack([off_y, off_x, still])[..., None, None] * pace[:, None, None]
        return value, push[0] * self.rows + push[1] * self.columns - push[2]


def boundary_mask(distance: torch.Tensor, config: ConstraintConfig) -> torch.Tensor:
    """M of the boundaries term: 0 within ``mask_free`` cells of the centre, then growing towards 1."""
    beyond = (distance - config.mask_free).clamp(min=0)
    return 1.0 - torch.exp(-config.mask_growth * beyond)
