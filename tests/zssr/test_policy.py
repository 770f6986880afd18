"""The learning rate falls when the error no longer does."""

import numpy as np
import pytest

from zssr.config import ZSSRConfig
from zssr.policy import LearningRate, has_stalled

CONFIG = ZSSRConfig()
STEPS = list(range(50, 1050, 50))


def noisy(slope: float, noise: float) -> list[float]:
    rng = np.random.default_rng(0)
    return [1.0 + slope * step / 1000 + noise * rng.standard_normal() for step in STEPS]


def test_a_falling_error_has_not_stalled() -> None:
    assert not has_stalled(STEPS, noisy(-0.5, 1e-3), CONFIG)


def test_a_flat_noisy_error_has_stalled() -> None:
    assert has_stalled(STEPS, noisy(0.0, 0.05), CONFIG)


def test_a_rising_error_has_stalled() -> None:
    assert has_stalled(STEPS, noisy(0.5, 1e-3), CONFIG)


def test_only_the_window_counts() -> None:
    errors = [1.0 - 0.5 * step / 1000 for step in STEPS]
    old_news = [5.0 if step <= 750 else error for step, error in zip(STEPS, errors, strict=True)]
    assert not has_stalled(STEPS, old_news, CONFIG)


def test_too_few_points_are_no_evidence() -> None:
    assert not has_stalled([50, 100, 150], [1.0, 1.0, 1.0], CONFIG)


def simulate(errors_at: list[float]) -> tuple[list[float], int]:
    rate, tested, seen = LearningRate(CONFIG), [], []
    errors: list[float] = []
    step = 0
    while not rate.finished and step < 3000:
        step += 1
        if step % CONFIG.test_every == 0:
            tested.append(step)
            errors.append(errors_at[min(len(errors), len(errors_at) - 1)])
        if tested:
            rate.judge(step, tested, errors)
        seen.append(rate.value)
    return seen, step


def test_stalled_training_ends_after_three_reductions() -> None:
    rng = np.random.default_rng(1)
    seen, steps = simulate(list(1 + 0.05 * rng.standard_normal(70)))
    assert sorted({round(value, 9) for value in seen}, reverse=True) == pytest.approx(
        [1e-3, 1e-4, 1e-5, 1e-6]
    )
    assert 3 * CONFIG.min_steps <= steps < CONFIG.max_steps


def test_falling_errors_keep_the_rate() -> None:
    seen, steps = simulate([1.0 - 0.01 * i for i in range(70)])
    assert steps == 3000
    assert set(seen) == {1e-3}
