"""Crops are drawn where the detail is."""

from dataclasses import replace

import numpy as np
import torch

from kernelgan.config import PAPER
from kernelgan.crops import SMALLEST_GRADIENT, crop_probabilities, draw_corners, draw_crops
from tests.kernelgan.reference import random_image

SAME = 1e-12  # float64 means over one crop
DRAWS = 20_000


def test_probabilities_equal_those_of_a_loop_over_all_crops() -> None:
    magnitude = torch.rand((37, 31), generator=torch.Generator().manual_seed(0))
    found = crop_probabilities(magnitude, 8).numpy()
    by_loop = np.empty((30, 24))
    for y in range(30):
        for x in range(24):
            by_loop[y, x] = magnitude[y : y + 8, x : x + 8].double().mean() + SMALLEST_GRADIENT
    assert np.abs(found - by_loop / by_loop.sum()).max() < SAME


def test_corners_follow_the_probabilities() -> None:
    probabilities = torch.tensor([[0.1, 0.0], [0.6, 0.3]], dtype=torch.float64)
    ys, xs = draw_corners(probabilities, DRAWS, torch.Generator().manual_seed(0))
    counts = torch.zeros(2, 2)
    counts.index_put_((ys, xs), torch.ones(DRAWS), accumulate=True)
    # Five standard deviations of a binomial share at 20,000 draws.
    assert float((counts / DRAWS - probabilities).abs().max()) < 5 * (0.25 / DRAWS) ** 0.5
    assert counts[0, 1] == 0


def test_flat_images_are_sampled_evenly() -> None:
    probabilities = crop_probabilities(torch.zeros(31, 37), 8)
    assert float(probabilities.max() - probabilities.min()) < SAME


def test_every_crop_lies_in_the_image_and_the_seed_decides() -> None:
    image, config = random_image(65, 90), replace(PAPER, steps=400)
    draws = [draw_crops(image, config, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    for (ys, xs), crop in zip(draws[0], (64, 32), strict=True):
        assert ys.shape == xs.shape == (400,)
        assert 0 <= int(ys.min()) <= int(ys.max()) <= 65 - crop
        assert 0 <= int(xs.min()) <= int(xs.max()) <= 90 - crop
    first, same, other = (torch.cat([*g, *d]) for g, d in draws)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
