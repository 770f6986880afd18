"""Learning from statistics of synthetic pictures, where what was done to each is known."""

import numpy as np
import pytest

from benchmarks.everyday.kinds import KINDS
from blindsr.restoration import filter_bank
from blindsr.restoration.config import ExpectedLossConfig
from blindsr.restoration.expected_loss import combine, inputs_of, standardised
from development.everyday_degradations import MORE
from development.everyday_filter import causes_of
from development.everyday_learning import LearningConfig, grouped, learn
from development.everyday_statistics import Statistics

NAMES = ("halo", "ramp", "noise", "resampled", "resampled.half", "power.12")
CONFIG = LearningConfig(filters=2, prototypes=24, penalty=0.01)
RULE = ExpectedLossConfig(least_groups=0)


def learned():
    """Two hundred pictures of ten photographs. Every second one has a halo, up to noise, and gains where the
    first filter is taken away; the others where it is added. One in three is of no known cause."""
    rng = np.random.default_rng(5)
    count = filter_bank.count(2)
    pictures, photographs, causes = [], [], []
    for i in range(200):
        haloed = i % 2 == 0
        features = rng.normal(0, 0.3, len(NAMES)) + np.array([1.5 * haloed, 0, 0, 0, 0, 0])
        best = np.zeros(count + 2)
        best[0], best[1] = (-0.02 if haloed else 0.02), 0.01 * rng.normal()
        gram = 400.0 * np.eye(count + 2)
        pictures.append(Statistics(NAMES, features, gram, gram @ best, 1e-3))
        photographs.append(f"photograph {i // 20}")
        causes.append([np.nan if i % 3 == 0 else float(haloed)])
    trained = learn(pictures, photographs, np.ones(200), np.array(causes), 2, CONFIG)
    return pictures, grouped(trained, CONFIG)


def test_the_log_odds_of_a_cause_tell_it_also_where_it_was_not_known():
    pictures, known = learned()
    assert known.gates.shape == (1 + 3 * len(NAMES), 3)  # the two inverses and the cause
    assert known.axes.shape == (4,)
    raw = np.stack([one.features for one in pictures])
    odds = inputs_of(standardised(raw, known.mean, known.deviation)) @ known.gates[:, 2]
    haloed = np.arange(len(pictures)) % 2 == 0
    assert ((odds > 0) == haloed).mean() > 0.95  # the halo is 2.5 deviations of its noise from the middle


def test_the_rule_does_what_pictures_of_the_same_cause_need():
    _, known = learned()
    usual = dict.fromkeys(NAMES, 0.0)
    with_halo, without = (combine(known, usual | {"halo": halo}, RULE) for halo in (1.5, 0.0))
    assert with_halo.filter[0] < 0 < without.filter[0]


def test_causes_follow_from_the_kind():
    assert causes_of("sharpened strongly, JPEG 88") == (1, 0, 0)
    assert causes_of("nearest neighbour, PNG") == (0, 1, 0)
    assert causes_of("letters over it, JPEG 80") == (0, 0, 1)
    assert causes_of("wide kernel") == (0, 0, 0)
    np.testing.assert_array_equal(causes_of("drawn: page"), (np.nan, 0, 1))
    np.testing.assert_array_equal(causes_of("random"), (np.nan, np.nan, np.nan))


@pytest.mark.parametrize("kind", [*KINDS, *MORE])
def test_it_is_known_of_every_kind_whether_it_is_aliased_or_lettered(kind):
    assert all(value in (0, 1) for value in causes_of(kind)[1:])
