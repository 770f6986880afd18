import warnings
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr import pipeline
from blindsr.configuration import PRESETS, settings_for
from blindsr.estimation import estimate_kernel
from blindsr.pipeline import found, kernels_for, upscale
from blindsr.restoration.blend import restored
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from srbase.progress import Notice, silent
from tests.few_steps import SMALL
from tests.pictures import face, photo

WIDE = random_kernel(np.random.default_rng(5), 2).kernel
FLAT = 1e-5  # float32, grown by the inverse
TOGETHER = 1e-4
"""Kernel cells of a game alone and among others: float32 products in another order, grown by two steps."""
TWO_STEPS_OFF = 0.05  # what a network is off that has only just left its start


@pytest.fixture
def lr():
    return face(65, 71)


@pytest.fixture(scope="module")
def story():
    """What is made of the photograph by seed 0, x2."""
    return upscale(face(65, 71), settings=SMALL, device="cpu").image


@pytest.mark.parametrize(("scale", "used"), [(2, [2]), (4, [2, 4])])
def test_the_whole_story(lr, scale, used):
    seen = []
    before = lr.clone()
    result = upscale(lr, scale, settings=SMALL, device="cpu", on_progress=seen.append)
    assert result.image.shape == (3, 65 * scale, 71 * scale)
    assert 0 <= float(result.image.min()) <= float(result.image.max()) <= 1
    assert sorted(result.kernels) == used
    assert [training.scale for training in result.trainings] == used
    assert result.estimate is not None
    assert set(result.seconds) == {"kernel", "sr"}
    stages = list(dict.fromkeys(report.stage for report in seen))
    assert stages == ["kernel", *(stage for s in used for stage in (f"sr x{s}", f"image x{s}"))]
    assert torch.equal(lr, before)


def test_the_seed_decides_and_nothing_else(lr, story):
    torch.manual_seed(99)  # global state is not read
    assert torch.equal(upscale(lr, settings=SMALL, device="cpu", seed=0).image, story)
    assert not torch.equal(upscale(lr, settings=SMALL, device="cpu", seed=1).image, story)


def test_the_number_of_threads_changes_nothing(lr):
    settings = replace(SMALL, zssr=replace(SMALL.zssr, tile=80))  # of 142 pixels: several side by side
    before, images = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            images.append(upscale(lr, settings=settings, device="cpu").image)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*images)


def test_a_given_kernel_is_used_as_it_is(lr):
    kernel = SRKernel.bicubic(2)
    result = upscale(lr, kernel=kernel, settings=SMALL, device="cpu")
    assert result.kernels == {2: kernel}
    assert result.estimate is None
    assert set(result.seconds) == {"sr"}


def test_one_generator_serves_the_kernel_and_then_the_image(lr):
    rng = torch.Generator().manual_seed(1)
    estimate = estimate_kernel(lr, SMALL.estimator, rng=rng)
    after_it = rng.get_state()
    kernels = {2: estimate.kernel}
    wanted, _ = restored(lr, kernels, 2, SMALL, estimate.origin, None, rng=rng, on_step=silent)
    (known,) = found([lr], settings=SMALL, device="cpu", seed=1)
    assert torch.equal(known.rng_state, after_it)
    assert torch.equal(upscale(lr, settings=SMALL, device="cpu", seed=1).image, wanted)


@pytest.mark.parametrize("scale", [2, 4])
def test_what_was_found_before_gives_the_same_bytes(lr, scale):
    """The random numbers go on where the estimation left them, as often as it is asked."""
    alone = upscale(lr, scale, settings=SMALL, device="cpu", seed=1)
    (known,) = found([lr], scale, settings=SMALL, device="cpu", seed=1)
    for _ in range(2):
        result = upscale(lr, scale, known=known, settings=SMALL, device="cpu", seed=1)
        assert torch.equal(result.image, alone.image)
        assert np.array_equal(result.kernels[scale].array, alone.kernels[scale].array)
        assert (result.seconds["kernel"], result.together) == (known.seconds, 1)


def test_of_several_images_each_is_what_it_is_alone_and_counts_its_share(lr, monkeypatch):
    clock = iter(range(0, 100, 6))
    monkeypatch.setattr("srbase.runtime.device.time.perf_counter", lambda: next(clock))
    images = [lr, face(80, 67, channels=1), lr.flip(2)]
    together = found(images, settings=SMALL, device="cpu", seed=1)
    for image, known in zip(images, together, strict=True):
        (alone,) = found([image], settings=SMALL, device="cpu", seed=1)
        apart = np.abs(known.estimate.kernel.array - alone.estimate.kernel.array)
        assert known.estimate.candidates  # a game was played
        assert apart.max() < TOGETHER
        assert torch.equal(known.rng_state, alone.rng_state)
        assert (known.seconds, known.together, alone.seconds) == (2.0, 3, 6.0)
    assert found([], settings=SMALL, device="cpu") == []


def test_what_was_found_for_something_else_is_refused(lr):
    (known,) = found([lr], settings=SMALL, device="cpu")
    with pytest.raises(InputError, match="known of the image is for x2; wanted x4"):
        upscale(lr, 4, known=known, settings=SMALL, device="cpu")
    with pytest.raises(InputError, match="a kernel is given beside what is known"):
        upscale(lr, kernel=SRKernel.bicubic(2), known=known, settings=SMALL, device="cpu")


def test_kernels_for_a_scale():
    x2, x4 = SRKernel.bicubic(2), SRKernel.bicubic(4)
    assert list(kernels_for(x2, 2)) == [2]
    assert list(kernels_for(x2, 4)) == [2, 4]
    assert kernels_for(x4, 4) == {4: x4}
    with pytest.raises(InputError, match="kernel is for x4; wanted one for x2"):
        kernels_for(x4, 2)


@pytest.mark.parametrize(
    ("image", "scale", "kernel", "message"),
    [
        (torch.zeros(3, 64, 64), 3, None, "scale is 3"),
        (torch.zeros(64, 64), 2, None, "shape"),
        (torch.zeros(4, 64, 64), 2, None, "shape"),
        (torch.full((3, 64, 64), torch.nan), 2, None, "NaN"),
        (torch.zeros(3, 64, 64), 2, SRKernel.bicubic(4), "wanted one for x2"),
    ],
)
def test_what_would_fail_later_fails_now(image, scale, kernel, message):
    with pytest.raises(InputError, match=message):
        pipeline.check(image, scale, kernel)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 5), (15, 64)])
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(
    "settings", [PRESETS["instant"], SMALL, PRESETS["paper"]], ids=["instant", "default", "paper"]
)
def test_a_known_kernel_needs_no_size(settings, scale, size):
    image, kernel = face(64, 71)[:, : size[0], : size[1]], SRKernel.bicubic(scale)
    trains = settings.zssr.max_steps and min(size) < 8 * scale
    said = pytest.warns(Notice, match="none is trained") if trains else nullcontext()
    settings = replace(settings, zssr=replace(settings.zssr, max_steps=min(2, settings.zssr.max_steps)))
    with said:
        result = upscale(image, scale, kernel=kernel, settings=settings, device="cpu")
    assert result.image.shape == (3, scale * size[0], scale * size[1])
    assert float((result.image.mean() - image.mean()).abs()) < 0.05


@pytest.mark.parametrize("size", [(40, 96), (63, 64), (32, 33)])
@pytest.mark.parametrize("preset", ["instant", "default", "paper"])
def test_a_narrow_image_gets_a_kernel_from_smaller_windows(preset, size):
    large = photo("coffee")[:, 100 : 100 + 2 * size[0], 100 : 100 + 2 * size[1]]
    image, settings = downscale(large, WIDE).clamp(0, 1), settings_for(preset)
    with pytest.warns(
        Notice, match=rf"{size[1]}x{size[0]}; .* needs 64 pixels a side: its kernel is read from"
    ):
        (known,) = found([image, image][:1], settings=settings, device="cpu")
    assert known.estimate.spectral.windows >= 1
    result = upscale(image, known=known, settings=PRESETS["instant"], device="cpu").image
    errors = [float((made - large).square().mean()) for made in (result, bicubic_upscale(image, 2))]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("size", [(1, 1), (31, 80)])
def test_what_says_nothing_of_its_kernel_is_interpolated(size):
    image = face(64, 96)[:, : size[0], : size[1]]
    with pytest.warns(Notice, match="it is interpolated bicubically"):
        result = upscale(image, 4, settings=PRESETS["instant"], device="cpu")
    assert torch.allclose(result.image, bicubic_upscale(image, 4).clamp(0, 1), atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (40, 90)])
def test_trust_0_needs_no_size_and_says_nothing(size):
    image = face(64, 96)[:, : size[0], : size[1]]
    result = upscale(image, settings=settings_for("instant", trust=0.0), device="cpu")
    assert torch.allclose(result.image, bicubic_upscale(image, 2).clamp(0, 1), atol=1e-6)


def test_narrow_and_ordinary_images_side_by_side():
    images = [face(64, 71), face(64, 96)[:, :40], face(64, 71)[:, :20]]
    with pytest.warns(Notice):
        together = found(images, settings=PRESETS["instant"], device="cpu")
    for image, known in zip(images, together, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Notice)
            (alone,) = found([image], settings=PRESETS["instant"], device="cpu")
        assert np.array_equal(known.estimate.kernel.array, alone.estimate.kernel.array)


def test_the_smallest_images_that_are_promised_work():
    noise = torch.rand((1, 64, 64), generator=torch.Generator().manual_seed(0))
    for scale, side in ((2, 16), (4, 32)):
        kernel = SRKernel.bicubic(scale)
        result = upscale(noise[:, :side, :side], scale, kernel=kernel, settings=SMALL, device="cpu")
        assert result.image.shape == (1, scale * side, scale * side)
    assert upscale(noise, 2, settings=SMALL, device="cpu").image.shape == (1, 128, 128)


@pytest.mark.parametrize(("settings", "off"), [(SMALL, TWO_STEPS_OFF), (PRESETS["instant"], FLAT)])
def test_a_flat_image_stays_flat(settings, off):
    """There is nothing to learn from, and little is made up."""
    result = upscale(torch.full((3, 65, 71), 0.4), settings=settings, device="cpu").image
    assert float((result - 0.4).abs().max()) < off
