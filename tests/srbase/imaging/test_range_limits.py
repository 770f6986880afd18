"""Brightness stays beside white and black, and paper stays paper."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

import blindsr
from blindsr import pipeline
from blindsr.configuration import with_choices
from blindsr.io.file_evidence import FileEvidence
from blindsr.io.jpeg_tables import read_tables
from srbase.imaging.range_limits import RangeLimits, SaturationConfig, crowded, into_range
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.few_steps import SMALL_INSTANT

LEVEL = 1 / 255
MOVE = 0.5 * LEVEL
"""A mean may move by so much: what rounding to 8 bits may do to a flat."""

KERNEL = random_kernel(np.random.default_rng(3), 2).kernel


def tensor(picture):
    return torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1).float() / 255


def page(ink=0, paper=255):
    picture = Image.new("RGB", (112, 96), (paper,) * 3)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(11)
    for line in range(7):
        draw.text((3 - 5 * line, 2 + 14 * line), "The quick brown fox jumps", fill=(ink,) * 3, font=font)
    return tensor(picture)


def logo():
    picture = Image.new("RGB", (112, 96), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, 80, 80), fill=(255, 0, 0))
    draw.rectangle((50, 40, 100, 90), fill=(0, 0, 255))
    draw.line((0, 5, 111, 70), fill=(0, 160, 0), width=3)
    return tensor(picture)


PICTURES = {
    "page": page(),
    "page by night": page(ink=255, paper=0),
    "page through a lens": downscale(bicubic_upscale(page(), 2).clamp(0, 1), KERNEL).clamp(0, 1),
    "logo": logo(),
    "white": torch.ones(3, 64, 72),
    "black": torch.zeros(3, 64, 72),
    "flat": torch.full((3, 64, 72), 200 / 255),
    "gray page": page()[:1],
}


def crowded_large(mask):
    """The places that two of eight neighbours share, on the SR grid."""
    return crowded(mask).repeat_interleave(2, 1).repeat_interleave(2, 2)


@pytest.mark.parametrize("name", PICTURES)
def test_the_mean_stays_and_paper_stays_paper(name):
    image = PICTURES[name]
    sr = pipeline.upscale(image, 2, kernel=KERNEL, settings=blindsr.settings("instant"), device="cpu").image
    assert (sr.mean((1, 2)) - image.mean((1, 2))).abs().max() < MOVE
    assert sr.min() >= 0
    assert sr.max() <= 1
    assert bool((sr[crowded_large(image >= 1)] == 1).all())
    assert bool((sr[crowded_large(image <= 0)] == 0).all())


@pytest.mark.parametrize("quality", [None, 90, 60])
@pytest.mark.parametrize("real", ["auto", "on", "off"])
@pytest.mark.parametrize("name", ["page", "page by night", "logo"])
def test_the_mean_stays_whoever_is_thought_to_have_made_it_and_however_it_was_stored(name, real, quality):
    image, told = PICTURES[name], None
    if quality is not None:
        file = BytesIO()
        Image.fromarray((image.permute(1, 2, 0) * 255).byte().numpy()).save(file, "JPEG", quality=quality)
        image, told = tensor(Image.open(file)), FileEvidence(jpeg=read_tables(file.getvalue()))
    settings = with_choices(SMALL_INSTANT, real=real)
    sr = pipeline.upscale(image, 2, settings=settings, file_evidence=told, device="cpu").image
    assert (sr.mean((1, 2)) - image.mean((1, 2))).abs().max() < MOVE
    whole = ((image == 0) | (image == 1)).all(dim=0)  # one channel alone may be JPEG's doing
    assert bool((sr[crowded_large((image == 1) & whole)] >= 1 - LEVEL / 2).all())


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["default", "paper"])
@pytest.mark.parametrize("name", ["page", "logo"])
def test_the_mean_stays_when_a_network_is_trained(name, preset):
    image = PICTURES[name]
    settings = blindsr.settings(preset, zssr_steps=4)
    sr = pipeline.upscale(image, 2, kernel=KERNEL, settings=settings, device="cpu").image
    assert (sr.mean((1, 2)) - image.mean((1, 2))).abs().max() < MOVE


@pytest.mark.parametrize("factor", [1.5, 3])
@pytest.mark.parametrize("name", ["page", "page by night", "logo"])
def test_the_mean_stays_at_any_size(name, factor):
    pixels = (PICTURES[name].permute(1, 2, 0) * 255).round().byte().numpy()
    kernel = SRKernel.bicubic(2 if factor < 2 else 4)
    settings = blindsr.settings("instant")
    large = blindsr.upscale(pixels, factor, kernel=kernel, settings=settings, device="cpu").image
    assert np.abs(large.mean((0, 1)) - pixels.mean((0, 1))).max() < 0.5


@pytest.mark.parametrize("scale", [2, 4])
def test_what_lies_within_and_agrees_is_not_changed(scale):
    large = torch.rand(3, 64, 72, generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    kernel = SRKernel.bicubic(scale)
    result = into_range(large, downscale(large, kernel), kernel, SaturationConfig())
    assert torch.allclose(result, large, atol=1e-6)


def test_a_network_that_is_too_bright_is_brought_back():
    image = page()
    large = bicubic_upscale(image, 2) * 0.5 + 0.5
    result = into_range(large, image, SRKernel.bicubic(2), SaturationConfig())
    assert (result.mean() - image.mean()).abs() < MOVE


def test_inputs_are_only_read():
    image = page()
    large = bicubic_upscale(image, 2) * 1.2
    before = image.clone(), large.clone()
    into_range(large, image, SRKernel.bicubic(2), SaturationConfig())
    assert torch.equal(image, before[0])
    assert torch.equal(large, before[1])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_single_clipped_pixel_is_noise_and_no_speck_of_two_by_two(value):
    image = torch.full((1, 64, 72), 0.5)
    image[0, 30, 41] = value
    sr = into_range(bicubic_upscale(image, 2), image, None, SaturationConfig())
    assert torch.equal(sr, bicubic_upscale(image, 2))
    image[0, 30, 40:44] = image[0, 31, 40:44] = value  # eight of them are a clipped part
    sr = into_range(bicubic_upscale(image, 2), image, None, SaturationConfig())
    assert bool((sr[0, 60:64, 80:88] == value).all())


@pytest.mark.parametrize("most", [0.01, 0.7])
def test_limits_below_one_act_as_one_does(most):
    image, large = page(), bicubic_upscale(page(), 2)
    for kernel in (None, SRKernel.bicubic(2)):
        wanted = into_range(large, image, kernel, SaturationConfig())
        scaled = into_range(
            large * most,
            image * most,
            kernel,
            SaturationConfig(least_room=0.02 * most),
            RangeLimits(most, 1e-6),
        )
        assert torch.allclose(scaled / most, wanted, atol=1e-3)


@pytest.mark.parametrize("fault", [{"neighbourhood": 0}, {"projections": -1}, {"lifts": -1}])
def test_numbers_that_make_no_sense(fault):
    with pytest.raises(blindsr.InputError, match="saturation"):
        SaturationConfig(**fault)


def test_a_channel_that_alone_is_clipped_holds_nothing_where_no_kernel_is_known():
    image = torch.full((3, 12, 14), 0.4)
    image[1, 3:8, 4:9] = 0  # green: clipped by sharpening, red and blue are not
    result = bicubic_upscale(image, 2).clamp(0, 1)
    result[1, 12, 14] = 0.3
    within = into_range(result, image, None, SaturationConfig())
    assert within[1, 12, 14] == pytest.approx(0.3, abs=0.02)  # means are kept around it
    image[:, 3:8, 4:9] = 0
    within = into_range(result, image, None, SaturationConfig())
    assert within[1, 12, 14] == 0
