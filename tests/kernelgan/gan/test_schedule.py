"""What changes from step to step."""

import pytest

from kernelgan.gan.config import BicubicPhase, GANConfig
from kernelgan.gan.schedule import first_state, learning_rate, next_state


def test_the_rate_falls_every_750_steps() -> None:
    config = GANConfig()
    rates = [learning_rate(step, config) for step in (0, 749, 750, 1499, 1500, 2999)]
    assert rates == pytest.approx([2e-4, 2e-4, 2e-5, 2e-5, 2e-6, 2e-7])


def test_without_a_phase_all_constraints_hold_from_the_start() -> None:
    state = first_state(None)
    assert state.late
    assert state.weight == 0


def run(phase: BicubicPhase, errors: list[float]) -> list[tuple[float, bool]]:
    state, seen = first_state(phase), []
    for step, error in enumerate(errors, start=1):
        state = next_state(state, phase, error, step)
        seen.append((state.weight, state.late))
    return seen


def test_the_weight_falls_at_multiples_of_200_once_close() -> None:
    phase = BicubicPhase()
    seen = run(phase, [0.0] * 900)
    assert seen[198] == (5.0, False)
    assert seen[199] == (pytest.approx(0.05), False)
    assert seen[398] == (pytest.approx(0.05), False)
    assert seen[399] == (pytest.approx(5e-4), True)  # under 5e-3: step 400, as released
    assert seen[799][0] == pytest.approx(phase.floor)


def test_far_from_bicubic_nothing_changes() -> None:
    assert run(BicubicPhase(), [1.0] * 900)[-1] == (5.0, False)


def test_two_close_steps_in_a_row_are_not_enough() -> None:
    pattern = [0.0, 0.0, 1.0] * 300
    assert run(BicubicPhase(), pattern)[-1] == (5.0, False)
