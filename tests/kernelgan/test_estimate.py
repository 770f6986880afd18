"""The estimation as a whole: shape, determinism, nothing written to, and a kernel that is right."""

import numpy as np
import pytest
import skimage.data
import torch

from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.random_kernels import RandomKernelConfig, random_kernel
from blindsr.imaging.resample import downscale
from blindsr.progress import Progress
from kernelgan.estimate import KernelEstimate, estimate_kernel
from kernelgan.gan.config import VARIANTS, GANConfig, variant
from kernelgan.gan.postprocess import cut_negligible, finish

FEW = 4
ALIGNED = 1e-6  # HR pixels; the spline moves the centre exactly, the crop is iterated


def photograph(height: int = 70, width: int = 90, channels: int = 3) -> torch.Tensor:
    pixels = np.asarray(skimage.data.astronaut())[60 : 60 + height, 150 : 150 + width, :channels]
    return torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32) / 255)


def estimate(image: torch.Tensor, config: GANConfig, seed: int = 0) -> KernelEstimate:
    return estimate_kernel(image, config, rng=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", sorted(VARIANTS))
@pytest.mark.parametrize("channels", [1, 3])
def test_gives_a_centred_kernel_of_sum_1(name: str, channels: int) -> None:
    found = estimate(photograph(channels=channels), variant(name, steps=FEW)).kernel
    assert found.shape == (13, 13)
    assert found.scale == 2
    assert found.array.sum() == pytest.approx(1)
    assert np.abs(found.centre_offset).max() < ALIGNED


def test_a_recognised_shape_is_handed_on_as_it_is() -> None:
    coffee = torch.from_numpy(np.asarray(skimage.data.coffee()).transpose(2, 0, 1).astype(np.float32) / 255)
    small = (downscale(coffee, SRKernel.bicubic(2)) * 255).round().clamp(0, 255) / 255
    found = estimate(small, variant("guided", steps=FEW))
    assert found.spectral is not None
    assert found.spectral.family == "bicubic"
    np.testing.assert_array_equal(found.kernel.array, SRKernel.bicubic(2).array)


def test_the_guided_kernel_leans_where_the_spectral_one_cannot() -> None:
    drawn = random_kernel(np.random.default_rng(1)).kernel
    image = (downscale(photograph(380, 360), drawn) * 255).round().clamp(0, 255) / 255
    found = estimate(image, variant("guided", steps=FEW))
    assert found.spectral is not None
    turned = found.kernel.array[1:, 1:][::-1, ::-1]
    assert np.abs(found.kernel.array[1:, 1:] - turned).sum() > 0.01
    even = found.spectral.kernel[1:, 1:]
    np.testing.assert_allclose(even, even[::-1, ::-1])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    image, config = photograph(), variant("released", steps=FEW)
    first, again, other = (estimate(image, config, seed).kernel.array for seed in (0, 0, 1))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_image_is_only_read() -> None:
    image = photograph()
    before = image.clone()
    estimate(image, variant("released", steps=FEW))
    assert torch.equal(image, before)


def test_restarts_are_averaged() -> None:
    found = estimate(photograph(), GANConfig(steps=FEW, restarts=3))
    assert len(found.candidates) == 3
    mean = np.mean([candidate.array for candidate in found.candidates], axis=0)
    assert np.allclose(found.kernel.array, mean)


def test_progress_and_history() -> None:
    reports: list[Progress] = []
    found = estimate_kernel(
        photograph(),
        GANConfig(steps=60),
        rng=torch.Generator().manual_seed(0),
        on_step=reports.append,
    )
    assert [(r.step, r.done) for r in reports] == [(50, False), (60, True)]
    assert {"g_loss", "d_loss", "adversarial", "sum"} <= set(found.history)
    assert len(found.history["g_loss"]) == 2


def test_a_small_image_is_refused_with_the_minimum() -> None:
    with pytest.raises(InputError, match="image is 90x63; KernelGAN needs at least 64x64"):
        estimate(photograph(height=63), GANConfig(steps=FEW))


def test_a_flat_image_gives_a_kernel() -> None:
    found = estimate(torch.full((3, 70, 70), 0.5), GANConfig(steps=FEW))
    assert np.isfinite(found.kernel.array).all()


def test_a_diverged_kernel_is_never_handed_on() -> None:
    for broken in (np.full((13, 13), np.nan), np.zeros((13, 13))):
        with pytest.raises(ArithmeticError, match="diverged"):
            finish(broken, GANConfig())


def test_cutting_negligible_cells() -> None:
    kernel = np.zeros((13, 13))
    kernel[6, 4:8] = [0.1, 0.2, 0.3, 0.4]
    cut = cut_negligible(kernel, rank=4, share=0.5)  # 0.05 is subtracted
    assert cut[6, 4:8] == pytest.approx(np.array([0.05, 0.15, 0.25, 0.35]) / 0.8)
    assert cut.sum() == pytest.approx(1)
    flat = np.full((13, 13), 1 / 169)
    assert cut_negligible(flat, rank=41, share=1.0) == pytest.approx(flat)


RECOVERY = 0.9
"""Correlation with the true kernel, both centred. Bicubic, the answer of a program that does not look,
reaches 0.66 on this kernel, the Gaussian that G starts from 0.88; seeds 0 and 1 reached 0.94 and 0.92."""


@pytest.mark.slow
def test_a_full_estimation_finds_the_kernel() -> None:
    wide = RandomKernelConfig(variance_min=3.5, variance_max=4.5)
    true = random_kernel(np.random.default_rng(5), config=wide).kernel
    pixels = np.asarray(skimage.data.astronaut()).transpose(2, 0, 1).astype(np.float32) / 255
    image = (downscale(torch.from_numpy(pixels), true) * 255).round() / 255
    found = estimate(image, variant())

    def correlation(kernel: SRKernel) -> float:
        return float(np.corrcoef(kernel.array.ravel(), true.cropped().array.ravel())[0, 1])

    assert correlation(found.kernel) > RECOVERY
    assert correlation(found.kernel) > correlation(SRKernel.bicubic(2))
