"""The guide holds G where the spectrum puts it, and nothing that strays is handed on."""

import numpy as np
import pytest
import torch

from blindsr.estimation import estimate_kernel
from blindsr.spectral.cells import even_kernel
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import SpectralEstimate, estimate_spectral
from kernelgan.config import GANConfig
from kernelgan.generator import compose, initial_filters
from kernelgan.guided import Guide, GuideConfig, combine, distance, second_moments
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.few_steps import few
from tests.pictures import eight_bits, face

SAME = 1e-5  # float32 sums over 169 cells
STANDARD_ERRORS = 1e-3  # of the guide's terms, float32 against float64
NEAR = 0.01
"""Of the kernel's own energy: an eighth of what cell noise of 25 % amounts to."""


def shrunk() -> torch.Tensor:
    return eight_bits(downscale(face(257, 241), random_kernel(np.random.default_rng(5)).kernel))


@pytest.fixture(scope="module")
def estimate() -> SpectralEstimate:
    return estimate_spectral(shrunk().double().numpy(), SpectralConfig())


def test_the_guide_is_free_at_the_spectral_kernel_and_costs_by_the_standard_error(
    estimate: SpectralEstimate,
) -> None:
    config = GuideConfig(moments_weight=1.0, cells_weight=1.0)
    guide = Guide.from_estimate(estimate, config, torch.zeros(1))
    at_rest = guide(torch.tensor(estimate.kernel, dtype=torch.float32)[None])
    assert float(at_rest["guide"]) < SAME
    assert float(at_rest["cells"]) < SAME
    other = even_kernel(second_moments(estimate.kernel) + np.array([0.5, 0.2, 0.1]))
    terms = guide(torch.tensor(other, dtype=torch.float32)[None])
    assert float(terms["guide"]) == pytest.approx(distance(other, estimate) / 2, rel=STANDARD_ERRORS)
    apart = float(((other - estimate.kernel) ** 2).sum())
    assert float(terms["cells"]) == pytest.approx(apart, rel=STANDARD_ERRORS)


def test_the_weights_are_factors(estimate: SpectralEstimate) -> None:
    kernel = torch.tensor(even_kernel(np.array([3.0, 2.0, 0.0])), dtype=torch.float32)[None]
    once, twice = (
        Guide.from_estimate(estimate, GuideConfig(moments_weight=w, cells_weight=w), kernel)(kernel)
        for w in (1.0, 2.0)
    )
    assert all(float(twice[name]) == pytest.approx(2 * float(once[name])) for name in ("guide", "cells"))


def test_strays_are_not_handed_on(estimate: SpectralEstimate) -> None:
    stray = SRKernel(even_kernel(np.array([9.0, 0.3, 0.0])), 2)
    assert distance(stray.array, estimate) > GuideConfig().trust
    assert np.allclose(combine([stray], estimate, GuideConfig()).array, estimate.kernel)
    near = SRKernel(estimate.kernel, 2)
    both = combine([stray, near], estimate, GuideConfig()).array
    assert np.allclose(both, estimate.kernel, atol=SAME)
    assert np.allclose(combine([], estimate, GuideConfig()).array, estimate.kernel)


def test_of_the_trusted_ones_a_share_is_handed_on(estimate: SpectralEstimate) -> None:
    near = SRKernel(even_kernel(second_moments(estimate.kernel)), 2)
    for share in (0.25, 1.0):
        mixed = combine([near], estimate, GuideConfig(share=share)).array
        assert np.allclose(mixed, (1 - share) * estimate.kernel + share * near.array, atol=SAME)


def test_g_starts_as_the_spectral_kernel(estimate: SpectralEstimate) -> None:
    config = GANConfig(restarts=2)
    filters = initial_filters(config, torch.Generator().manual_seed(0))
    filters = Guide.from_estimate(estimate, GuideConfig(), filters[0]).begin(filters)
    off = compose(filters).detach() - torch.tensor(estimate.kernel, dtype=torch.float32)
    assert float(off.square().sum(dim=(1, 2)).max()) < NEAR * float((estimate.kernel**2).sum())


def test_guided_stays_within_the_uncertainty(estimate: SpectralEstimate) -> None:
    found = estimate_kernel(shrunk(), few("guided", 20), rng=torch.Generator().manual_seed(0))
    assert found.spectral is not None
    assert distance(found.kernel.array, estimate) <= GuideConfig().trust
    assert len(found.candidates) == 3


def test_spectral_trains_nothing(estimate: SpectralEstimate) -> None:
    found = estimate_kernel(shrunk(), SpectralConfig(), rng=torch.Generator())
    assert np.allclose(found.kernel.array, estimate.kernel)
    assert found.candidates == ()
