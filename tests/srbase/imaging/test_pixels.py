"""Arrays of pixels to images and back: what is none, and what alpha hides."""

import numpy as np
import pytest
import torch

from srbase.errors import InputError
from srbase.imaging.pixels import depth, quantise, to_tensors


def test_colours_under_full_transparency_do_not_ring_into_the_edge():
    pixels = np.full((31, 37, 4), 200, np.uint8)
    pixels[:, 20:] = (255, 0, 255, 0)
    image, alpha = to_tensors(pixels)
    assert bool((image == 200 / 255).all())
    assert alpha is not None


def test_an_opaque_alpha_is_dropped():
    pixels = np.full((31, 37, 4), 255, np.uint8)
    assert to_tensors(pixels)[1] is None


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((3, 4, 5), np.uint8), "shape"),
        (np.zeros(7, np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "shape"),
        (np.full((4, 4), 255.0), "0..1"),
        (np.full((4, 4), np.nan), "NaN"),
        (np.full((4, 4), -0.1), "0..1"),
        (np.zeros((4, 4), bool), "bool"),
        *(
            (np.zeros((4, 4), kind), rf"image is of {np.dtype(kind)}; .*astype\(numpy.uint16\).*give floats")
            for kind in (np.int8, np.int16, np.int32, np.int64, np.uint32, np.uint64, complex, object, "U1")
        ),
        (np.zeros((4, 4), "datetime64[s]"), "datetime64"),
    ],
)
def test_arrays_that_are_no_images_are_refused(pixels, message):
    with pytest.raises(InputError, match=message):
        to_tensors(pixels)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_whole_numbers_come_back_and_halves_are_rounded_up(rng, bits, channels):
    dtype = np.uint8 if bits == 8 else np.uint16
    shape = (31, 37) if channels == 1 else (31, 37, channels)
    pixels = rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    image, _ = to_tensors(pixels)
    assert image.shape == (channels, 31, 37)
    assert depth(pixels) == bits
    np.testing.assert_array_equal(quantise(image, bits), pixels)
    below, above = (quantise(image + step / np.iinfo(dtype).max, bits) for step in (-0.4, 0.4))
    np.testing.assert_array_equal(below, pixels)
    np.testing.assert_array_equal(above, pixels)
    half = torch.full((1, 1, 1), 7.5 / np.iinfo(dtype).max, dtype=torch.float64)
    assert quantise(half, bits).item() == 8


def test_the_depth_is_that_of_the_type():
    assert [depth(np.zeros((2, 3), kind)) for kind in (np.uint8, np.uint16, np.float32)] == [8, 16, 16]
