"""Games in float64: what a few steps of Adam make of rounding is then far under any difference that counts.

In float32 the same game on one machine is 0.008 away from float64's in a cell of the kernel after four steps,
where a gradient is a small difference of large sums.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from kernelgan.config import GANConfig
from kernelgan.train import Deal, Games

SAME = 1e-8
"""Cells of kernels of a few steps in float64: rounding, grown a millionfold."""


def off_the_kinks(config: GANConfig) -> GANConfig:
    """Without two terms whose gradient has no sign at a start that is a kernel: it sums to 1 and lies in the
    middle, so that rounding decides where |1 - sum| and the distance push."""
    return replace(config, constraints=replace(config.constraints, sum_to_1=0.0, centre=0.0))


def games_in_float64(images: Sequence[torch.Tensor], config: GANConfig, seeds: Sequence[int]) -> Games:
    """Games on images (C, H, W) float64, crops anywhere, each with the random numbers of its seed."""
    deals = []
    for image, seed in zip(images, seeds, strict=True):
        rng = torch.Generator().manual_seed(seed)
        room = min(image.shape[1:]) - max(config.generator_crop, config.discriminator_crop)
        corners = torch.randint(0, room + 1, (4, config.steps, config.restarts), generator=rng)
        deal = Deal.draw(((corners[0], corners[1]), (corners[2], corners[3])), config, rng)
        parts = {n: [t.double() for t in getattr(deal, n)] for n in ("filters", "parameters", "left")}
        deals.append(replace(deal, **parts))
    games = Games(images, deals, config, None)
    if games.noise is not None:
        games.noise = (games.noise[0].double(), games.noise[1].double())
    return games


def kernels_after(games: Games) -> torch.Tensor:
    """The kernels after all steps, one by one, on the CPU."""
    for _ in range(games.config.steps):
        games.make_step()
    return games.kernels().cpu()
