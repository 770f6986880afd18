"""Images made periodic."""

import pytest
import torch

from blindsr.restoration.padding import BLEND, Padding

REACH = 5


def padded(height, width):
    image = torch.rand(3, height, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    padding = Padding.of((height, width), REACH)
    return image, padding, padding.pad(image)


@pytest.mark.parametrize(("height", "width"), [(37, 31), (3, 70), (1, 1)])
def test_the_image_comes_back(height, width):
    image, padding, whole = padded(height, width)
    before = image.clone()
    assert tuple(whole.shape[-2:]) == padding.size
    assert torch.equal(padding.cut(whole), image)
    assert torch.equal(image, before)


def test_an_upscaled_result_is_cut_in_phase():
    image, padding, whole = padded(7, 9)
    large = whole.repeat_interleave(4, -2).repeat_interleave(4, -1)
    assert torch.equal(padding.cut(large, 4), image.repeat_interleave(4, -2).repeat_interleave(4, -1))


def test_mirrored_as_far_as_the_filter_reaches():
    image, padding, whole = padded(37, 31)
    top = padding.before
    for i in range(1, REACH + 1):
        assert torch.equal(whole[:, top - i, top : top + 31], image[:, i - 1])
        assert torch.equal(whole[:, top + 36 + i, top : top + 31], image[:, 37 - i])


def test_opposite_ends_meet():
    _, _, whole = padded(37, 31)
    step = whole.diff(dim=-1).abs().mean()
    jump = (whole[..., 0] - whole[..., -1]).abs().mean()
    assert jump < step / (BLEND / 2)  # white noise: without the blend the jump is as large as any step


def test_constants_stay_constant():
    padding = Padding.of((11, 12), REACH)
    assert torch.allclose(padding.pad(torch.full((1, 11, 12), 0.3)), torch.tensor(0.3))
