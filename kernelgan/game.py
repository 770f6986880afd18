"""The whole game on one image: crops drawn, G and D trained in turn, the kernels that remain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from kernelgan.config import GANConfig
from kernelgan.crops import crop_probabilities, draw_corners
from kernelgan.generator import STRIDE
from kernelgan.postprocess import finish
from kernelgan.train import Corners, Deal, Games, Lead
from srbase.imaging.gradient import gradient_magnitude
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent

STAGE = "kernel"
TOGETHER: Final = 32
"""Images at once that are worth it: a step on a large graphics card then costs little more than that of
one."""


@dataclass(frozen=True, eq=False)
class Played:
    """How a game ended.

    ``kernels`` are the finished x2 kernels of the restarts that did not diverge; ``history`` maps each
    figure (``g_loss``, ``d_loss``, ``sum``, each constraint) to its values, one every 50 steps.
    """

    kernels: tuple[SRKernel, ...]
    history: Mapping[str, tuple[float, ...]]

    @property
    def last(self) -> dict[str, float]:
        """The figures of the last step."""
        return {name: values[-1] for name, values in self.history.items()}


def play(
    images: Sequence[torch.Tensor],
    config: GANConfig,
    *,
    rngs: Sequence[torch.Generator],
    lead: Lead | None = None,
    on_step: OnProgress = silent,
) -> list[Played]:
    """Play ``config.restarts`` games on each LR image, all side by side.

    images: (C, H, W) float32 in 0..1 each, C 1 or 3, at least ``config.smallest_image`` a side, on one
    device, where the work runs; only read. rngs: one for each image, on the CPU; every random number of its
    games comes from its own, so that they do not depend on the others. lead: where all the G begin, and a
    penalty on their kernels. The last report, that of the end, is the caller's.
    """
    deals = [Deal.draw(_corners(i, config, rng), config, rng) for i, rng in zip(images, rngs, strict=True)]
    games = Games(images, deals, config, lead)
    histories: list[dict[str, list[float]]] = [defaultdict(list) for _ in images]

    def note(step: int, figures: dict[str, torch.Tensor]) -> None:
        table = (
            torch.stack(list(figures.values())).reshape(len(figures), len(images), -1).mean(dim=2).tolist()
        )
        for name, row in zip(figures, table, strict=True):
            for history, value in zip(histories, row, strict=True):
                history[name].append(value)
        if step < config.steps:
            values = {name: sum(row) / len(row) for name, row in zip(figures, table, strict=True)}
            on_step(Progress(STAGE, step, config.steps, values))

    games.play(note)
    kernels = games.kernels().double().cpu().numpy().reshape(len(images), config.restarts, -1)
    size = config.kernel_size
    return [
        Played(
            tuple(_finished(own.reshape(-1, size, size), config)), {n: tuple(v) for n, v in history.items()}
        )
        for own, history in zip(kernels, histories, strict=True)
    ]


def _corners(image: torch.Tensor, config: GANConfig, rng: torch.Generator) -> tuple[Corners, Corners]:
    """Corners (steps, R) of every crop of the run, for G and for D."""
    count = config.steps * config.restarts
    magnitude = gradient_magnitude(image, config.gradient_clip)
    smooth = magnitude
    if config.smooth_generator_map:
        coarse = downscale(image, SRKernel.bicubic(STRIDE))
        smooth = gradient_magnitude(bicubic_upscale(coarse, STRIDE), config.gradient_clip)
    corners = []
    for field, crop in ((smooth, config.generator_crop), (magnitude, config.discriminator_crop)):
        ys, xs = draw_corners(crop_probabilities(field, crop), count, rng)
        corners.append((ys.reshape(config.steps, -1), xs.reshape(config.steps, -1)))
    return corners[0], corners[1]


def _finished(kernels: npt.NDArray[np.float64], config: GANConfig) -> list[SRKernel]:
    """The usable ones of the restarts' kernels."""
    usable = []
    for kernel in kernels:
        try:
            usable.append(finish(kernel, config))
        except ArithmeticError:
            continue
    return usable
