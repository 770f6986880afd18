"""Pictures that are soft of themselves, from which the combination is learned."""

import numpy as np

from development.everyday_degradations import SOFT, soft_part
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
