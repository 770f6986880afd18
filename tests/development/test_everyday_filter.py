"""Pictures from which the combination is learned: soft of themselves, lettered, aliased, denoised, drawn."""

import numpy as np
import pytest

from development.everyday_degradations import MORE, SOFT, draw_more, soft_part
from development.everyday_filter import PAIR, PAIRS_SHARE, Picture, balanced, of_drawings
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


@pytest.mark.parametrize("way", MORE)
def test_further_pictures_lie_on_their_truth(way):
    for seed in range(6):
        one = draw_more(np.tile(pixels(), (4, 4, 1)), way, (67, 75), 2, np.random.default_rng(seed))
        h, w = one.lr.shape[:2]
        assert h <= 67
        assert w <= 75
        assert one.hr.shape == (2 * h, 2 * w, 3)
        assert lies_on(one)


def lies_on(one):
    """Whether LR is nearer to the truth at half the size than to the same moved by an LR pixel."""
    h, w = one.lr.shape[:2]
    small = one.hr.reshape(h, 2, w, 2, 3).mean(axis=(1, 3))
    own, other = (np.abs(plane - one.lr)[4:-4, 4:-4].mean() for plane in (small, np.roll(small, 1, axis=1)))
    return own < other


def test_a_photograph_that_is_too_small_gives_no_further_picture():
    assert draw_more(pixels(), "aliased", (67, 75), 2, np.random.default_rng(0)) is None


def test_drawings_for_the_learning_lie_on_their_truth():
    made = list(of_drawings(2, 1, np.random.default_rng(3)))
    assert [one.kind for one in made] == ["drawn: page", "drawn: screen", "drawn: line art"]
    for one in made:
        assert one.hr.shape == (2 * one.lr.shape[0], 2 * one.lr.shape[1], 3)
        assert lies_on(one)


def test_real_pairs_have_their_share_of_the_weight_however_many_pictures_are_simulated():
    for count in (3, 300):
        pictures = [Picture(None, "clic", "kind", 1.0)] * count + [
            Picture(None, PAIR + "a", "realsr", 2.0)
        ] * 5
        weights = [p.weight for p in balanced(pictures)]
        assert sum(weights[count:]) / sum(weights) == pytest.approx(PAIRS_SHARE)
        assert weights[:count] == [1.0] * count
