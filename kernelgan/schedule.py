"""What changes from step to step: functions of tensors, so that no step waits for the host."""

from dataclasses import dataclass

import torch

from kernelgan.config import BicubicPhase, GANConfig


def learning_rate(step: torch.Tensor, config: GANConfig) -> torch.Tensor:
    """G's rate at a step counted from 0: times 0.1 every 750 steps (Fig. D)."""
    periods = torch.div(step, config.decay_every, rounding_mode="floor")
    return config.learning_rate * config.decay ** periods.float()


def has_set_in(step: torch.Tensor, config: GANConfig) -> torch.Tensor:
    """1 where centre and sparse hold at a step counted from 0, 0 before."""
    return (step >= config.onset).float()


@dataclass(frozen=True, eq=False)
class PhaseState:
    """Where the released implementation's first phase stands, for each game, (games,) each; updated in
    place."""

    weight: torch.Tensor  # of the bicubic error now
    streak: torch.Tensor  # steps in a row that were close
    close: torch.Tensor  # 1 once close for long enough
    late: torch.Tensor  # 1 once centre and sparse have set in

    @classmethod
    def first(cls, phase: BicubicPhase | None, games: int, device: torch.device) -> "PhaseState":
        """The state before the first step; without a phase all constraints hold from the start."""

        def full(value: float) -> torch.Tensor:
            return torch.full((games,), value, device=device)

        return cls(full(phase.weight if phase else 0.0), full(0.0), full(0.0), full(0.0 if phase else 1.0))

    def advance(self, phase: BicubicPhase, error: torch.Tensor, step: torch.Tensor) -> None:
        """After a step whose bicubic error over the target's mean square was ``error`` (games,).

        step: counted from 1.
        """
        self.streak.copy_(torch.where(error < phase.close, self.streak + 1, 0.0))
        self.close.copy_(torch.maximum(self.close, (self.streak >= phase.patience).float()))
        due = (self.close > 0) & (step % phase.every == 0)
        reduced = (self.weight / phase.factor).clamp(min=phase.floor)
        self.weight.copy_(torch.where(due, torch.minimum(self.weight, reduced), self.weight))
        self.late.copy_(torch.maximum(self.late, (self.weight < phase.switch).float()))
