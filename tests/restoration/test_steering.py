"""The steered penalty: a form that is symmetric, positive, and cheap across edges."""

import pytest
import torch

from blindsr.restoration.steering import steer

ROUNDING = 1e-9
"""float64, sums of a few thousand products."""


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_form_is_symmetric_and_positive():
    form = steer(noise(0, 3, 37, 31), 1e-3, 1e-3, 1.0)
    a, b = noise(1, 3, 37, 31), noise(2, 3, 37, 31)
    assert float((form.apply(a) * b).sum()) == pytest.approx(float((a * form.apply(b)).sum()), rel=ROUNDING)
    assert float((form.apply(a) * a).sum()) > 0


def test_form_is_the_mean_over_the_four_pairings():
    """The sum that the three images of differences stand for; the form holds a quarter of its matrix."""
    form, image = steer(noise(0, 1, 9, 7), 1e-3, 1e-3, 1.0), noise(1, 1, 9, 7)[0]
    a, b, c, d = image[:-1, :-1], image[:-1, 1:], image[1:, :-1], image[1:, 1:]
    pairings = [(down, across) for down in (c - a, d - b) for across in (b - a, d - c)]
    expected = sum(
        (form.down * v * v + 2 * form.mixed * v * h + form.across * h * h).sum() for v, h in pairings
    )
    assert float((form.apply(image[None])[0] * image).sum()) == pytest.approx(float(expected), rel=ROUNDING)


def test_constant_costs_nothing_and_checkerboard_does():
    form = steer(noise(0, 1, 37, 31), 1.0, 1e-2, 1.0)
    board = torch.ones((1, 37, 31), dtype=torch.float64)
    assert form.apply(board).abs().max() < ROUNDING
    board[:, ::2, ::2] = board[:, 1::2, 1::2] = -1.0
    assert float((form.apply(board) * board).sum()) > board.numel()


def test_form_turns_with_the_image():
    image, other = noise(0, 1, 37, 31), noise(1, 1, 37, 31)
    cost = (steer(image, 1.0, 1e-2, 1.0).apply(other) * other).sum()
    turned = (
        steer(image.rot90(1, (1, 2)), 1.0, 1e-2, 1.0).apply(other.rot90(1, (1, 2))) * other.rot90(1, (1, 2))
    ).sum()
    assert float(cost) == pytest.approx(float(turned), rel=ROUNDING)


def test_steep_across_an_edge_is_cheaper_than_along_it():
    edge = torch.zeros((1, 37, 31), dtype=torch.float64)
    edge[..., 15:] = 1.0
    form = steer(edge, 1.0, 1e-3, 1.0)
    assert form.across[18, 14] < 0.1 * form.down[18, 14]
