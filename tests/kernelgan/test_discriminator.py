"""D is one convolution a layer, done as matrix products."""

import torch

from kernelgan.config import KernelGANConfig
from kernelgan.discriminator import forward, initial_parameters, normalise, parameter_shapes
from tests.kernelgan.reference import d_map_by_layers, difference

CONFIG = KernelGANConfig(channels=6)
SAME = 1e-10
"""float64 through seven layers with batch norm, relative to the largest value."""
NEARLY_1 = 0.02  # fifty power iterations, where the second singular value is near the first


def parameters_of_two(seed: int = 0) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Parameters and left singular vectors of two D, float64, with no entry at a special value."""
    rng = torch.Generator().manual_seed(seed)
    drawn = [initial_parameters(CONFIG, 3, rng) for _ in range(2)]
    parameters, left = (
        [torch.stack(both).double() for both in zip(*of_each, strict=True)]
        for of_each in zip(*drawn, strict=True)
    )
    return [p + 0.1 * torch.randn(p.shape, generator=rng, dtype=torch.float64) for p in parameters], left


def test_the_d_map_equals_that_of_convolutions() -> None:
    parameters, left = parameters_of_two()
    crops = torch.rand((2, 3, 17, 17), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    by_layers = d_map_by_layers(crops, parameters, left, 7)
    found = forward(crops, normalise(parameters, left), 7)
    assert found.side == 11
    assert difference(found.d_map.reshape(2, 11, 11), by_layers) < SAME


def test_initial_parameters_have_the_documented_shapes() -> None:
    parameters, left = initial_parameters(CONFIG, 3, torch.Generator().manual_seed(0))
    assert [tuple(p.shape) for p in parameters] == parameter_shapes(CONFIG, 3)
    for vectors in left:
        lengths = vectors.norm(dim=-2)
        assert torch.allclose(lengths, torch.ones_like(lengths))


def test_the_largest_singular_value_is_1() -> None:
    parameters, left = parameters_of_two()
    for _ in range(50):  # the power iteration converges with the ratio of the first two singular values
        weights = normalise(parameters, left)
    first, hidden, last = weights.weights
    for weight in (first, *hidden.unbind(1), last):
        largest = torch.linalg.matrix_norm(weight, 2)
        assert float((largest - 1).abs().max()) < NEARLY_1
