"""The guide holds G where the spectrum puts it, and nothing that strays is handed on."""

import numpy as np
import pytest
import skimage.data
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import downscale
from kernelgan.estimate import estimate_kernel
from kernelgan.gan.config import GANConfig, GuideConfig, variant
from kernelgan.gan.generator import compose, initial_filters
from kernelgan.gan.train import fit_filters
from kernelgan.guided import Guide, combine, distance, second_moments
from kernelgan.spectral.cells import even_kernel
from kernelgan.spectral.estimate import SpectralEstimate, estimate_spectral

SAME = 1e-5  # float32 sums over 169 cells


def photograph() -> torch.Tensor:
    pixels = np.asarray(skimage.data.astronaut()).transpose(2, 0, 1).astype(np.float32) / 255
    kernel = random_kernel(np.random.default_rng(5)).kernel
    return (downscale(torch.from_numpy(pixels), kernel) * 255).round() / 255


@pytest.fixture(scope="module")
def estimate() -> SpectralEstimate:
    return estimate_spectral(photograph().double().numpy())


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
    assert float(terms["guide"]) == pytest.approx(distance(other, estimate) / 2, rel=1e-3)
    assert float(terms["cells"]) == pytest.approx(float(((other - estimate.kernel) ** 2).sum()), rel=1e-3)


def test_strays_are_not_handed_on(estimate: SpectralEstimate) -> None:
    stray = SRKernel(even_kernel(np.array([9.0, 0.3, 0.0])), 2)
    assert distance(stray.array, estimate) > GuideConfig().trust
    assert np.allclose(combine([stray], estimate, GuideConfig()).array, estimate.kernel)
    near = SRKernel(estimate.kernel, 2)
    both = combine([stray, near], estimate, GuideConfig()).array
    assert np.allclose(both, estimate.kernel, atol=SAME)
    assert np.allclose(combine([], estimate, GuideConfig()).array, estimate.kernel)


def test_g_starts_as_the_spectral_kernel(estimate: SpectralEstimate) -> None:
    config = GANConfig(restarts=2)
    filters = initial_filters(config, torch.Generator().manual_seed(0), torch.device("cpu"))
    fit_filters(filters, Guide.from_estimate(estimate, GuideConfig(), filters[0]))
    off = compose(filters).detach() - torch.tensor(estimate.kernel, dtype=torch.float32)
    # A hundredth of the kernel's own energy, an eighth of what cell noise of 25 % amounts to.
    assert float(off.square().sum(dim=(1, 2)).max()) < 0.01 * float((estimate.kernel**2).sum())


def test_guided_stays_within_the_uncertainty(estimate: SpectralEstimate) -> None:
    found = estimate_kernel(photograph(), variant("guided", steps=20), rng=torch.Generator().manual_seed(0))
    assert found.spectral is not None
    assert distance(found.kernel.array, estimate) <= GuideConfig().trust
    assert len(found.candidates) == 3


def test_spectral_trains_nothing(estimate: SpectralEstimate) -> None:
    found = estimate_kernel(photograph(), variant("spectral"), rng=torch.Generator())
    assert np.allclose(found.kernel.array, estimate.kernel)
    assert found.candidates == ()
