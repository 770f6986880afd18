"""An image through a network in tiles, and over its flips and turns."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from srbase.errors import InputError

Network = Callable[[torch.Tensor], torch.Tensor]
"""(C, h, w) in 0..1 to (C, s*h, s*w), about 0..1."""


@dataclass(frozen=True, kw_only=True)
class TileConfig:
    """How much of an image a network sees at a time."""

    side: int = 256  # LR pixels of the part that a tile gives to the result
    margin: int = 16  # LR pixels more on each side that it sees; a 12-layer network of 3x3 reaches 12

    def __post_init__(self) -> None:
        if self.side < 1 or self.margin < 0:
            raise InputError(f"tiles have side {self.side} and margin {self.margin}; wanted 1 or more and 0")


def tiled(network: Network, image: torch.Tensor, scale: int, config: TileConfig) -> torch.Tensor:
    """The network on an image (C, H, W), tile by tile: (C, s*H, s*W), on the image's device.

    Equal to the whole image at once where the network reaches no further than the margin.
    """
    channels, height, width = image.shape
    result = image.new_zeros(channels, scale * height, scale * width)
    for top in range(0, height, config.side):
        for left in range(0, width, config.side):
            y0, x0 = max(0, top - config.margin), max(0, left - config.margin)
            bottom, right = min(height, top + config.side), min(width, left + config.side)
            seen = image[:, y0 : bottom + config.margin, x0 : right + config.margin]
            made = network(seen)
            result[:, scale * top : scale * bottom, scale * left : scale * right] = made[
                :,
                scale * (top - y0) : scale * (bottom - y0),
                scale * (left - x0) : scale * (right - x0),
            ]
    return result


def self_ensemble(network: Network, image: torch.Tensor) -> torch.Tensor:
    """The mean over the eight flips and quarter turns of (C, H, W): the "+" of EDSR+ and RCAN+.

    Source: Lim et al., "Enhanced Deep Residual Networks", CVPRW 2017, section 3.4.
    """
    total: torch.Tensor | None = None
    for turns in range(4):
        for flip in (False, True):
            turned = torch.rot90(image.flip(-1) if flip else image, turns, (-2, -1))
            made = torch.rot90(network(turned.contiguous()), -turns, (-2, -1))
            made = made.flip(-1) if flip else made
            total = made if total is None else total + made
    assert total is not None
    return total / 8
