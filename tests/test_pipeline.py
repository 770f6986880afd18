from dataclasses import replace

import pytest
import torch

from blindsr import pipeline
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.pipeline import kernels_for, upscale
from blindsr.presets import PRESETS, Settings
from tests.few_steps import SMALL
from tests.pictures import face

FLAT = 1e-5  # float32, grown by the inverse
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
        (torch.zeros(3, 63, 64), 2, None, "64x63; kernel estimation needs at least 64x64"),
        (torch.zeros(3, 31, 64), 4, SRKernel.bicubic(4), "ZSSR needs at least 32x32"),
        (torch.zeros(3, 64, 64), 2, SRKernel.bicubic(4), "wanted one for x2"),
    ],
)
def test_what_would_fail_later_fails_now(image, scale, kernel, message):
    with pytest.raises(InputError, match=message):
        pipeline.check(image, scale, kernel, Settings())


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
