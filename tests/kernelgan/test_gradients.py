"""Every written gradient is autograd's, in float64."""

from dataclasses import replace

import pytest
import torch

from kernelgan.config import ConstraintConfig, KernelGANConfig
from kernelgan.constraints import Constraints
from kernelgan.discriminator import forward, normalise
from kernelgan.generator import UnfoldedCrops, initial_filters, partial_compositions
from kernelgan.gradients import (
    constraint_gradient,
    discriminator_gradients,
    downscaling_gradient,
    filter_gradients,
    parameter_gradients,
)
from tests.kernelgan.reference import d_map_by_layers, difference, g_by_layers
from tests.kernelgan.test_discriminator import parameters_of_two

SAME = 1e-10
"""Relative to the largest value: up to seven layers of a few hundred products each."""
SAME_TERMS = 1e-12  # a dozen operations a cell


@pytest.mark.parametrize("pixels", [13, 36, 37])
def test_the_downscaling_gradient_is_the_adjoint(pixels: int) -> None:
    """<A k, y> = <k, A' y>, where A, the downscaling, is linear in the kernel."""
    rng = torch.Generator().manual_seed(6)
    crops, kernels = (
        torch.randn(shape, generator=rng, dtype=torch.float64)
        for shape in ((2, 3, pixels, pixels), (2, 13, 13))
    )
    unfolded = UnfoldedCrops.of(crops, 13)
    output = unfolded.downscale(kernels)
    other = torch.randn(output.shape, generator=rng, dtype=torch.float64)
    adjoint = downscaling_gradient(unfolded, other)
    assert difference((output * other).sum(dim=(1, 2, 3)), (kernels * adjoint).sum(dim=(1, 2))) < SAME


def test_filter_gradients_are_those_of_the_layers() -> None:
    config, rng = KernelGANConfig(channels=5, initial_gain=1.0), torch.Generator().manual_seed(3)
    drawn = zip(*(initial_filters(config, rng) for _ in range(2)), strict=True)
    filters = [torch.stack(both).double().requires_grad_() for both in drawn]
    crops = torch.rand((2, 3, 37, 37), generator=rng, dtype=torch.float64)
    layered = torch.stack([g_by_layers(crop, [f[n] for f in filters]) for n, crop in enumerate(crops)])
    grad_output = torch.randn(layered.shape, generator=rng, dtype=torch.float64)
    expected = torch.autograd.grad((grad_output * layered).sum(), filters)

    values = [layer.detach() for layer in filters]
    grad_kernel = downscaling_gradient(UnfoldedCrops.of(crops, 13), grad_output)
    found = filter_gradients(values, partial_compositions(values), grad_kernel)
    for ours, theirs in zip(found, expected, strict=True):
        assert difference(ours, theirs) < SAME


def test_discriminator_gradients_are_those_of_the_layers() -> None:
    """Of D's loss on a fake and a real crop of different sizes: by every parameter, and by the fake crop."""
    parameters, left = parameters_of_two()
    rng = torch.Generator().manual_seed(2)
    fake, real = (
        torch.rand((2, 3, side, side), generator=rng, dtype=torch.float64).requires_grad_(side == 15)
        for side in (15, 17)
    )
    leaves = [p.clone().requires_grad_() for p in parameters]
    on_fake, on_real = (d_map_by_layers(crops, leaves, left, 7).mean(dim=(1, 2)) for crops in (fake, real))
    expected = torch.autograd.grad((0.5 * (on_fake + 1 - on_real)).sum(), [*leaves, fake])

    weights = normalise(parameters, left)
    from_fake = discriminator_gradients(forward(fake.detach(), weights, 7), weights, 0.5, 7, with_images=True)
    from_real = discriminator_gradients(forward(real, weights, 7), weights, -0.5, 7)
    assert from_real.images is None
    assert from_fake.images is not None
    found = [*parameter_gradients((from_fake, from_real), weights), from_fake.images]
    for ours, theirs in zip(found, expected, strict=True):
        assert difference(ours, theirs) < SAME


@pytest.mark.parametrize(
    "config",
    [
        ConstraintConfig(),
        ConstraintConfig(sparse_over="sum", sparse_power=0.2),
        *(
            replace(ConstraintConfig(sum_to_1=0.0, boundaries=0.0, sparse=0.0, centre=0.0), **{name: 2.0})
            for name in ("sum_to_1", "boundaries", "sparse", "centre")
        ),
    ],
)
@pytest.mark.parametrize("total", [0.05, 0.7, 1.2])  # a sum under 0.1 does not divide the centre of mass
def test_the_constraint_gradient_is_that_of_the_terms(config: ConstraintConfig, total: float) -> None:
    rng = torch.Generator().manual_seed(1)
    kernels = torch.randn((2, 13, 13), generator=rng, dtype=torch.float64)
    kernels = (kernels + (total - kernels.sum(dim=(1, 2), keepdim=True)) / 169).requires_grad_()
    late = torch.tensor([1.0, 0.25], dtype=torch.float64)
    constraints = Constraints(config, 13, kernels)
    terms = constraints.terms(kernels, late)
    (expected,) = torch.autograd.grad(torch.stack(list(terms.values())).sum(), kernels)
    found = constraint_gradient(constraints, kernels.detach(), late)
    assert torch.allclose(found, expected, rtol=SAME_TERMS, atol=SAME_TERMS)


def test_the_constraint_gradient_is_finite_at_a_delta() -> None:
    """Where most cells are 0 and |k|^(1/2) has no slope."""
    kernel = torch.zeros(1, 13, 13)
    kernel[0, 6, 6] = 1.0
    found = constraint_gradient(Constraints(ConstraintConfig(), 13, kernel), kernel, torch.ones(1))
    assert bool(torch.isfinite(found).all())
