"""Who made an image small: a computer by a slanted kernel, or a camera; and what overrides the evidence."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from scipy import ndimage

from blindsr.analysis.chroma import ColourConfig
from blindsr.analysis.origin import NOTHING, OriginConfig, judge
from blindsr.io.file_evidence import Told
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from srbase.errors import InputError
from srbase.imaging.colour import to_rgb, to_ycc
from srbase.imaging.resample import downscale
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import eight_bits, photo, through_jpeg

CONFIG = OriginConfig()
PARTS = {"prior", "colours", "apart", "gray", "jpeg", "size", "slope", "round", "misfit", "spread"}


@cache
def estimate_of(image):
    """The spectral estimate, which does not look at what is believed of the origin."""
    return estimate_spectral(image.double().numpy(), SpectralConfig())


def origin_of(image, file_evidence=NOTHING, **changed):
    """The origin of an image, judged by the default's numbers with some changed."""
    rules = replace(CONFIG, **changed)
    return judge(image.double().numpy(), estimate_of(image), rules, ColourConfig(), file_evidence)


@pytest.fixture(scope="module")
def computers():
    slanted = random_kernel(np.random.default_rng(1)).kernel
    return eight_bits(downscale(photo("coffee"), slanted))


@pytest.fixture(scope="module")
def cameras():
    """Blurred, sharpened, its colours coarse: the photograph at its own size."""
    image = photo("coffee").double().numpy()
    blurred = ndimage.gaussian_filter(image, (0, 0.6, 0.6))
    sharpened = blurred + 0.4 * (blurred - ndimage.gaussian_filter(blurred, (0, 2, 2)))
    planes = to_ycc(torch.from_numpy(sharpened))
    coarse = torch.from_numpy(ndimage.gaussian_filter(planes[1:].numpy(), (0, 1.6, 1.6)))
    return eight_bits(to_rgb(torch.cat([planes[:1], coarse])))


def test_a_computer_and_a_camera_are_told_apart(computers, cameras):
    assert origin_of(computers).computer > 0.9
    assert origin_of(cameras).computer < 0.3


def test_the_evidence_adds_up(computers):
    found = origin_of(computers, sure=1.0)
    assert found.computer == pytest.approx(1 / (1 + np.exp(-sum(found.evidence.values()))))
    assert set(found.evidence) == PARTS
    assert (found.evidence["jpeg"], found.evidence["size"], found.evidence["slope"]) == (0, 0, 0)


@pytest.mark.parametrize("quality", [95, 85])
def test_so_are_their_jpegs(computers, cameras, quality):
    probabilities = []
    for image in (computers, cameras):
        pixels, tables = through_jpeg(image, quality)
        array = pixels.double().numpy()
        estimate = estimate_spectral(array, SpectralConfig(), jpeg=tables)
        found = judge(array, estimate, CONFIG, ColourConfig(), Told(tables))
        assert found.evidence["jpeg"] == CONFIG.jpeg
        probabilities.append(found.computer)
    assert probabilities[0] > 0.6
    assert probabilities[1] < 0.3


def test_the_size_that_a_camera_tells_speaks_for_it_or_for_a_computer(computers, cameras):
    """Louder than the pixels: what is out of focus has as little fine detail as what was made small."""
    for image, times, computer in ((computers, 1, 0), (cameras, 2, 1)):
        taken = (times * image.shape[1], times * image.shape[2])
        silent, told = origin_of(image), origin_of(image, Told(taken=taken))
        assert abs(silent.computer - computer) > abs(told.computer - computer)
        assert (told.computer > 0.5) == bool(computer)


def test_what_is_sure_is_certain(computers):
    assert origin_of(computers, sure=0.5).computer == 1


@pytest.mark.parametrize(("word", "probability"), [("camera", 0.0), ("computer", 1.0)])
def test_an_assumption_overrides_the_evidence(computers, word, probability):
    assert origin_of(computers, assume=word).computer == probability


def test_a_sharp_image_is_trusted_up_to_the_most_and_wholly_where_it_is_taken_as_downscaled(computers):
    assert 0.8 < origin_of(computers).trust <= CONFIG.trust_most
    assert origin_of(computers, assume="computer").trust == 1


def test_an_image_blurred_long_before_is_trusted_little(computers):
    blurred = torch.from_numpy(ndimage.gaussian_filter(computers.numpy(), (0, 3, 3)))
    assert origin_of(eight_bits(blurred)).trust < 0.2


def test_a_regular_scene_is_not_believed():
    """Lit windows in a grid: their lines look like the zeros of a motion's spectrum."""
    scene = torch.full((3, 256, 256), 0.06)
    rng = np.random.default_rng(1)
    for y in range(8, 236, 22):
        for x in range(6, 240, 17):
            scene[:, y : y + 12, x : x + 9] = float(rng.uniform(0.3, 1))
    small = eight_bits(downscale(scene, random_kernel(np.random.default_rng(2)).kernel))
    found = origin_of(small)
    assert found.evidence["misfit"] < -2
    assert found.computer < 0.5


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flat_image_is_judged_too(channels):
    found = origin_of(torch.full((channels, 64, 70), 0.5))
    assert 0 <= found.computer <= 1
    assert 0 <= found.trust <= 1


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match=r"sure is 0\.2"):
        OriginConfig(sure=0.2)


def test_a_trimmed_picture_is_not_one_made_smaller(cameras):
    height, width = cameras.shape[1:]
    trimmed = 1 / (CONFIG.shrunk_most + 0.01)

    def heard(high, wide):
        taken = (round(wide * width), round(high * height))
        return origin_of(cameras, Told(taken=taken)).evidence["size"]

    assert heard(1, 1) == CONFIG.taken
    assert heard(2, 2) == CONFIG.shrunk
    assert heard(trimmed, trimmed) == 0
    assert heard(2, 2 * (1 + 2 * CONFIG.shrunk_shape)) == 0  # a part of the larger one
    assert heard(0, 0) == 0
