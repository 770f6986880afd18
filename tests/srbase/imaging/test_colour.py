"""Luma and colour differences."""

import pytest
import torch

from srbase.imaging.colour import CHROMA_NOISE, LUMA_NOISE, to_rgb, to_ycc

ROUNDING = 1e-12
"""float64, sums of three products."""


def test_there_and_back():
    image = torch.rand(3, 7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert (to_rgb(to_ycc(image)) - image).abs().max() < ROUNDING


def test_gray_has_no_colour_difference():
    planes = to_ycc(torch.full((3, 2, 2), 0.7, dtype=torch.float64))
    assert planes[0].allclose(torch.tensor(0.7, dtype=torch.float64))
    assert planes[1:].abs().max() < ROUNDING


@pytest.mark.parametrize(
    ("colour", "luma", "blue", "red"),
    [((1, 0, 0), 0.299, -0.168736, 0.5), ((0, 0, 1), 0.114, 0.5, -0.081312)],
)
def test_jfif(colour, luma, blue, red):
    planes = to_ycc(torch.tensor(colour, dtype=torch.float64)[:, None, None])[:, 0, 0]
    assert planes.tolist() == pytest.approx([luma, blue, red], abs=1e-6)  # the standard gives six digits


def test_noise_of_the_planes():
    noise = torch.randn(3, 400, 400, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    variances = to_ycc(noise).var(dim=(1, 2))
    assert float(variances[0]) == pytest.approx(LUMA_NOISE, rel=0.02)  # 160,000 draws: 0.35 %, six times
    assert float(variances[1:].mean()) == pytest.approx(CHROMA_NOISE, rel=0.02)
