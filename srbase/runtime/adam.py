"""Adam (Kingma and Ba, ICLR 2015) as a step without the host, which a graphics card can replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch.optim.adam import adam

from srbase.runtime.device import can_replay

BETAS: Final = (0.9, 0.999)
EPSILON: Final = 1e-8
"""The paper's values."""


@dataclass(frozen=True, eq=False)
class Adam:
    """Parameters, their moments and counts of steps; updated in place. betas: the moments' rates of decay.

    PyTorch's Adam as a function: the class of that name loads PyTorch's compiler, a second of every command.
    """

    values: list[torch.Tensor]
    first: list[torch.Tensor]
    second: list[torch.Tensor]
    counts: list[torch.Tensor]
    betas: tuple[float, float]

    @classmethod
    def of(cls, values: list[torch.Tensor], betas: tuple[float, float] = BETAS) -> "Adam":
        """For these parameters, on one device, which are then updated in place."""
        first, second = ([torch.zeros_like(value) for value in values] for _ in range(2))
        return cls(values, first, second, [torch.zeros((), device=value.device) for value in values], betas)

    def tensors(self) -> list[torch.Tensor]:
        """All that changes."""
        return [*self.values, *self.first, *self.second, *self.counts]

    def step(self, gradients: Sequence[torch.Tensor], rate: torch.Tensor) -> None:
        """One step down the gradients; rate: 0-dimensional, on the device."""
        one, two = self.betas
        adam(
            self.values,
            list(gradients),
            self.first,
            self.second,
            [],
            self.counts,
            fused=True,
            capturable=can_replay(rate.device),
            amsgrad=False,
            beta1=one,
            beta2=two,
            lr=rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )
