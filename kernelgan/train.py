"""Several games side by side: what they are played on, their state, and how their steps are run."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

import torch

from kernelgan.config import GANConfig
from kernelgan.discriminator import initial_parameters
from kernelgan.generator import compose, initial_filters, output_side
from kernelgan.schedule import PhaseState
from kernelgan.step import COLOURS, Noise, Penalty, Seen, State, Step
from srbase.imaging.pixel_row import PixelRow
from srbase.runtime.adam import Adam
from srbase.runtime.device import replayed

CHUNK: Final = 50
"""Steps whose noise is drawn at a time, and between reports."""

Corners = tuple[torch.Tensor, torch.Tensor]
"""Rows and columns, (steps, games) each."""


class Lead(Penalty, Protocol):
    """What may lead G: where it begins, and a penalty on its kernel."""

    def begin(self, filters: list[torch.Tensor]) -> list[torch.Tensor]:
        """The filters (games, out, in, k, k), one tensor a layer, from which G starts instead of these."""


@dataclass(frozen=True, eq=False)
class Deal:
    """What one image's games are dealt before the first step: everything that is random but the noise."""

    corners: tuple[Corners, Corners]  # of G's and of D's crops, (steps, restarts)
    filters: list[torch.Tensor]
    parameters: list[torch.Tensor]
    left: list[torch.Tensor]
    rng: torch.Generator

    @classmethod
    def draw(cls, corners: tuple[Corners, Corners], config: GANConfig, rng: torch.Generator) -> "Deal":
        """Draw the networks' starts; corners were drawn before."""
        filters = initial_filters(config, rng)
        return cls(corners, filters, *initial_parameters(config, COLOURS, rng), rng)


class Games:
    """Independent games on images of any sizes, trained in the same products.

    Each equals the one that is played alone with its random numbers, to rounding.
    """

    def __init__(
        self, images: Sequence[torch.Tensor], deals: Sequence[Deal], config: GANConfig, lead: Lead | None
    ) -> None:
        device = images[0].device
        self.config, self.device = config, device
        self.rngs = [deal.rng for deal in deals]
        row, played_on = PixelRow.of(images), torch.arange(len(images), device=device)
        self.g_windows, self.d_windows = (
            row.windows(played_on.repeat_interleave(config.restarts), side, COLOURS)
            for side in (config.generator_crop, config.discriminator_crop)
        )
        rows_and_columns = (
            torch.cat([deal.corners[who][axis] for deal in deals], dim=1) for who in (0, 1) for axis in (0, 1)
        )
        self.corners = torch.stack(list(rows_and_columns), dim=1).to(device)  # (steps, 4, games)
        filters = _together([deal.filters for deal in deals], device)
        if lead is not None:
            filters = lead.begin(filters)
        betas = (config.beta_1, config.beta_2)
        self.state = State(
            Adam.of(filters, betas),
            Adam.of(_together([deal.parameters for deal in deals], device), betas),
            _together([deal.left for deal in deals], device),
            PhaseState.first(config.bicubic_phase, len(deals) * config.restarts, device),
            torch.zeros(1, dtype=torch.int64, device=device),
        )
        games = len(deals) * config.restarts
        self.step = Step(config, games, row.values, lead)
        self.noise = self._draw_noise()

    def make_step(self) -> Seen:
        """One step. A program of tensors: nothing is read by the host."""
        now = self.state.count
        y, x, d_y, d_x = self.corners.index_select(0, now)[0]
        crops, real = self.g_windows.cut(y, x), self.d_windows.cut(d_y, d_x)
        place = now % CHUNK
        if self.noise is None:
            return self.step(self.state, crops, real, None)
        fake, true = (drawn.index_select(0, place)[0] for drawn in self.noise)
        return self.step(self.state, crops, real, (fake, true))

    def play(self, on_chunk: Callable[[int, dict[str, torch.Tensor]], None]) -> None:
        """All steps; every CHUNK of them, and after the last, on_chunk is told their number and figures."""
        make_step = replayed(self.make_step, self.state.tensors(), self.device, steps=self.config.steps)
        for first in range(0, self.config.steps, CHUNK):
            if first and self.noise is not None:
                fresh = self._draw_noise()
                assert fresh is not None
                for kept, new in zip(self.noise, fresh, strict=True):
                    kept.copy_(new)
            last = min(first + CHUNK, self.config.steps)
            for _ in range(first, last):
                seen = make_step()
            on_chunk(last, seen.figures())

    def kernels(self) -> torch.Tensor:
        """The generators' kernels as they stand, (games, k, k), not normalised."""
        return compose(self.state.generator.values)

    def _draw_noise(self) -> Noise | None:
        """Noise on D's fake and real inputs for the next CHUNK of steps, (CHUNK, games, 3, n, n) each."""
        if not self.config.noise_std:
            return None
        fake = output_side(self.config.generator_crop, self.config.kernel_size)
        drawn = []
        for side in (fake, self.config.discriminator_crop):
            shape = (CHUNK, self.config.restarts, COLOURS, side, side)
            parts = _normals(shape, self.rngs)
            drawn.append((self.config.noise_std * torch.cat(parts, dim=1)).to(self.device))
        return drawn[0], drawn[1]


def _normals(shape: tuple[int, ...], rngs: Sequence[torch.Generator]) -> list[torch.Tensor]:
    """Normal numbers of each generator; of many side by side, or a hundred games would wait for them."""

    def draw(rng: torch.Generator) -> torch.Tensor:
        return torch.randn(shape, generator=rng)

    if len(rngs) == 1:
        return [draw(rngs[0])]
    with ThreadPoolExecutor(min(len(rngs), os.cpu_count() or 1)) as pool:
        return list(pool.map(draw, rngs))


def _together(lists: Sequence[list[torch.Tensor]], device: torch.device) -> list[torch.Tensor]:
    """The tensors of several images, joined along the axis of games."""
    return [torch.cat(parts).to(device) for parts in zip(*lists, strict=True)]
