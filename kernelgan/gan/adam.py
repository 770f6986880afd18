"""Adam (Kingma and Ba, ICLR 2015) on one flat tensor for each game.

PyTorch's own optimisers keep their count of steps where the host reads it; here everything is a tensor on the
device, so that a step of the game can be traced whole and replayed. Updates are in place.
"""

from dataclasses import dataclass

import torch

EPSILON = 1e-8
"""Added to the root of the second moment (the paper's value)."""


@dataclass(frozen=True, eq=False)
class Adam:
    """Parameters and their moments, (games, n) each; ``betas`` are the moments' rates of decay."""

    value: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor
    betas: tuple[float, float]

    @classmethod
    def of(cls, value: torch.Tensor, betas: tuple[float, float]) -> "Adam":
        """For parameters (games, n), which are then updated in place."""
        return cls(value, torch.zeros_like(value), torch.zeros_like(value), betas)

    def leaf(self) -> torch.Tensor:
        """The parameters as a leaf to take gradients by."""
        return self.value.detach().requires_grad_()

    def update(self, gradient: torch.Tensor, rate: torch.Tensor, count: torch.Tensor) -> None:
        """One step down the gradient (games, n); rate and count, from 1, are 0-dimensional tensors."""
        one, two = self.betas
        self.first.lerp_(gradient, 1 - one)
        self.second.mul_(two).addcmul_(gradient, gradient, value=1 - two)
        root = (self.second / (1 - two**count)).sqrt_().add_(EPSILON)
        self.value.sub_(self.first / root.mul_((1 - one**count) / rate))


def split(flat: torch.Tensor, shapes: list[tuple[int, ...]]) -> list[torch.Tensor]:
    """Views of (games, n) as tensors (games, *shape), one after another."""
    sizes = [int(torch.Size(shape).numel()) for shape in shapes]
    parts: tuple[torch.Tensor, ...] = torch.split(flat, sizes, dim=1)
    return [part.reshape(flat.shape[0], *shape) for part, shape in zip(parts, shapes, strict=True)]


def joined(parts: list[torch.Tensor]) -> torch.Tensor:
    """Tensors (games, ...) as one flat one (games, n): the inverse of :func:`split`."""
    return torch.cat([part.flatten(1) for part in parts], dim=1)
