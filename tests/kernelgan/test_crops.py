"""Crops fall where the detail is, and never touch the image."""

import numpy as np
import pytest
import torch

from kernelgan.crops import SMALLEST_GRADIENT, crop_probabilities, draw_corners
from srbase.errors import InputError

SAME = 1e-12  # float64 means over one crop
DRAWS = 20_000


def test_probabilities_equal_a_brute_force_map() -> None:
    magnitude = torch.rand((37, 31), generator=torch.Generator().manual_seed(0))
    found = crop_probabilities(magnitude, 8).numpy()
    brute = np.empty((30, 24))
    for y in range(30):
        for x in range(24):
            brute[y, x] = magnitude[y : y + 8, x : x + 8].double().mean() + SMALLEST_GRADIENT
    assert np.abs(found - brute / brute.sum()).max() < SAME


def test_draws_follow_the_probabilities() -> None:
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


def test_small_images_are_refused() -> None:
    with pytest.raises(InputError, match="12x9"):
        crop_probabilities(torch.zeros(9, 12), 16)
