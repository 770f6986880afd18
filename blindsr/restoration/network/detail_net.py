"""A small network that adds detail to a result of unknown history: a residual over what was restored.

It sees LR and the result, whose pixels are channels of the LR grid, and spreads its residual by a pixel
shuffle. An untrained one adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Final

import torch
from torch import nn
from torch.nn import functional as F

COLOURS: Final = 3
SLOPE: Final = 0.1  # of the activation below 0: with none, all units died in the first steps of training
CONTRAST: Final = 4.0  # by which the result's difference from LR is multiplied: both inputs are then alike
STEP: Final = 0.25  # by which the residual is multiplied: the first steps of a training are then small


@dataclass(frozen=True, kw_only=True)
class DetailLayout:
    """The sizes of a network.

    Attributes:
        scale: from LR to SR.
        channels: of the inner layers.
        layers: 3x3 convolutions; an even number.
    """

    scale: int
    channels: int
    layers: int

    def __str__(self) -> str:
        return f"detail network for x{self.scale}, {self.layers} layers of {self.channels} channels"


class DetailNet(nn.Module):
    """3x3 convolutions on the LR grid, the inner ones in residual pairs."""

    def __init__(self, layout: DetailLayout) -> None:
        super().__init__()
        spread, channels = COLOURS * layout.scale**2, layout.channels
        self.layout = layout
        self.first = nn.Conv2d(COLOURS + spread, channels, 3, padding=1)
        inner = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(layout.layers - 2))
        self.inner = nn.ModuleList(inner)
        self.last = nn.Conv2d(channels, spread, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        if self.last.bias is not None:
            nn.init.zeros_(self.last.bias)

    def forward(self, image: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
        """LR (N, 3, h, w) and a result of it (N, 3, s*h, s*w), both in 0..1, to the result with its residual
        added; not clipped."""
        scale = self.layout.scale
        planes = F.pixel_unshuffle(made, scale)
        below = image.repeat_interleave(scale**2, dim=1)
        seen = torch.cat([image - 0.5, CONTRAST * (planes - below)], dim=1)
        features = F.leaky_relu(self.first(seen), SLOPE)
        for one, other in zip(self.inner[::2], self.inner[1::2], strict=True):
            features = features + other(F.leaky_relu(one(features), SLOPE))
        residual = F.pixel_shuffle(self.last(F.leaky_relu(features, SLOPE)), scale)
        return made + STEP * residual


def detail_layout_of(state: Mapping[str, torch.Tensor]) -> DetailLayout:
    """The sizes of the network that a state dict belongs to.

    Args:
        state: names to tensors.

    Returns:
        The sizes; whether all tensors fit is seen when they are loaded.

    Raises:
        KeyError: where a tensor that tells a size is missing.
        ValueError: where one has another number of axes, or a size that no network has.
    """
    channels, seen, _, _ = state["first.weight"].shape
    inner = sum(name.startswith("inner.") and name.endswith(".weight") for name in state)
    scale = isqrt(max(0, seen - COLOURS) // COLOURS)
    if scale not in (2, 4) or seen != COLOURS * (1 + scale**2) or inner % 2:
        raise ValueError(f"{seen} planes and {inner} inner layers")
    return DetailLayout(scale=scale, channels=int(channels), layers=inner + 2)
