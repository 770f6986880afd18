"""Drawings and pixel art through the program: what they become, and what a person may say of them."""

import numpy as np
import pytest

import blindsr
from srbase.errors import InputError
from tests.few_steps import SMALL_INSTANT


@pytest.fixture(scope="module")
def art():
    """Pixel art of five colours and an alpha, 31x37, each pixel 3 pixels a side."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (5, 4), dtype=np.uint8)
    return colours[rng.integers(0, 5, (31, 37))].repeat(3, 0).repeat(3, 1)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_pixel_art_is_repeated_and_its_alpha_too(art, scale):
    result = blindsr.upscale(art, scale=scale, settings=SMALL_INSTANT, device="cpu")
    assert np.array_equal(result.image, art.repeat(scale, 0).repeat(scale, 1))
    assert result.analysis.kind.blocks.factor == 3
    assert any("pixel art" in line and "by 3" in line for line in result.notes)


def test_what_a_person_says_stands(art):
    said = blindsr.upscale(art, kind="drawing", settings=SMALL_INSTANT, device="cpu")
    assert said.analysis.kind.name == "drawing"
    assert any(line.startswith("treated as a drawing") for line in said.notes)
    photo = blindsr.upscale(art, kind="photo", settings=SMALL_INSTANT, device="cpu")
    assert photo.analysis.combination is not None
    assert not np.array_equal(photo.image, said.image)


def test_a_camera_or_a_kernel_makes_photographs(art):
    for real in ("on", "off"):
        result = blindsr.upscale(art, real=real, settings=SMALL_INSTANT, device="cpu")
        assert result.analysis.kind.name == "photo"


def test_trust_0_is_bicubic_interpolation(art):
    half = blindsr.upscale(art, trust=0.0, settings=SMALL_INSTANT, device="cpu")
    photo = blindsr.upscale(art, trust=0.0, kind="photo", settings=SMALL_INSTANT, device="cpu")
    off = np.abs(half.image[..., :3].astype(int) - photo.image[..., :3])
    assert off.max() <= 1  # rounding


def test_a_kernel_is_wanted_of_what_looks_like_a_drawing(art):
    kernel = blindsr.estimate_kernel(art, settings=SMALL_INSTANT, device="cpu")
    assert kernel.array.shape == (13, 13)
    assert not np.array_equal(kernel.array, blindsr.SRKernel.bicubic(2).array)


def test_kinds_that_cannot_be_are_refused(art):
    with pytest.raises(InputError, match="kind is 'sketch'; wanted one of auto, photo, drawing, pixels"):
        blindsr.upscale(art, kind="sketch", device="cpu")
    with pytest.raises(InputError, match="analyse nothing"):
        blindsr.upscale(art, kind="pixels", settings=blindsr.settings("paper"), device="cpu")
    with pytest.raises(InputError, match="analyse nothing"):
        blindsr.settings("paper", kind="drawing")


def test_a_small_sprite_needs_no_network_and_says_nothing_of_one(art):
    sprite = art[::3, ::3, :3][:17, :19]
    result = blindsr.upscale(sprite, device="cpu")  # a notice is an error in tests
    assert np.array_equal(result.image, sprite.repeat(2, 0).repeat(2, 1))
