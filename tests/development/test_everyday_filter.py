"""Parts of learning what everyday pictures need: pictures that are soft of themselves, and few features."""

import numpy as np
import pytest

from blindsr.restoration import filter_bank
from blindsr.restoration.expected_loss import experience
from development.everyday_degradations import SOFT, soft_part
from development.everyday_learning import CAMERA_GATE, KERNEL_GATE, LearningConfig, learn
from development.everyday_statistics import Statistics
from tests.pictures import photo


def pixels():
    return np.ascontiguousarray((photo()[:, :150, :170].permute(1, 2, 0).numpy() * 255).round(), np.uint8)


def roughness(plane):
    return np.abs(np.diff(plane.astype(float), axis=1)).mean()


def test_soft_parts_are_of_their_size_and_softer_than_the_photograph():
    photograph = pixels()
    softer, ways = [], set()
    for seed in range(12):
        part, way = soft_part(photograph, (91, 83), 1.2, np.random.default_rng(seed))
        again, _ = soft_part(photograph, (91, 83), 1.2, np.random.default_rng(seed))
        assert part.shape == (91, 83, 3)
        assert part.dtype == np.uint8
        np.testing.assert_array_equal(part, again)
        softer.append(roughness(part) / roughness(photograph))
        ways.add(way)
    assert ways <= set(SOFT)
    assert len(ways) > 2
    assert np.median(softer) < 0.8  # smooth places and blurred parts alike


def test_the_log_odds_depend_on_the_features_that_are_named():
    rng = np.random.default_rng(2)
    names = ("power.12", "resampled", "resampled.half", "kernel.wide", "other")
    rows = rng.standard_normal((40, 50, filter_bank.count(2) + 2))  # and the two inverses
    pictures = [
        Statistics(
            names, rng.standard_normal(5), row.T @ row / 50, 0.3 * rng.standard_normal(row.shape[1]), 1e-3
        )
        for row in rows
    ]
    photographs = [f"{i // 4}" for i in range(40)]
    config = LearningConfig(filters=3, gates=(("kernel.wide",), ()))
    gates = learn(pictures, photographs, np.ones(40), 2, config).experience.gates
    assert set(np.flatnonzero(gates[1:, 0]) % 5) == {names.index("kernel.wide")}
    assert set(np.flatnonzero(gates[1:, 1]) % 5) == set(range(5))


@pytest.mark.parametrize("gate", [KERNEL_GATE, CAMERA_GATE])
def test_features_of_the_gates_are_those_that_pictures_have(gate):
    assert set(gate) <= set(experience(2).names)
    assert len(set(gate)) == len(gate)
