"""What can be seen of kernels without the truth."""

import numpy as np
import pytest

from kernelgan.config import WatchConfig
from kernelgan.watch import doubts, far_share, second_lobe, verdict
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.lobes import LEANING, ONE, OTHER, blob, two_lobes

WATCH = WatchConfig()
ROUNDING = 1e-12


@pytest.mark.parametrize("seed", range(10))
def test_the_kernels_of_the_protocol_are_beyond_doubt(seed: int) -> None:
    drawn = random_kernel(np.random.default_rng(seed)).kernel.centred().cropped()
    assert doubts(drawn, WATCH) == ()


def test_two_lobes_are_seen_and_a_shoulder_is_none() -> None:
    assert second_lobe(two_lobes().array) > 0.3
    assert max(second_lobe(LEANING.array), second_lobe(ONE.array)) < ROUNDING
    said, *_ = doubts(two_lobes(), WATCH)
    assert said.startswith("a second lobe of ")


def test_a_second_lobe_is_measured_from_its_saddle() -> None:
    small, large = (second_lobe(two_lobes(share).array) for share in (0.2, 0.4))
    assert 0 < small < large < 1
    assert second_lobe(two_lobes(0.4, apart=1.5).array) < large


def test_noise_makes_no_lobes() -> None:
    rng = np.random.default_rng(0)
    noisy = blob(variance=2.5) * rng.uniform(0.9, 1.1, (13, 13))
    assert second_lobe(noisy / noisy.sum()) < WATCH.lobe


def test_mass_far_from_the_centre_is_seen() -> None:
    ring = blob(variance=1.0)
    ring[[0, 0, -1, -1], [0, -1, 0, -1]] += 0.1
    ring /= ring.sum()
    assert far_share(ring, 4.5) == pytest.approx(0.4 / 1.4, abs=1e-2)
    assert any("farther than 4.5 pixels" in words for words in doubts(SRKernel(ring, 2), WATCH))


def test_games_that_agree_are_averaged_without_a_word() -> None:
    near = SRKernel(blob(variance=1.6), 2)
    seen = verdict([ONE, near], 2, WATCH)
    np.testing.assert_allclose(seen.kernel.array, (ONE.array + near.array) / 2)
    assert (seen.doubts, seen.games) == ((), 2)


def test_games_that_disagree_are_a_word() -> None:
    seen = verdict([ONE, OTHER], 2, WATCH)
    assert seen.doubts == ("only 1 of 2 games agree",)
    assert any(np.array_equal(seen.kernel.array, kernel.array) for kernel in (ONE, OTHER))


def test_more_games_outvote_the_one_that_ran_away() -> None:
    seen = verdict([OTHER, ONE, two_lobes(), ONE], 4, WATCH)
    np.testing.assert_allclose(seen.kernel.array, ONE.array)
    assert seen.games == 2
    assert seen.doubts == ("only 2 of 4 games agree",)  # half is not more than half
    assert verdict([OTHER, ONE, ONE, ONE], 4, WATCH).doubts == ()


def test_a_lone_game_agrees_with_itself_but_not_with_those_that_diverged() -> None:
    assert verdict([ONE], 1, WATCH).doubts == ()
    assert verdict([ONE], 2, WATCH).doubts == ("only 1 of 2 games agree",)


def test_of_doubtful_kernels_the_one_with_the_smallest_second_lobe_is_left() -> None:
    less, more = two_lobes(0.3), two_lobes(0.45)
    seen = verdict([more, less], 2, WATCH)
    assert seen.kernel is less
    assert seen.doubts == doubts(less, WATCH)
    assert seen.games == 0
