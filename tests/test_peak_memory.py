"""Memory follows the tile: beyond the image itself and the result, a larger image takes no more."""

import pytest

from benchmarks.speed.pictures import picture
from benchmarks.speed.whole import command
from blindsr.io.photo import Photo, write_photo

SMALL, LARGE = (1000, 700), (2000, 1400)  # LR pixels: one and several times what the tiles in work hold
HELD = 4 + 1
"""Bytes a value of an image: float32, and 8 bits as read or written."""
FILE = 1
"""Bytes a value of the result's file, which is made whole before it is written."""
SLACK = 300e6
"""Bytes: what the allocator keeps of freed blocks, 100 MB seen. A whole spectrum would be 400 MB."""


@pytest.mark.slow
def test_memory_grows_by_the_image_and_the_result_alone(tmp_path) -> None:
    peaks = []
    for size in (SMALL, LARGE):
        write_photo(tmp_path / "lr.jpg", Photo(picture(*size)))
        arguments = ["upscale", tmp_path / "lr.jpg", "-o", tmp_path / "sr.png", "--preset", "instant"]
        arguments += ["--real", "off"]  # the same work at both sizes: the decision may be another for each
        run = command([*map(str, arguments), "--overwrite", "--device", "cpu", "--threads", "2"])
        assert run.memory is not None
        peaks.append(run.memory)
    more = LARGE[0] * LARGE[1] - SMALL[0] * SMALL[1]
    allowed = more * 3 * (HELD + 4 * (HELD + FILE)) + SLACK
    assert peaks[1] - peaks[0] < allowed
