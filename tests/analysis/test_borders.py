"""Bars around a picture are found, left out and put back."""

import numpy as np
import pytest
import torch

from blindsr import estimation, pipeline
from blindsr.analysis.borders import Bars, BarsConfig, find_bars
from blindsr.io.file_evidence import FileEvidence
from blindsr.io.jpeg_tables import JPEGTables
from srbase.errors import InputError
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.few_steps import SMALL_INSTANT
from tests.pictures import face, photo

CONFIG = BarsConfig(inside=16)
KERNEL = random_kernel(np.random.default_rng(3), 2).kernel


def framed(image, bars, colour=0.0):
    height, width = image.shape[1] + bars.top + bars.bottom, image.shape[2] + bars.left + bars.right
    whole = torch.full((len(image), height, width), colour)
    whole[:, bars.top : height - bars.bottom, bars.left : width - bars.right] = image
    return whole


def bright():
    return (0.3 + 0.5 * face(66, 71)).contiguous()


@pytest.mark.parametrize("scale", [1.0, 0.01])
@pytest.mark.parametrize("colour", [0.0, 0.8])
@pytest.mark.parametrize("bars", [Bars(7, 9), Bars(left=5, right=4), Bars(3, 4, 5, 6), Bars(bottom=2)])
def test_bars_are_found_on_every_side_at_any_scale_of_tones(bars, colour, scale):
    image = bright() if colour == 0 else bright() - 0.25
    whole = framed(image, bars, colour) * scale
    found = find_bars(whole, CONFIG)
    assert found == bars
    assert torch.equal(found.inside(whole), image * scale)
    again = found.around(found.inside(whole), whole, 1)
    assert torch.equal(again, whole)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_a_photograph_has_none(name):
    image = photo(name)
    assert not find_bars(image[:, :200, :200], CONFIG)
    assert not find_bars(image, BarsConfig())


def test_bars_that_were_there_before_the_picture_was_made_small_are_part_of_it():
    large = framed(0.3 + 0.5 * face(133, 142), Bars(21, 20))
    assert not find_bars(downscale(large, KERNEL).clamp(0, 1), CONFIG)


@pytest.mark.parametrize(
    "picture", [torch.zeros(3, 64, 64), torch.ones(1, 64, 64), torch.full((1, 30, 40), 0.5)]
)
def test_flat_pictures_have_none(picture):
    assert not find_bars(picture, CONFIG)


def test_a_page_with_a_margin_has_none():
    page = torch.ones(1, 96, 96)
    page[:, 20:24, 10:40] = 0
    page[:, 40:44, 20:60] = 0
    assert not find_bars(page, CONFIG)


def test_a_small_picture_within_wide_bars_stays_whole():
    assert not find_bars(framed(bright()[:, :40], Bars(20, 20)), BarsConfig())


@pytest.mark.parametrize("kernel", [KERNEL, None], ids=["known", "blind"])
@pytest.mark.parametrize("scale", [2, 4])
def test_no_line_beside_a_bar(kernel, scale):
    """A picture of 176 beside black had a line of 209."""
    image, bars = bright(), Bars(10, 12)
    whole = framed(image, bars)
    kernel = kernel if scale == 2 or kernel is None else kernel.to_x4()
    alone = pipeline.upscale(image, scale, kernel=kernel, settings=SMALL_INSTANT, device="cpu")
    result = pipeline.upscale(whole, scale, kernel=kernel, settings=SMALL_INSTANT, device="cpu")
    large = Bars(scale * bars.top, scale * bars.bottom)
    assert torch.equal(large.inside(result.image), alone.image)
    assert float(result.image[:, : scale * bars.top].max()) == 0
    assert result.image.shape[1:] == (scale * whole.shape[1], scale * whole.shape[2])
    flat = framed(torch.full((3, 66, 71), 176 / 255), bars)
    sr = pipeline.upscale(flat, scale, kernel=kernel, settings=SMALL_INSTANT, device="cpu").image
    assert bool(((large.inside(sr) - 176 / 255).abs() < 0.5 / 255).all())


def test_the_kernel_is_that_of_the_picture_within():
    whole = framed(bright(), Bars(10, 12))
    (analysis,) = estimation.analyse([whole], settings=SMALL_INSTANT, device="cpu")
    result = pipeline.upscale(whole, settings=SMALL_INSTANT, device="cpu")
    assert result.analysis is not None
    assert np.array_equal(analysis.kernel.array, result.analysis.kernel.array)


def test_what_the_file_tells_is_true_of_the_picture_within():
    steps = tuple(tuple([16] * 8) for _ in range(8))
    told = FileEvidence(JPEGTables(steps, steps, True, phase=(1, 2)), taken=(90, 70))
    within = Bars(10, 12, 3).inside_of_file(told, (70, 90))
    assert within.jpeg.phase == (7, 7)
    assert within.taken == (48, 87)
    assert Bars(10).inside_of_file(FileEvidence(taken=(4000, 3000)), (70, 90)).taken == (4000, 3000)
    assert SRKernel.bicubic(2).scale == 2


@pytest.mark.parametrize("fault", [{"least": 0}, {"tolerance": 0.5}, {"inside": 1}])
def test_numbers_that_make_no_sense(fault):
    with pytest.raises(InputError, match="bars"):
        BarsConfig(**fault)
