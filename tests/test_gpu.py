"""The same work on an accelerator; these tests run where there is one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale
from blindsr.inverse.config import InverseConfig
from blindsr.inverse.kernel_inverse import inverse_for
from blindsr.pipeline import upscale
from blindsr.presets import PRESETS, settings_for
from kernelgan.config import ESTIMATORS
from kernelgan.estimate import estimate_kernel
from tests.few_steps import few
from zssr.solve import super_resolve

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]

FEW_STEPS = 5
FLOAT64_ROUNDING = 1e-12  # the same sums in another order
FEW_STEPS_KERNEL = 1e-4  # float32 rounding, grown by a few steps of Adam
FEW_STEPS_IMAGE = 0.02  # bfloat16 products and a few steps of Adam
CLOSE_IMAGES = 39.0  # dB between two images of twenty steps that differ by rounding
WIDE_FILTER = 2e-4  # float32 FFTs on either device, images in 0..1


@pytest.fixture
def lr(photograph):
    return torch.from_numpy(photograph).permute(2, 0, 1).float() / 255


@pytest.mark.parametrize("scale", [2, 4])
def test_resampling_is_the_same(scale):
    random = torch.Generator().manual_seed(0)
    image = torch.rand(3, 53, 45, generator=random, dtype=torch.float64)
    kernel = SRKernel.bicubic(scale)
    small = downscale(image, kernel)
    on_gpu = downscale(image.cuda(), kernel)
    assert on_gpu.is_cuda
    assert torch.allclose(on_gpu.cpu(), small, atol=FLOAT64_ROUNDING, rtol=0)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_finds_the_same_kernel(lr, name):
    config = few(name, channels=64)
    kernels = [
        estimate_kernel(lr.to(device), config, rng=torch.Generator().manual_seed(1)).kernel.array
        for device in ("cpu", "cuda")
    ]
    assert np.abs(kernels[0] - kernels[1]).max() < FEW_STEPS_KERNEL


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("scale", [2, 4])
def test_every_preset_makes_the_same_image(lr, preset, scale):
    config = PRESETS[preset].zssr
    config = replace(config, max_steps=min(config.max_steps, FEW_STEPS))
    kernel = SRKernel.bicubic(2)
    kernels = {s: k for s, k in ((2, kernel), (4, kernel.to_x4())) if s <= scale}
    images = [
        super_resolve(lr.to(device), kernels, scale, config, rng=torch.Generator().manual_seed(1)).image.cpu()
        for device in ("cpu", "cuda")
    ]
    assert images[0].shape == (3, 97 * scale, 113 * scale)
    assert float((images[0] - images[1]).square().mean().sqrt()) < FEW_STEPS_IMAGE


def test_the_whole_program(lr):
    settings = settings_for(kernelgan_steps=20, zssr_steps=20)
    results = [upscale(lr, settings=settings, device=device).image for device in ("cuda", "cpu")]
    assert results[0].is_cuda
    error = float((results[0].cpu() - results[1]).square().mean())
    assert -10 * np.log10(error) > CLOSE_IMAGES


def test_a_filter_that_rings_far(lr):
    """A motion's inverse, whose spectrum has zeros."""
    array = np.zeros((13, 13))
    array[6:8, 2:11] = 1
    config = InverseConfig(adaptive=None)
    inverse = inverse_for(lr, SRKernel(array, 2).centred(), config, weight=config.linear.weight)
    assert inverse.reach > config.linear.radii[0]
    assert float((inverse.upscale(lr.cuda()).cpu() - inverse.upscale(lr)).abs().max()) < WIDE_FILTER
