"""What changes from step to step: functions of the past that return values."""

from dataclasses import dataclass

from kernelgan.gan.config import BicubicPhase, GANConfig


def learning_rate(step: int, config: GANConfig) -> float:
    """The rate of both optimisers at a step counted from 0: times 0.1 every 750 steps (Fig. D)."""
    return config.learning_rate * config.decay ** (step // config.decay_every)


@dataclass(frozen=True)
class PhaseState:
    """Where the released implementation's first phase stands."""

    weight: float  # of the bicubic error now
    streak: int = 0  # steps in a row that were close
    close: bool = False  # close for long enough, once
    late: bool = False  # centre and sparse have set in


def first_state(phase: BicubicPhase | None) -> PhaseState:
    """The state before the first step; without a phase all constraints hold from the start."""
    return PhaseState(0.0, late=True) if phase is None else PhaseState(phase.weight)


def next_state(state: PhaseState, phase: BicubicPhase, error: float, step: int) -> PhaseState:
    """The state after a step whose bicubic error, over the target's mean square, was ``error``.

    step: counted from 1.
    """
    streak = state.streak + 1 if error < phase.close else 0
    close = state.close or streak >= phase.patience
    weight = state.weight
    if close and step % phase.every == 0:
        weight = max(weight / phase.factor, phase.floor)
    return PhaseState(weight, streak, close, state.late or weight < phase.switch)
