"""What is an image, how large it must be, and what its middle is."""

import pytest
import torch

from srbase.errors import InputError
from srbase.imaging.image import central, require_image, require_size


@pytest.mark.parametrize("channels", [1, 3])
def test_gray_and_colour_are_images(channels):
    require_image(torch.zeros(channels, 31, 37))


@pytest.mark.parametrize("shape", [(31, 37), (2, 31, 37), (4, 31, 37), (0, 31, 37), (1, 3, 31, 37)])
def test_other_shapes_are_none(shape):
    with pytest.raises(InputError, match=r"image has shape .*; wanted \(1 or 3, height, width\)"):
        require_image(torch.zeros(shape))


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_one_value_that_is_no_number_is_enough(value):
    image = torch.zeros(3, 31, 37)
    image[2, 30, 36] = value
    with pytest.raises(InputError, match="NaN or infinite"):
        require_image(image)


@pytest.mark.parametrize(("height", "width"), [(31, 31), (31, 90), (90, 31)])
def test_both_sides_must_have_their_pixels(height, width):
    image = torch.zeros(3, height, width)
    require_size(image, 31, "this")
    with pytest.raises(InputError, match=f"image is {width}x{height}; this needs at least 32x32"):
        require_size(image, 32, "this")


@pytest.mark.parametrize(
    ("side", "multiple", "rows", "columns"),
    [
        (9, 1, (11, 20), (14, 23)),  # odd of odd: the very middle
        (8, 1, (11, 19), (14, 22)),  # even of odd: one pixel more is left out at the end
        (33, 1, (0, 31), (2, 35)),  # more than the height
        (99, 1, (0, 31), (0, 37)),
        (9, 4, (11, 19), (14, 22)),
        (99, 4, (1, 29), (0, 36)),  # each axis is rounded by itself
        (3, 4, (15, 15), (18, 18)),  # less than the multiple: nothing
    ],
)
def test_the_middle_of_an_image_of_odd_sides(side, multiple, rows, columns):
    image = torch.arange(2 * 31 * 37).reshape(2, 31, 37)
    found = central(image, side, multiple=multiple)
    assert torch.equal(found, image[:, slice(*rows), slice(*columns)])


def test_the_middle_is_a_view():
    image = torch.zeros(1, 31, 37)
    central(image, 5)[:] = 1
    assert float(image.sum()) == 25


def test_flipping_an_image_of_odd_sides_flips_its_odd_middle():
    image = torch.rand((3, 31, 37), generator=torch.Generator().manual_seed(0))
    flipped = central(image.flip((-2, -1)), 9)
    assert torch.equal(flipped, central(image, 9).flip((-2, -1)))
