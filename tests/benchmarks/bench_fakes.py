"""Methods and images that need no training."""

import os
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.data.make import MakeConfig, Source, make
from benchmarks.methods.base import Given, Made, Method
from srbase.imaging.resample import bicubic_upscale


def photograph(number: int, height: int = 146, width: int = 134) -> torch.Tensor:
    """A smooth random colour image (3, H, W) in 0..1; odd sizes at x4."""
    rng = torch.Generator().manual_seed(number)
    small = torch.rand(3, height // 6, width // 6, generator=rng)
    large = torch.nn.functional.interpolate(small[None], (height, width), mode="bicubic", align_corners=False)
    return large[0].clamp(0, 1)


def small_set(root: Path, count: int = 3, scales: tuple[int, ...] = (2,), protocol: str = "div2krk") -> Path:
    sources = [Source(n, f"{n}.png", lambda n=n: photograph(n)) for n in range(1, count + 1)]
    list(make(sources, root, MakeConfig(scales=scales, seed=3, protocol=protocol)))
    return root


class Slow(Method):
    """Bicubic with noise from the seed, after a while: a method that can be killed at work."""

    name = "slow"

    def run(self, given: Given) -> Made:
        time.sleep(0.05)
        rng = torch.Generator().manual_seed(given.seed)
        noise = 0.01 * torch.randn(given.lr.shape, generator=rng)
        sr = bicubic_upscale(given.lr + noise, given.scale)
        return Made(sr, sr_seconds=0.05)


class Failing(Method):
    """Fails on image 2."""

    name = "failing"

    def run(self, given: Given) -> Made:
        if given.image == "im_2":
            raise RuntimeError("out of\nmemory")
        return Made(bicubic_upscale(given.lr, given.scale))


class Dying(Method):
    """Takes its process along on image 2."""

    name = "dying"

    def run(self, given: Given) -> Made:
        if given.image == "im_2":
            os._exit(9)
        return Made(bicubic_upscale(given.lr, given.scale))


class DyingOnce(Slow):
    """Slow, but takes its process along on image 2, the first time; the file remembers."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def run(self, given: Given) -> Made:
        if given.image == "im_2" and not self.marker.exists():
            self.marker.touch()
            os._exit(9)
        return super().run(given)


class NotANumber(Method):
    """Returns NaN."""

    name = "nan"

    def run(self, given: Given) -> Made:
        return Made(bicubic_upscale(given.lr, given.scale) * np.nan)
