"""The network keeps shapes and its start is the interpolation plus something small."""

from dataclasses import replace

import pytest
import torch

from zssr.config import ZSSRConfig
from zssr.network import build

SMALL = ZSSRConfig(layers=3, channels=8, precision="float32")
EIGHT_BITS = 0.05  # of the residual: a mantissa of eight bits, three layers, a few parts in 256


def test_shape_is_kept_and_channels_fit() -> None:
    for channels in (1, 3):
        network = build(SMALL, channels, torch.Generator().manual_seed(0), torch.device("cpu"))
        image = torch.rand((1, channels, 37, 31), generator=torch.Generator().manual_seed(1))
        assert network(image).shape == image.shape


@pytest.mark.parametrize("shuffle", [1, 2])
def test_an_output_pixel_sees_as_far_as_the_radius_says_at_most(shuffle: int) -> None:
    config = replace(SMALL, shuffle=shuffle)
    network = build(config, 1, torch.Generator().manual_seed(0), torch.device("cpu"))
    image = torch.rand((1, 1, 38, 32), generator=torch.Generator().manual_seed(1)).requires_grad_()
    far = [0, 0]
    for y, x in ((18, 15), (19, 14)):
        (gradient,) = torch.autograd.grad(network(image)[0, 0, y, x], image)
        ys, xs = torch.nonzero(gradient[0, 0], as_tuple=True)
        far = [max(far[0], int((ys - y).abs().max())), max(far[1], int((xs - x).abs().max()))]
    assert network.radius == SMALL.layers * shuffle
    assert network.radius - shuffle < min(far) <= max(far) <= network.radius + shuffle - 1


@pytest.mark.parametrize("channels", [1, 3])
def test_on_a_coarser_grid_shapes_are_kept(channels: int) -> None:
    network = build(
        replace(SMALL, shuffle=2), channels, torch.Generator().manual_seed(0), torch.device("cpu")
    )
    image = torch.rand((1, channels, 38, 30), generator=torch.Generator().manual_seed(1))
    assert network(image).shape == image.shape


def test_weights_come_from_the_generator() -> None:
    def weight(seed: int) -> torch.Tensor:
        network = build(SMALL, 3, torch.Generator().manual_seed(seed), torch.device("cpu"))
        return next(network.parameters())

    before = torch.get_rng_state()
    assert torch.equal(weight(0), weight(0))
    assert torch.equal(torch.get_rng_state(), before)  # the global generator is left alone
    assert not torch.equal(weight(0), weight(1))


def test_reduced_precision_stays_close() -> None:
    full = build(SMALL, 3, torch.Generator().manual_seed(0), torch.device("cpu"))
    reduced = build(
        ZSSRConfig(layers=3, channels=8, precision="bfloat16"),
        3,
        torch.Generator().manual_seed(0),
        torch.device("cpu"),
    )
    image = torch.rand((1, 3, 37, 31), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        residual = full(image) - image
        difference = (reduced(image) - full(image)).abs().max()
    assert reduced(image).dtype == torch.float32
    assert 0 < float(difference) < EIGHT_BITS * float(residual.abs().max())


def test_the_residual_begins_at_zero_where_that_is_set() -> None:
    config = ZSSRConfig(layers=3, channels=8, precision="float32", zero_residual=True)
    image = torch.rand((1, 3, 37, 31), generator=torch.Generator().manual_seed(1))
    zero, random = (
        build(c, 3, torch.Generator().manual_seed(0), torch.device("cpu"))(image) for c in (config, SMALL)
    )
    assert torch.equal(zero, image)
    assert not torch.equal(random, image)
