"""The example of docs/second-stage.md, run as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import blindsr
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.pictures import face

PAGE = Path(__file__).parents[3] / "docs" / "second-stage.md"
MOST_LINES = 30


def example():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (block,) = (block for block in blocks if "class PlugAndPlay" in block)
    return block


def stage(denoise):
    names = {}
    exec(compile(example(), str(PAGE), "exec"), names)
    return names["PlugAndPlay"](denoise)


class Denoiser(nn.Module):
    """As deepinv's: an image (N, C, H, W) and a deviation to an image; random, and it changes little."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.change = nn.Conv2d(3, 3, 3, padding=1, bias=False)

    def forward(self, image, deviation):
        return image + 0.1 * deviation * self.change(image)


def test_the_example_is_short():
    assert len(example().splitlines()) < MOST_LINES


@pytest.mark.parametrize("scale", [2, 4])
def test_the_example_undoes_a_kernel(scale):
    kernel = SRKernel.bicubic(scale)
    lr = downscale(face(96, 112), kernel).clamp(0, 1)
    sr = stage(Denoiser()).restore(lr, {scale: kernel}, scale, QUANTISATION, rng=torch.Generator())
    assert sr.shape == (3, 96, 112)
    assert (downscale(sr, kernel) - lr)[:, 2:-2, 2:-2].abs().mean() < 2 / 255


def test_the_example_fits_the_public_function():
    lr = np.asarray(downscale(face(128, 144), SRKernel.bicubic(2)).clamp(0, 1).permute(1, 2, 0))
    made = blindsr.upscale(
        lr, second_stage=stage(Denoiser()), kernel=SRKernel.bicubic(2), settings=blindsr.settings("instant")
    )
    assert made.image.shape == (128, 144, 3)
    assert made.trainings == ()
