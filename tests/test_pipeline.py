import pytest
import torch

from blindsr import pipeline
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.pipeline import kernels_for, upscale
from blindsr.presets import Settings, settings_for

QUICK = settings_for(kernelgan_steps=2, zssr_steps=2)


@pytest.fixture
def lr(photograph):
    return torch.from_numpy(photograph[:64, :70]).permute(2, 0, 1).float() / 255


@pytest.mark.parametrize(("scale", "used"), [(2, [2]), (4, [2, 4])])
def test_the_whole_story(lr, scale, used):
    seen = []
    before = lr.clone()
    result = upscale(lr, scale, settings=QUICK, device="cpu", on_progress=seen.append)
    assert result.image.shape == (3, 64 * scale, 70 * scale)
    assert 0 <= float(result.image.min()) <= float(result.image.max()) <= 1
    assert sorted(result.kernels) == used
    assert [step.scale for step in result.sr.steps] == used
    assert result.estimate is not None
    assert set(result.seconds) == {"kernel", "sr"}
    stages = list(dict.fromkeys(report.stage for report in seen))
    assert stages == ["kernel", *(f"sr x{s}" for s in used)]
    assert torch.equal(lr, before)


def test_the_seed_decides_and_nothing_else(lr):
    first = upscale(lr, settings=QUICK, device="cpu", seed=1).image
    torch.manual_seed(99)  # global state is not read
    assert torch.equal(upscale(lr, settings=QUICK, device="cpu", seed=1).image, first)
    assert not torch.equal(upscale(lr, settings=QUICK, device="cpu", seed=2).image, first)


def test_a_given_kernel_is_used_as_it_is(lr):
    kernel = SRKernel.bicubic(2)
    result = upscale(lr, kernel=kernel, settings=QUICK, device="cpu")
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
        (torch.zeros(3, 63, 64), 2, None, "64x63; KernelGAN needs at least 64x64"),
        (torch.zeros(3, 31, 64), 4, SRKernel.bicubic(4), "ZSSR needs at least 32x32"),
        (torch.zeros(3, 64, 64), 2, SRKernel.bicubic(4), "wanted one for x2"),
    ],
)
def test_what_would_fail_later_fails_now(image, scale, kernel, message):
    with pytest.raises(InputError, match=message):
        pipeline.check(image, scale, kernel, Settings())


def test_the_smallest_images_that_are_promised_work():
    noise = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(0))
    assert upscale(noise, 2, kernel=SRKernel.bicubic(2), settings=QUICK, device="cpu").image.shape[1:] == (
        32,
        32,
    )
    assert upscale(
        noise.expand(1, 16, 16).repeat(1, 2, 2), 4, kernel=SRKernel.bicubic(4), settings=QUICK, device="cpu"
    ).image.shape[1:] == (128, 128)


def test_a_flat_image_is_no_disaster():
    """Nothing to learn from, but a flat image comes out flat or is refused in words, never NaN."""
    flat = torch.full((3, 64, 64), 0.4)
    try:
        result = upscale(flat, settings=QUICK, device="cpu").image
    except (ArithmeticError, InputError):
        return
    assert bool(torch.isfinite(result).all())


def test_settings_for_real_photographs():
    settings = settings_for(real=True, kernelgan_steps=7)
    assert settings.kernelgan.steps == 7
    assert settings.zssr.noise > 0
    assert settings.zssr.back_projections == 0
    assert settings_for() == Settings()
