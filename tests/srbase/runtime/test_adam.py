"""Adam is the paper's."""

import pytest
import torch

from srbase.runtime.adam import EPSILON, Adam
from tests.no_host import NoHost

SAME = 1e-12  # float64, of values near 1: thirty steps of a few operations


@pytest.mark.parametrize("betas", [(0.5, 0.999), (0.9, 0.999)])
def test_equals_the_papers_algorithm(betas: tuple[float, float]) -> None:
    """Algorithm 1 of the paper, line by line, on two tensors; the rate may change from step to step."""
    rng = torch.Generator().manual_seed(0)
    starts = [torch.randn(shape, generator=rng, dtype=torch.float64) for shape in ((2, 7), (3,))]
    ours = Adam.of([start.clone() for start in starts], betas)
    wanted = [start.clone() for start in starts]
    first, second = ([torch.zeros_like(start) for start in starts] for _ in range(2))
    for step in range(1, 30):
        rate = torch.tensor(1e-2 if step < 20 else 1e-3, dtype=torch.float64)
        gradients = [torch.randn(s.shape, generator=rng, dtype=torch.float64) for s in starts]
        with NoHost():
            ours.step(gradients, rate)
        for place, gradient in enumerate(gradients):
            first[place] = betas[0] * first[place] + (1 - betas[0]) * gradient
            second[place] = betas[1] * second[place] + (1 - betas[1]) * gradient**2
            mean, square = first[place] / (1 - betas[0] ** step), second[place] / (1 - betas[1] ** step)
            wanted[place] -= rate * mean / (square.sqrt() + EPSILON)
    for value, right in zip(ours.values, wanted, strict=True):
        assert torch.allclose(value, right, rtol=SAME, atol=SAME)


def test_all_that_changes_is_told() -> None:
    adam = Adam.of([torch.ones(3), torch.ones(2)])
    before = [tensor.clone() for tensor in adam.tensors()]
    adam.step([torch.ones(3), torch.ones(2)], torch.tensor(0.1))
    assert len(before) == 8
    assert all(not torch.equal(a, b) for a, b in zip(adam.tensors(), before, strict=True))
