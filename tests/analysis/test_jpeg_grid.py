"""The grid of JPEG is seen wherever it starts, and not in what was never compressed."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from blindsr.analysis.jpeg_grid import JPEGGridConfig, blockiness, shows_grid

CONFIG = JPEGGridConfig()


def photo(quality=None):
    pixels = data.astronaut()[:501:2, :491:2]
    if quality is not None:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
        pixels = np.asarray(Image.open(buffer))
    return torch.from_numpy(np.moveaxis(pixels / 255.0, -1, 0)).float()


def test_a_photograph_has_no_grid():
    assert not shows_grid(photo(), CONFIG)


@pytest.mark.parametrize("cut", [0, 3])
def test_jpeg_has_one_wherever_it_starts(cut):
    assert shows_grid(photo(60)[:, cut:, cut:], CONFIG)


def test_more_of_it_shows_at_lower_quality():
    assert blockiness(photo(30)) > blockiness(photo(60)) > blockiness(photo())


def test_a_grid_one_way_only_is_none():
    """Window bars and fences are no JPEG."""
    barred = photo()
    barred[:, :, ::8] += 0.2
    assert not shows_grid(barred, CONFIG)
    barred[:, ::8] += 0.2
    assert shows_grid(barred, CONFIG)


def test_a_flat_image_has_none():
    assert not shows_grid(torch.full((1, 65, 71), 0.5), CONFIG)


def test_the_settings_say_when_it_shows():
    image = photo(60)
    seen = blockiness(image)
    assert shows_grid(image, JPEGGridConfig(shows=seen - 0.01))
    assert not shows_grid(image, JPEGGridConfig(shows=seen + 0.01))
