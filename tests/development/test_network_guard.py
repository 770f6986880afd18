"""What a network gains, by the script behind docs/trained-network.md."""

import csv
import io

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import blindsr
from development import network_guard
from tests.pictures import face
from tests.restoration.network.made import data_steps_alone, saved


@pytest.mark.slow
def test_a_row_of_each_image(tmp_path):
    data = tmp_path / "set"
    hr = (face(320, 320) * 255).permute(1, 2, 0).numpy().astype(np.uint8)
    for folder in ("gt", "lr_x2"):
        (data / folder).mkdir(parents=True)
    Image.fromarray(hr).save(data / "gt" / "img_1_gt.png")
    Image.fromarray(blindsr.degrade(hr, kernel=blindsr.random_kernel(2, seed=1))).save(
        data / "lr_x2" / "im_1.png"
    )
    weights = saved(data_steps_alone(iterations=2), tmp_path)
    arguments = [str(data), "--network", str(weights), "--side", "128", "--preset", "instant"]
    result = CliRunner().invoke(network_guard.main, arguments, catch_exceptions=False)
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["image"] == "im_1"
    assert float(row["noise_level_told"]) >= 0.6
    assert float(row["untrained_over_bicubic"]) > 0.5
    low, high = sorted((0.0, float(row["network_over_untrained"])))
    assert float(row["mean_of_both_over_untrained"]) >= low  # a mean of two images is no worse than the worse
    assert high < 5
