"""Crops of images of several sizes, cut at once."""

import torch

from srbase.imaging.pixel_row import PixelRow


def test_crops_of_images_of_any_size() -> None:
    rng = torch.Generator().manual_seed(0)
    colour, gray = torch.rand((3, 21, 25), generator=rng), torch.rand((1, 30, 17), generator=rng)
    row = PixelRow.of([colour, gray])
    which, ys, xs = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 3, 22, 5]), torch.tensor([2, 17, 9, 0])
    crops = row.cut(which, ys, xs, 8, 3)
    for crop, image, y, x in zip(crops, (colour, colour, gray, gray), ys, xs, strict=True):
        assert torch.equal(crop, image[:, y : y + 8, x : x + 8].expand(3, -1, -1))


def test_crops_are_copies() -> None:
    image = torch.rand((3, 21, 25), generator=torch.Generator().manual_seed(0))
    before = image.clone()
    crops = PixelRow.of([image]).cut(torch.tensor([0]), torch.tensor([3]), torch.tensor([5]), 8, 3)
    crops += 1
    assert torch.equal(image, before)
