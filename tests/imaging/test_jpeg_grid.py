"""The grid of JPEG is seen wherever it starts, and not in what was never compressed."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from blindsr.imaging.jpeg_grid import blockiness


def photo(quality=None):
    pixels = data.astronaut()[::2, ::2]
    if quality is not None:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
        pixels = np.asarray(Image.open(buffer))
    return torch.from_numpy(np.moveaxis(pixels / 255.0, -1, 0)).float()


def test_a_photograph_has_no_grid():
    assert blockiness(photo()) < 1.2


@pytest.mark.parametrize("cut", [0, 3])
def test_jpeg_has_one_wherever_it_starts(cut):
    assert blockiness(photo(60)[:, cut:, cut:]) > 1.3
    assert blockiness(photo(30)) > blockiness(photo(60))


def test_a_flat_image_has_none():
    assert blockiness(torch.full((1, 64, 70), 0.5)) <= 1.2
