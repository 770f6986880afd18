"""The super-resolution as a whole."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.config import InverseConfig
from srbase.errors import InputError
from srbase.imaging.metrics import score
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from srbase.progress import Progress
from srbase.upscaler import BaseUpscaler, bicubic_base
from tests.pictures import eight_bits, face
from zssr.config import ZSSRConfig, for_real_photographs
from zssr.solve import SRResult, super_resolve

QUICK = ZSSRConfig(layers=3, channels=8, crop=32, max_steps=4, test_every=2)
KERNEL = SRKernel.bicubic(2)
FLAT = 1e-4  # float32, grown by the response of an inverse
BOTH = {2: KERNEL, 4: KERNEL.to_x4()}


def solve(
    image: torch.Tensor,
    scale: int,
    config: ZSSRConfig = QUICK,
    seed: int = 0,
    base: BaseUpscaler = bicubic_base,
) -> SRResult:
    rng = torch.Generator().manual_seed(seed)
    return super_resolve(image, BOTH, scale, config, base=base, rng=rng)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [2, 4])
def test_size_range_and_steps(scale: int, channels: int) -> None:
    result = solve(face(61, 45, channels), scale)
    assert result.image.shape == (channels, 61 * scale, 45 * scale)
    assert 0 <= float(result.image.min()) <= float(result.image.max()) <= 1
    assert [training.scale for training in result.trainings] == ([2] if scale == 2 else [2, 4])
    assert all(training.steps == QUICK.max_steps for training in result.trainings)


def test_a_bare_x4_kernel_makes_one_step() -> None:
    result = super_resolve(face(61, 45), {4: BOTH[4]}, 4, QUICK, rng=torch.Generator().manual_seed(0))
    assert [training.scale for training in result.trainings] == [4]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first, again, other = (solve(face(61, 45), 2, seed=seed).image for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_image_is_only_read() -> None:
    image = face(61, 45)
    before = image.clone()
    solve(image, 4, for_real_photographs(QUICK))
    assert torch.equal(image, before)


def test_progress_names_each_step() -> None:
    reports: list[Progress] = []
    super_resolve(face(61, 45), BOTH, 4, QUICK, rng=torch.Generator().manual_seed(0), on_step=reports.append)
    assert {report.stage for report in reports} == {"sr x2", "image x2", "sr x4", "image x4"}
    assert reports[-1].done
    assert reports[0].step == 0
    assert "error" in reports[1].values


def test_refusals() -> None:
    rng = torch.Generator().manual_seed(0)
    with pytest.raises(InputError, match=r"kernels are for \[2\]; wanted one for x4"):
        super_resolve(face(61, 45), {2: KERNEL}, 4, QUICK, rng=rng)
    with pytest.raises(InputError, match="image is 45x12; ZSSR needs at least 16x16"):
        super_resolve(face(12, 45), BOTH, 2, QUICK, rng=rng)


@pytest.mark.parametrize("inverse", [None, InverseConfig(adaptive=None), InverseConfig()])
@pytest.mark.parametrize("scale", [2, 4])
def test_without_a_network_a_flat_image_stays_flat(scale: int, inverse: InverseConfig | None) -> None:
    untrained = replace(QUICK, max_steps=0, self_ensemble=False)
    base = bicubic_base if inverse is None else partial(base_upscaler, config=inverse)
    result = solve(torch.full((3, 41, 37), 0.4), scale, untrained, base=base)
    assert torch.allclose(result.image, torch.tensor(0.4), atol=FLAT)
    assert [(training.scale, training.steps) for training in result.trainings] == [(scale, 0)]


def test_a_training_that_diverged_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="ZSSR diverged at x2"):
        solve(face(61, 45), 2, replace(QUICK, learning_rate=1e30))


GAIN = 2.0
"""dB over bicubic interpolation; 3.3 were seen. The paper's gain with the true kernel is 3.7."""


@pytest.mark.slow
def test_training_with_the_true_kernel_beats_bicubic() -> None:
    original = face(122, 118)
    kernel = random_kernel(np.random.default_rng(3)).kernel
    image = eight_bits(downscale(original, kernel))
    config = ZSSRConfig(channels=32, crop=48, max_steps=100)
    result = super_resolve(image, {2: kernel}, 2, config, rng=torch.Generator().manual_seed(0))
    ours, baseline = (score(sr, original, 2).psnr_y for sr in (result.image, bicubic_upscale(image, 2)))
    assert ours > baseline + GAIN
