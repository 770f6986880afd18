import doctest

import pytest

from blindsr import enlargement
from blindsr.enlargement import Enlargement
from srbase.errors import InputError


def test_the_examples():
    assert doctest.testmod(enlargement).failed == 0


@pytest.mark.parametrize("factor", [1.5, 2, 2.5, 3, 3.999, 4])
@pytest.mark.parametrize("size", [(37, 31), (64, 64), (1, 1), (640, 479)])
def test_factors(factor, size):
    plan = Enlargement(factor=factor).plan(*size)
    assert plan.scale == (2 if factor <= 2 else 4)
    for made, given in zip((plan.width, plan.height), size, strict=True):
        assert abs(made - given * factor) <= 0.5
    assert plan.resized == ((plan.width, plan.height) != (plan.scale * size[0], plan.scale * size[1]))


@pytest.mark.parametrize("width", [38, 74, 75, 148])
def test_a_width_is_exact(width):
    plan = Enlargement(width=width).plan(37, 31)
    assert plan.width == width
    assert abs(plan.height - 31 * width / 37) <= 0.5


@pytest.mark.parametrize("box", [(74, 40), (50, 124), (100, 100)])
def test_a_box_is_filled_along_one_axis_and_not_left(box):
    plan = Enlargement(width=box[0], height=box[1]).plan(37, 31)
    assert plan.width <= box[0]
    assert plan.height <= box[1]
    assert (plan.width == box[0]) | (plan.height == box[1])


@pytest.mark.parametrize("wrong", [{"factor": 1.4}, {"factor": 4.1}, {"width": 0}, {"height": -1}])
def test_what_is_no_enlargement(wrong):
    with pytest.raises(InputError, match="wanted"):
        Enlargement(**wrong)
