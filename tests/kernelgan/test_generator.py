"""The composed kernel is the layered generator: the same values, the same gradients."""

import pytest
import torch

from kernelgan.config import GANConfig
from kernelgan.generator import (
    Unfolded,
    apply_layers,
    by_filters,
    compose,
    compositions,
    initial_filters,
    output_side,
)

CONFIG = GANConfig(channels=5, restarts=2)
SAME = 1e-10
"""Relative to the largest value, in float64: six layers of a few hundred products each."""
SCATTER = 0.03  # of the deviation of 16,384 normal numbers, five standard errors
SUM = 1e-5  # float32 sums over 64 channels
CENTRE, VARIANCE = 0.05, 0.15
"""HR px and HR px^2: windows of three cells cut the Gaussians that they are composed of."""


@pytest.fixture
def filters() -> list[torch.Tensor]:
    rng = torch.Generator().manual_seed(3)
    start = initial_filters(CONFIG, rng)
    return [
        (layer.detach().double() + 0.1 * torch.randn(layer.shape, generator=rng)).requires_grad_()
        for layer in start
    ]


@pytest.fixture
def crops() -> torch.Tensor:
    return torch.rand((2, 3, 37, 37), generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(((a - b).abs().max() / b.abs().max()).detach())


def both_ways(filters: list[torch.Tensor], crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    fast = Unfolded.of(crops, CONFIG.kernel_size).downscale(compose(filters))
    slow = torch.stack([apply_layers(crop, [f[r] for f in filters]) for r, crop in enumerate(crops)])
    return fast, slow


def test_values_equal_the_layers(filters: list[torch.Tensor], crops: torch.Tensor) -> None:
    fast, slow = both_ways(filters, crops)
    assert fast.shape == slow.shape == (2, 3, 13, 13)
    assert relative(fast, slow) < SAME


def test_gradients_equal_the_layers(filters: list[torch.Tensor], crops: torch.Tensor) -> None:
    fast, slow = both_ways(filters, crops)
    weight = torch.rand(fast.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    fast_gradients = torch.autograd.grad((weight * fast.square()).sum(), filters)
    slow_gradients = torch.autograd.grad((weight * slow.square()).sum(), filters)
    for ours, oracle in zip(fast_gradients, slow_gradients, strict=True):
        assert relative(ours, oracle) < SAME


def test_the_way_back_is_autograds(filters: list[torch.Tensor]) -> None:
    weight = torch.rand((2, 13, 13), generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    expected = torch.autograd.grad((weight * compose(filters).square()).sum(), filters)
    kernels = compositions(filters)
    found = by_filters(filters, kernels, 2 * weight * kernels[0][:, 0])
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert relative(ours, theirs) < SAME


@pytest.mark.parametrize("pixels", [13, 36, 37])
def test_downscaling_has_its_adjoint(pixels: int) -> None:
    """<A k, y> = <k, A' y>, where A is linear in the kernel."""
    rng = torch.Generator().manual_seed(6)
    crops, kernels = (
        torch.randn(shape, generator=rng, dtype=torch.float64)
        for shape in ((2, 3, pixels, pixels), (2, 13, 13))
    )
    unfolded = Unfolded.of(crops, 13)
    fake = unfolded.downscale(kernels)
    side = output_side(pixels, 13)
    assert fake.shape == (2, 3, side, side)
    other = torch.randn(fake.shape, generator=rng, dtype=torch.float64)
    forth = (fake * other).sum(dim=(1, 2, 3))
    back = (kernels * unfolded.at_kernel(other)).sum(dim=(1, 2))
    assert relative(forth, back) < SAME


def test_restarts_do_not_touch_each_other(filters: list[torch.Tensor]) -> None:
    first = compose(filters)[0]
    gradients = torch.autograd.grad(first.sum(), filters)
    assert all(bool((gradient[1] == 0).all()) for gradient in gradients)
    assert all(bool((gradient[0] != 0).any()) for gradient in gradients)


def test_start_is_one_centred_gaussian_of_sum_1() -> None:
    config = GANConfig(restarts=3, initial_gain=1.0, initial_variance=1.5)
    filters = initial_filters(config, torch.Generator().manual_seed(0))
    kernels = compose(filters).detach().double()
    axis = torch.arange(13, dtype=torch.float64)
    for kernel in kernels:
        assert abs(float(kernel.sum()) - 1) < SUM
        for profile in (kernel.sum(0), kernel.sum(1)):
            centre = float((profile * axis).sum())
            assert abs(centre - 6.5) < CENTRE
            assert abs(float((profile * (axis - centre) ** 2).sum()) - config.initial_variance) < VARIANCE


def test_a_start_without_a_variance_is_glorots_times_the_gain() -> None:
    """Deviation of every layer's cells, in units of what Glorot and Bengio ask for."""
    for gain in (0.1, 1.0):
        start = initial_filters(GANConfig(initial_gain=gain, restarts=4), torch.Generator().manual_seed(0))
        for layer in start[1:-1]:  # those of 4,096 cells and more
            wide, size = layer.shape[1], layer.shape[-1]
            wanted = gain / (wide * size**2) ** 0.5
            assert float(layer.std()) == pytest.approx(wanted, rel=SCATTER)
            assert abs(float(layer.mean())) < SCATTER * wanted


def test_the_gain_scales_every_layer() -> None:
    one, three = (
        initial_filters(GANConfig(initial_gain=gain, initial_variance=1.5), torch.Generator().manual_seed(0))
        for gain in (1.0, 3.0)
    )
    assert all(torch.allclose(3 * a, b) for a, b in zip(one, three, strict=True))


def test_filters_of_other_seeds_differ() -> None:
    def first(seed: int) -> torch.Tensor:
        return initial_filters(CONFIG, torch.Generator().manual_seed(seed))[1]

    assert torch.equal(first(0), first(0))
    assert not torch.equal(first(0), first(1))
