"""What changes from step to step."""

import pytest
import torch

from kernelgan.config import BicubicPhase, GANConfig
from kernelgan.schedule import PhaseState, learning_rate

CPU = torch.device("cpu")


def test_the_rate_falls_every_750_steps() -> None:
    steps = (0, 749, 750, 1499, 1500, 2999)
    rates = [float(learning_rate(torch.tensor([step]), GANConfig())) for step in steps]
    assert rates == pytest.approx([2e-4, 2e-4, 2e-5, 2e-5, 2e-6, 2e-7])


def test_without_a_phase_all_constraints_hold_from_the_start() -> None:
    state = PhaseState.first(None, 2, CPU)
    assert state.late.tolist() == [1, 1]
    assert state.weight.tolist() == [0, 0]


def run(phase: BicubicPhase, errors: list[float]) -> list[tuple[float, bool]]:
    state, seen = PhaseState.first(phase, 1, CPU), []
    for step, error in enumerate(errors, start=1):
        state.advance(phase, torch.tensor([error]), torch.tensor([step]))
        seen.append((float(state.weight), bool(state.late)))
    return seen


def test_the_weight_falls_at_multiples_of_200_once_close() -> None:
    phase = BicubicPhase()
    seen = run(phase, [0.0] * 900)
    assert seen[198] == (5.0, False)
    assert seen[199] == (pytest.approx(0.05), False)
    assert seen[398] == (pytest.approx(0.05), False)
    assert seen[399] == (pytest.approx(5e-4), True)  # under 5e-3: step 400, as released
    assert seen[799][0] == pytest.approx(phase.floor)
    assert seen[899][0] == pytest.approx(phase.floor)


def test_far_from_bicubic_nothing_changes() -> None:
    assert run(BicubicPhase(), [1.0] * 900)[-1] == (5.0, False)


def test_two_close_steps_in_a_row_are_not_enough() -> None:
    assert run(BicubicPhase(), [0.0, 0.0, 1.0] * 300)[-1] == (5.0, False)


def test_each_game_has_a_phase_of_its_own() -> None:
    phase, state = BicubicPhase(), PhaseState.first(BicubicPhase(), 2, CPU)
    for step in range(1, 401):
        state.advance(phase, torch.tensor([0.0, 1.0]), torch.tensor([step]))
    assert state.weight.tolist() == [pytest.approx(5e-4), 5.0]
    assert state.late.tolist() == [1, 0]
