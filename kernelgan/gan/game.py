"""The whole game on one image: crops drawn, G and D trained in turn, the kernels that remain."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from blindsr.imaging.gradient import gradient_magnitude
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.progress import OnProgress, Progress, silent
from kernelgan.gan.config import GANConfig
from kernelgan.gan.crops import crop_probabilities, draw_corners, take_crops
from kernelgan.gan.generator import STRIDE
from kernelgan.gan.postprocess import finish
from kernelgan.gan.train import COLOURS, Lead, Trainer

STAGE = "kernel"
REPORT_EVERY = 50
"""Steps between reports and entries of the history."""


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
    image: torch.Tensor,
    config: GANConfig,
    *,
    rng: torch.Generator,
    lead: Lead | None = None,
    on_step: OnProgress = silent,
) -> Played:
    """Play ``config.restarts`` games side by side on an LR image.

    image: (C, H, W) float32 in 0..1, C 1 or 3, at least ``config.smallest_image`` a side; only read. The
    work runs on its device; every random number comes from ``rng`` (on the CPU). lead: where G begins, and
    a penalty on its kernel. The last report, that of the end, is the caller's.
    """
    colour = image.expand(COLOURS, -1, -1)
    (g_ys, g_xs), (d_ys, d_xs) = _draw_all(colour, config, rng)
    trainer = Trainer(config, rng, image.device, lead)
    history: dict[str, list[float]] = defaultdict(list)
    for step in range(config.steps):
        trainer.step(
            take_crops(colour, g_ys[step], g_xs[step], config.generator_crop),
            take_crops(colour, d_ys[step], d_xs[step], config.discriminator_crop),
        )
        last = step + 1 == config.steps
        if last or (step + 1) % REPORT_EVERY == 0:
            values = trainer.values()
            for name, value in values.items():
                history[name].append(value)
            if not last:
                on_step(Progress(STAGE, step + 1, config.steps, values))
    kernels = _finished(trainer.kernels().double().cpu().numpy(), config)
    return Played(tuple(kernels), {name: tuple(values) for name, values in history.items()})


Corners = tuple[torch.Tensor, torch.Tensor]


def _draw_all(image: torch.Tensor, config: GANConfig, rng: torch.Generator) -> tuple[Corners, Corners]:
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
