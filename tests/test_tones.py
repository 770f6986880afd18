"""An image times a constant gives its result times that constant, however few of its container's tones it
uses."""

import numpy as np
import pytest
import torch

from blindsr import pipeline
from blindsr.configuration import assuming
from srbase.imaging.pixels import PEAK
from srbase.kernels.random_kernels import random_kernel
from tests.few_steps import SMALL, SMALL_INSTANT, SMALL_PAPER
from tests.pictures import face

KERNEL = random_kernel(np.random.default_rng(3), 2).kernel
OWN_LEVEL = 0.5
"""Levels of the image's own depth: half of one is what rounding may do."""
FLOATS = 2e-4
"""Of the result's largest value: float32 products in another order, grown by the inverse and a few steps."""

WAYS = {
    "instant": SMALL_INSTANT,
    "instant real on": assuming(SMALL_INSTANT, "camera"),
    "instant real off": assuming(SMALL_INSTANT, "computer"),
    "default": SMALL,
    "paper": SMALL_PAPER,
}
QUICK = ("instant", "instant real off")
TRAINED = [way if way in QUICK else pytest.param(way, marks=pytest.mark.slow) for way in WAYS]


def photograph() -> torch.Tensor:
    """A face in the middle of its range, so that no overshoot leaves it."""
    image = face(64, 71)
    return 0.2 + 0.4 * (image - image.min()) / (image.max() - image.min())


def clipped() -> torch.Tensor:
    """The same, overexposed and with black shadows."""
    return (3.6 * photograph() - 0.92).clamp(0, 1)


def levels_of(image: torch.Tensor, bits: int) -> torch.Tensor:
    return (image * (2**bits - 1)).round()


def made(image: torch.Tensor, way: str, kernel=None) -> torch.Tensor:
    return pipeline.upscale(image, 2, kernel=kernel, settings=WAYS[way], device="cpu").image.double()


PAIRS = [(photograph, None), (clipped, KERNEL), (photograph, KERNEL), (clipped, None)]
"""Each picture with each way to the kernel; of the numbers beside them the first goes with the first two."""


@pytest.mark.parametrize(
    ("bits", "picture", "kernel"), [(10, *PAIRS[0]), (10, *PAIRS[1]), (12, *PAIRS[2]), (12, *PAIRS[3])]
)
@pytest.mark.parametrize("way", TRAINED)
def test_few_bits_of_sixteen_are_upscaled_as_all_of_them(way, bits, picture, kernel):
    whole = levels_of(picture(), bits)
    spread = whole * (2 ** (16 - bits))  # the same, in the upper bits
    few_bits, all_bits = (made(x / PEAK[16], way, kernel) for x in (whole, spread))
    off = (few_bits * PEAK[16] - all_bits * PEAK[16] / 2 ** (16 - bits)).abs().max()
    assert off < OWN_LEVEL


@pytest.mark.parametrize(
    ("share", "picture", "kernel"),
    [(0.77, *PAIRS[0]), (0.77, *PAIRS[1]), (0.01, *PAIRS[2]), (0.01, *PAIRS[3])],
)
@pytest.mark.parametrize("way", TRAINED)
def test_floats_of_any_range_are_upscaled_alike(way, share, picture, kernel):
    image = picture() * 0.98
    result = made(image * share, way, kernel)
    assert (result / share - made(image, way, kernel)).abs().max() < FLOATS


@pytest.mark.parametrize("way", WAYS)
def test_eight_bits_of_half_the_range(way):
    """Rounding to half as many levels is noise, of which the inverse makes more; a level of 8 bits is
    allowed."""
    image = levels_of(photograph(), 7)
    half, whole = made(image / 255, way, KERNEL), made(2 * image / 255, way, KERNEL)
    assert (half * 255 - whole * 255 / 2).abs().max() < 1


@pytest.mark.parametrize("way", ["instant", "default"])
def test_dark_pixels_of_deep_data_stay(way):
    """Half of them became 0 where 10 bits of 16 were used."""
    image = levels_of(photograph() ** 3, 10) / PEAK[16]
    assert float(image.median()) < 0.75 / 255
    zeros = (made(image, way, KERNEL) == 0).double().mean()
    assert zeros < 0.01
