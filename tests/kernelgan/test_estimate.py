"""The public entry point, and what is made of the kernel that G has learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kernelgan.config import PAPER, KernelGANConfig
from kernelgan.estimate import STAGE, GANRun, cut_negligible, estimate_kernels, postprocess
from srbase.errors import InputError
from srbase.progress import Progress
from tests.kernelgan.reference import random_image
from tests.pictures import face

SMALL = KernelGANConfig(steps=6, channels=8, initial_gain=1.0)
"""With this gain G begins with a kernel whose sum is not near 0, so that a few steps suffice."""
REPORTED = KernelGANConfig(steps=101, channels=2, generator_crop=32, discriminator_crop=16, initial_gain=1.0)
ALONE = 1e-4
"""Kernel cells in a batch and alone: float32 products in another order, amplified by a few steps."""
ALIGNED = 1e-6  # HR pixels


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def run(config: KernelGANConfig = SMALL, image: torch.Tensor | None = None, seed: int = 0) -> GANRun:
    return estimate_kernels([face(67, 75) if image is None else image], config, rngs=generators(seed))[0]


def test_the_kernel_is_13x13_centred_and_decided_by_the_seed() -> None:
    first, same, other = (run(seed=seed).kernel for seed in (0, 0, 1))
    assert (first.shape, first.scale) == ((13, 13), 2)
    assert np.abs(first.centre_offset).max() < ALIGNED
    assert np.array_equal(first.array, same.array)
    assert not np.array_equal(first.array, other.array)


def test_reports_come_every_50_steps_and_at_the_end() -> None:
    reports: list[Progress] = []
    images = [face(67, 75), random_image()]
    runs = estimate_kernels(images, REPORTED, rngs=generators(0, 1), on_step=reports.append)
    assert [(r.step, r.total, r.done) for r in reports] == [
        (50, 101, False),
        (100, 101, False),
        (101, 101, True),
    ]
    assert {r.stage for r in reports} == {STAGE}
    for place, report in enumerate(reports):
        for name, value in report.values.items():
            of_each = [own.history[name] for own in runs]
            assert {len(values) for values in of_each} == {3}
            assert value == pytest.approx(np.mean([values[place] for values in of_each]))


def test_a_batch_gives_the_kernels_that_each_image_gets_alone() -> None:
    images = [random_image(), random_image(90, 67, channels=1, seed=1), random_image(65, 100, seed=2)]
    together = estimate_kernels(images, SMALL, rngs=generators(5, 6, 7))
    for found, image, seed in zip(together, images, (5, 6, 7), strict=True):
        alone = run(image=image, seed=seed)
        assert np.abs(found.kernel.array - alone.kernel.array).max() < ALONE
        assert found.history.keys() == alone.history.keys()
        for name, values in found.history.items():
            assert values == pytest.approx(alone.history[name], abs=10 * ALONE)


def test_the_image_is_only_read() -> None:
    image = face(67, 75)
    before = image.clone()
    run(image=image)
    assert torch.equal(image, before)


def test_the_global_generator_is_not_used() -> None:
    before = torch.get_rng_state()
    run()
    assert torch.equal(torch.get_rng_state(), before)


def test_a_gray_image_is_a_colour_image_of_three_equal_channels() -> None:
    gray = face(67, 75, channels=1)
    one, three = (run(image=image).kernel.array for image in (gray, gray.expand(3, -1, -1)))
    np.testing.assert_array_equal(one, three)


def test_a_small_image_is_refused() -> None:
    with pytest.raises(InputError, match="image is 70x63; KernelGAN needs at least 64x64"):
        run(image=random_image(63, 70))


@pytest.mark.parametrize("config", [replace(SMALL, learning_rate=1e30), replace(SMALL, initial_gain=1e-3)])
def test_a_training_without_a_kernel_is_an_error(config: KernelGANConfig) -> None:
    """Where it diverges, and where the kernel has not grown yet."""
    reports: list[Progress] = []
    with pytest.raises(ArithmeticError, match="diverged, or 6 steps are too few for a kernel"):
        estimate_kernels([face(67, 75)], config, rngs=generators(0), on_step=reports.append)
    assert not any(report.done for report in reports)


@pytest.mark.parametrize("broken", [np.full((13, 13), np.nan), np.zeros((13, 13)), np.full((13, 13), np.inf)])
def test_an_unusable_kernel_is_refused(broken: np.ndarray) -> None:
    with pytest.raises(ArithmeticError, match="diverged"):
        postprocess(broken, PAPER)


def test_the_kernel_is_normalised_centred_and_cropped() -> None:
    kernel = np.zeros((13, 13))
    kernel[3:6, 7:11] = 2.0
    found, larger = postprocess(kernel, PAPER), postprocess(5 * kernel, PAPER)
    assert found.shape == (13, 13)
    assert np.abs(found.centre_offset).max() < ALIGNED
    np.testing.assert_allclose(larger.array, found.array)


def test_a_filter_rank_cuts_negligible_cells() -> None:
    axis = np.arange(13) - 6.5
    kernel = np.exp(-np.add.outer(axis**2, axis**2) / 4) + 1e-3
    kept, cut = (postprocess(kernel, replace(PAPER, filter_rank=rank)).array for rank in (0, 41))
    assert cut[0, 6] < 1e-6 < kept[0, 6]  # far out only the ripples of the spline are left
    assert cut.max() > kept.max()


def test_the_cut_subtracts_a_share_of_the_ranked_cell() -> None:
    kernel = np.zeros((13, 13))
    kernel[6, 4:8] = [0.1, 0.2, 0.3, 0.4]
    cut = cut_negligible(kernel, rank=4, share=0.5)  # 0.05 is subtracted
    assert cut[6, 4:8] == pytest.approx(np.array([0.05, 0.15, 0.25, 0.35]) / 0.8)
    assert cut.sum() == pytest.approx(1)


def test_a_kernel_of_which_nothing_would_be_left_is_unchanged() -> None:
    flat = np.full((13, 13), 1 / 169)
    assert cut_negligible(flat, rank=41, share=1.0) == pytest.approx(flat)
