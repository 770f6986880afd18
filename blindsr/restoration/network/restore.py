"""A trained network as second stage, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import gcd
from pathlib import Path
from typing import Final

import torch
from scipy.fft import next_fast_len

from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.architecture import COLOURS, MULTIPLE, USRNet
from blindsr.restoration.network.data_step import DataStep
from blindsr.restoration.network.weights import network_on
from blindsr.restoration.padding import BLEND, Padding
from srbase.imaging.pixels import PEAK, QUANTISATION
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import Size
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.threads import side_by_side

STAGE: Final = "network"
"""The name under which progress is told."""
MOST_SIZES: Final = 4
"""Sizes of tiles whose operators are kept."""


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A :class:`srbase.second_stage.SecondStage`: USRNet from a file.

    Attributes:
        config: which file, and how it is run.
        made: data steps by kernel, size, float type and device.
    """

    config: NetworkConfig
    made: dict[object, DataStep] = field(default_factory=dict, repr=False)

    def restore(
        self,
        image: torch.Tensor,
        kernels: Mapping[int, SRKernel],
        scale: int,
        noise_variance: float,
        *,
        rng: torch.Generator | None = None,
        on_step: OnProgress = silent,
    ) -> torch.Tensor:
        """See :meth:`srbase.second_stage.SecondStage.restore`; only the kernel of ``scale`` is used."""
        del rng
        result = image.new_empty((len(image), scale * image.shape[-2], scale * image.shape[-1]))

        def put(place: torch.Tensor, made: torch.Tensor) -> None:
            place.copy_(made)

        self.over(result, image, kernels[scale], self.level(noise_variance), put, on_step)
        return result

    def over(
        self,
        result: torch.Tensor,
        image: torch.Tensor,
        kernel: SRKernel,
        level: float,
        put: Callable[[torch.Tensor, torch.Tensor], object],
        on_step: OnProgress = silent,
    ) -> None:
        """Fill or change an SR image part by part: memory follows the tile.

        Args:
            result: SR, (C, s*h, s*w), written to.
            image: LR, (1 or 3, h, w) in 0..1; it is only read.
            kernel: that made it small.
            level: deviation of the noise that the network is told, images in 0..1.
            put: called with each part of the result (a view) and what the network made of it, in 0..1.
            on_step: called with each step of the work.
        """
        network = network_on(Path(self.config.file), self.config.sha256, image.device)
        assert isinstance(network, USRNet)
        scale = kernel.scale
        cut = tiles((image.shape[-2], image.shape[-1]), max(1, self.config.tile // scale), self.config.rim)

        def fill(tile: Tile) -> None:
            made = self._solved(network, tile.read(image), kernel, level)
            put(tile.place(result, scale), tile.core(made, scale))

        def tell(done: int) -> None:
            on_step(Progress(f"{STAGE} x{scale}", done, len(cut), done=done == len(cut)))

        side_by_side(fill, cut, image.device, tell)

    def level(self, noise_variance: float, doubt: float = 1.0) -> float:
        """The noise level that the network is told.

        Args:
            noise_variance: of each channel; what is beyond rounding to 8 bits is added.
            doubt: in the kernel, by which the variance of a clean picture is multiplied; 1: none.

        Returns:
            The deviation, images in 0..1.
        """
        clean = min(doubt * self.config.noise_level**2, self.config.noise_level_most**2) / PEAK[8] ** 2
        return float((clean + max(0.0, noise_variance - QUANTISATION)) ** 0.5)

    def _solved(self, network: USRNet, part: torch.Tensor, kernel: SRKernel, level: float) -> torch.Tensor:
        """LR (1 or 3, h, w) to SR in 0..1. Gray is shown as three equal channels."""
        size = (part.shape[-2], part.shape[-1])
        padding = padding_of(size, kernel.scale)
        padded = padding.pad(part).expand(COLOURS, -1, -1)[None]
        with torch.inference_mode():
            made = network.solve(padded, self._step(kernel, padding.size, padded), level)[0]
            made = padding.cut(made, kernel.scale).clamp(0, 1)
            return made if len(part) == COLOURS else made.mean(dim=0, keepdim=True)

    def _step(self, kernel: SRKernel, size: Size, like: torch.Tensor) -> DataStep:
        key = (kernel, size, like.dtype, like.device)
        found = self.made.get(key)
        if found is None:
            found = DataStep.of(kernel.array, kernel.scale, size, like)
            if len(self.made) < MOST_SIZES:
                self.made[key] = found
        return found


def padding_of(image: Size, scale: int) -> Padding:
    """How an LR image (h, w) is padded: to a size that transforms fast and whose SR halves three times.

    The few pixels that make it periodic are enough: 16 more changed the borders by less than 0.1 dB.
    """
    step = MULTIPLE // gcd(MULTIPLE, scale)

    def side(length: int) -> int:
        found = -(-(length + 2 * BLEND) // step) * step
        while next_fast_len(found, real=True) != found:
            found += step
        return found

    return Padding(image, (side(image[0]), side(image[1])), BLEND)
