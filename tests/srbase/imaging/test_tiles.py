"""Tiles cover an image once and know their way back."""

import pytest
import torch

from srbase.imaging.tiles import tiles


@pytest.mark.parametrize(("size", "side", "rim"), [((37, 31), 10, 3), ((37, 31), 64, 5), ((5, 90), 7, 20)])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_each_pixel_once(size, side, rim, scale):
    image = torch.arange(size[0] * size[1]).reshape(1, *size)
    result = torch.full((1, scale * size[0], scale * size[1]), -1)
    for tile in tiles(size, side, rim):
        read = tile.read(image)
        core = tile.core(read.repeat_interleave(scale, -2).repeat_interleave(scale, -1), scale)
        assert max(core.shape[-2:]) <= scale * side
        assert bool((tile.place(result, scale) == -1).all())
        tile.place(result, scale).copy_(core)
    assert torch.equal(result, image.repeat_interleave(scale, -2).repeat_interleave(scale, -1))


@pytest.mark.parametrize("size", [(37, 31), (12, 5), (200, 201)])
def test_rims_reach_at_least_as_far_as_asked_inside_the_image(size):
    side, rim = 10, 3
    for tile in tiles(size, side, rim):
        for span, length in ((tile.rows, size[0]), (tile.columns, size[1])):
            assert 0 <= span.begin <= max(0, span.first - rim)
            assert min(length, span.last + rim) <= span.end <= length


def test_all_tiles_are_read_in_one_size():
    image = torch.zeros(1, 403, 317)
    assert {tile.read(image).shape for tile in tiles((403, 317), 50, 7)} == {(1, 45 + 14, 46 + 14)}


def test_cores_are_nearly_equal():
    lengths = {tile.rows.last - tile.rows.first for tile in tiles((1001, 10), 100, 0)}
    assert max(lengths) - min(lengths) <= 1
    assert len(tiles((1000, 10), 100, 0)) == 10
