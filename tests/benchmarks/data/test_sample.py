"""The small set for who has no data."""

import csv
import hashlib

import numpy as np
import pytest
from PIL import Image

from benchmarks.data.make import MakeConfig, make
from benchmarks.data.sample import sample

SAMPLE_LR = {"plain": "f9436e464618", "div2krk": "7d92787303ad"}
"""By protocol: first digits of the hash of the first sample image's x2 LR pixels (machine of 2026-11)."""


@pytest.mark.parametrize("protocol", SAMPLE_LR)
def test_the_sample_set_is_the_same_on_every_machine(tmp_path, protocol):
    list(make(sample(1), tmp_path / "s", MakeConfig(scales=(2,), protocol=protocol)))
    pixels = np.asarray(Image.open(tmp_path / "s/lr_x2/im_1.png"))
    assert pixels.shape == (128, 128, 3)
    assert hashlib.sha256(pixels.tobytes()).hexdigest().startswith(SAMPLE_LR[protocol])
    row = next(iter(csv.DictReader((tmp_path / "s/manifest.csv").read_text().splitlines())))
    assert row["lr_sha256"].startswith(SAMPLE_LR[protocol])
    assert (row["image"], row["source"], row["kernel_size"]) == ("im_1", "astronaut", "11")
