"""D is a convolution per layer, done as matrix products, and its way back is autograd's."""

import pytest
import torch
from tests.kernelgan.gan.layered_d import d_map_by_layers

from kernelgan.config import GANConfig
from kernelgan.discriminator import Weights, back, by_parameters, initial_parameters, look, normalised

CONFIG = GANConfig(channels=6, restarts=2)
PATCH = CONFIG.discriminator_patch
SAME = 1e-10
"""float64 through seven layers with batch norm, relative to the largest value."""
NEARLY_1 = 0.02  # fifty power iterations, where the second singular value is near the first

Parts = tuple[list[torch.Tensor], list[torch.Tensor]]


def dealt(seed: int = 0) -> Parts:
    """Parameters with every entry at work, and left singular vectors, float64."""
    rng = torch.Generator().manual_seed(seed)
    parameters, left = initial_parameters(CONFIG, 3, rng)
    moved = [p.double() + 0.1 * torch.randn(p.shape, generator=rng, dtype=torch.float64) for p in parameters]
    return moved, [vector.double() for vector in left]


def images(side: int = 17, seed: int = 1) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.rand((2, 3, side, side), generator=rng, dtype=torch.float64)


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


def test_the_d_map_is_that_of_the_convolutions() -> None:
    parameters, left = dealt()
    expected = d_map_by_layers(images(), parameters, left, PATCH)
    seen = look(images(), normalised(parameters, left), PATCH)
    assert seen.side == 11
    assert relative(seen.d_map.reshape(2, 11, 11), expected) < SAME


def test_the_way_back_is_autograds() -> None:
    """Of D's loss on a fake and a real crop of other sizes, by every parameter and by the fake."""
    parameters, left = dealt()
    fake, real = images(15, seed=2).requires_grad_(), images(17, seed=3)
    leaves = [p.clone().requires_grad_() for p in parameters]
    loss = 0.5 * (
        d_map_by_layers(fake, leaves, left, PATCH).mean((1, 2))
        + 1
        - d_map_by_layers(real, leaves, left, PATCH).mean((1, 2))
    )
    expected = torch.autograd.grad(loss.sum(), [*leaves, fake])

    d = normalised(parameters, left)
    from_fake = back(look(fake.detach(), d, PATCH), d, 0.5, PATCH, to_images=True)
    from_real = back(look(real, d, PATCH), d, -0.5, PATCH)
    found = [*by_parameters((from_fake, from_real), d), from_fake.images]
    assert from_real.images is None
    for ours, theirs in zip(found, expected, strict=True):
        assert ours is not None
        assert ours.shape == theirs.shape
        assert relative(ours, theirs) < SAME


def singular_values(d: Weights) -> list[float]:
    weights = [d.over[0], *d.over[1].unbind(1), d.over[2]]
    return [float(torch.linalg.matrix_norm(game, 2)) for weight in weights for game in weight]


def test_weights_have_largest_singular_value_1() -> None:
    parameters, left = dealt()
    for _ in range(50):  # power iteration converges with the ratio of the first two singular values
        d = normalised(parameters, left)
    assert singular_values(d) == pytest.approx([1.0] * 14, abs=NEARLY_1)
