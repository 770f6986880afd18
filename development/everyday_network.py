"""A small network that adds detail to an enlarged picture of unknown history.

It takes LR, works on its grid, and adds what a pixel shuffle spreads from it to bicubic interpolation: at its
beginning nothing at all.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageFilter
from torch import nn
from torch.nn import functional as F

from srbase.imaging.resample import bicubic_upscale

Pixels = npt.NDArray[np.uint8]

SLOPE: Final = 0.1  # of the activation below 0: with none, all units died in the first steps

FILTERS: Final = (
    Image.Resampling.LANCZOS,
    Image.Resampling.BICUBIC,
    Image.Resampling.BOX,
    Image.Resampling.HAMMING,
    Image.Resampling.BILINEAR,
)
"""What programs shrink with; each as likely as the others."""


class EverydayNet(nn.Module):
    """A stack of 3x3 convolutions on the LR grid; 32 channels and 8 layers have 60,000 parameters at x2."""

    def __init__(self, scale: int, channels: int = 32, layers: int = 8) -> None:
        super().__init__()
        self.scale = scale
        inner = [nn.Conv2d(channels, channels, 3, padding=1) for _ in range(layers - 2)]
        self.first = nn.Conv2d(3, channels, 3, padding=1)
        self.inner = nn.ModuleList(inner)
        self.last = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        if self.last.bias is not None:
            nn.init.zeros_(self.last.bias)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """LR (N, 3, h, w) in 0..1 to SR (N, 3, s*h, s*w), not clipped."""
        features = F.leaky_relu(self.first(image - 0.5), SLOPE)
        for one, other in zip(self.inner[::2], self.inner[1::2], strict=False):
            features = features + other(F.leaky_relu(one(features), SLOPE))
        residual = F.pixel_shuffle(self.last(F.leaky_relu(features, SLOPE)), self.scale)
        base: torch.Tensor = bicubic_upscale(image, self.scale)
        return base + residual


def everyday_pair(
    photograph: Pixels, scale: int, side: int, rng: np.random.Generator
) -> tuple[Pixels, Pixels]:
    """A crop as a program, a site or a camera leaves it, and the truth.

    Both sizes are shrunk from one part of the photograph by one filter. LR alone is then sharpened, given
    grain, enlarged before, or stored as JPEG, each with the probability in the code.

    Args:
        photograph: (H, W, 3), 8 bits, sides at least ``1.3 * scale * side``.
        scale: from LR to the truth.
        side: LR pixels of the crop.
        rng: draws everything.

    Returns:
        LR (side, side, 3) and the truth (s*side, s*side, 3), 8 bits.
    """
    most = min(photograph.shape[:2]) / (scale * side)
    factor = min(float(rng.uniform(1.25, 2.2)), most)
    part = int(factor * scale * side)
    top, left = (int(rng.integers(0, n - part + 1)) for n in photograph.shape[:2])
    image = Image.fromarray(photograph[top : top + part, left : left + part])
    chosen = FILTERS[int(rng.integers(len(FILTERS)))]
    truth, lr = image.resize((scale * side,) * 2, chosen), image.resize((side,) * 2, chosen)
    for probability, change in CHANGES:
        if rng.random() < probability:
            lr = change(lr, rng)
    return np.asarray(lr), np.asarray(truth)


def _enlarge(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    small = tuple(max(8, int(n / rng.uniform(1.2, 2.0))) for n in image.size)
    filtered = image.resize((small[0], small[1]), Image.Resampling.BICUBIC)
    return filtered.resize(image.size, Image.Resampling.BICUBIC)


def _sharpen(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    mask = ImageFilter.UnsharpMask(float(rng.uniform(0.4, 1.2)), int(rng.uniform(30, 110)), 0)
    return image.filter(mask)


def _grain(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    levels = np.asarray(image).astype(np.float64)
    noisy = levels + rng.uniform(1, 9) * rng.standard_normal(levels.shape)
    return Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))


def _store(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(70, 97)), subsampling=int(rng.choice([0, 2])))
    return Image.open(file).convert("RGB")


CHANGES: Final[tuple[tuple[float, Callable[[Image.Image, np.random.Generator], Image.Image]], ...]] = (
    (0.15, _enlarge),
    (0.3, _sharpen),
    (0.2, _grain),
    (0.5, _store),
)
"""Probability and change, in the order in which they happen to a picture."""
