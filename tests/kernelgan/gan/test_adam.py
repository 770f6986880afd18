"""Adam is PyTorch's Adam."""

import pytest
import torch

from kernelgan.gan.adam import Adam, joined, split

SAME = 1e-6  # float32, relative: bias corrections in another order


@pytest.mark.parametrize("betas", [(0.5, 0.999), (0.9, 0.999)])
def test_equals_torchs(betas: tuple[float, float]) -> None:
    rng = torch.Generator().manual_seed(0)
    start = torch.randn((2, 7), generator=rng)
    ours, theirs = Adam.of(start.clone(), betas), start.clone().requires_grad_()
    optimiser = torch.optim.Adam([theirs], lr=1e-2, betas=betas)
    for step in range(1, 30):
        rate = 1e-2 if step < 20 else 1e-3
        gradient = torch.randn((2, 7), generator=rng)
        ours.update(gradient, torch.tensor(rate), torch.tensor([step]))
        optimiser.param_groups[0]["lr"] = rate
        theirs.grad = gradient
        optimiser.step()
    assert torch.allclose(ours.value, theirs.detach(), rtol=SAME, atol=SAME)


def test_split_and_joined_are_inverse() -> None:
    parts = [torch.randn(2, 3, 4), torch.randn(2, 1), torch.randn(2, 5, 2, 2)]
    again = split(joined(parts), [(3, 4), (1,), (5, 2, 2)])
    assert all(torch.equal(a, b) for a, b in zip(parts, again, strict=True))
