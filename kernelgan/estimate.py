"""image -> SRKernel: the whole estimation."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from blindsr.errors import InputError
from blindsr.imaging.gradient import gradient_magnitude
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.progress import OnProgress, Progress, silent
from kernelgan.config import KernelGANConfig
from kernelgan.gan.crops import crop_probabilities, draw_corners, take_crops
from kernelgan.gan.generator import STRIDE
from kernelgan.gan.postprocess import finish
from kernelgan.gan.train import Trainer
from kernelgan.guided import Guide, combine
from kernelgan.odd_half import with_odd_half
from kernelgan.spectral.estimate import SpectralEstimate, estimate_spectral

STAGE = "kernel"
REPORT_EVERY = 50
"""Steps between reports and entries of the history."""


@dataclass(frozen=True, eq=False)
class KernelEstimate:
    """An estimated x2 kernel, 13x13 and centred, and how it came about.

    ``candidates`` are the finished kernels of the single restarts; ``history`` maps each figure
    (``g_loss``, ``d_loss``, ``sum``, each constraint) to its values, one every 50 steps. ``spectral``
    is the estimate that led, where one did.
    """

    kernel: SRKernel
    candidates: tuple[SRKernel, ...]
    history: Mapping[str, tuple[float, ...]]
    spectral: SpectralEstimate | None = None


def estimate_kernel(
    image: torch.Tensor,
    config: KernelGANConfig,
    *,
    generator: torch.Generator,
    scale: int = STRIDE,
    on_step: OnProgress = silent,
) -> KernelEstimate:
    """Estimate the x2 kernel of an LR image by KernelGAN.

    image: (C, H, W) float32 in 0..1, C 1 or 3, at least 64x64; it is only read. The work runs on the
    image's device; every random number comes from ``generator`` (on the CPU). With several restarts
    the mean of their kernels is returned. scale: from LR to HR, 2, or 4 where the x2 kernel was applied
    twice; the spectral estimate wants to know. A shape that it recognises is the answer, and no game is
    played. Raises InputError for an image too small and
    ArithmeticError where no restart ended with a usable kernel.
    Source: Bell-Kligler et al., NeurIPS 2019, section 4.
    """
    height, width = image.shape[-2:]
    smallest = config.smallest_image
    if min(height, width) < smallest:
        raise InputError(f"image is {width}x{height}; KernelGAN needs at least {smallest}x{smallest}")
    spectral, guide = None, None
    if config.guide is not None:
        spectral = estimate_spectral(image.double().cpu().numpy(), scale=scale)
        guide = Guide.from_estimate(spectral, config.guide, image)
        if config.steps == 0 or spectral.family != "gaussian":  # a recognised shape is exact
            on_step(Progress(STAGE, 1, 1, done=True))
            return KernelEstimate(SRKernel(spectral.kernel, STRIDE), (), {}, spectral)
    colour = image.expand(3, -1, -1)
    generator_corners, discriminator_corners = _draw_all(colour, config, generator)
    trainer = Trainer(config, generator, image.device, guide)
    history: dict[str, list[float]] = defaultdict(list)
    for step in range(config.steps):
        (g_ys, g_xs), (d_ys, d_xs) = generator_corners, discriminator_corners
        trainer.step(
            take_crops(colour, g_ys[step], g_xs[step], config.generator_crop),
            take_crops(colour, d_ys[step], d_xs[step], config.discriminator_crop),
        )
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == config.steps:
            values = trainer.values()
            for name, value in values.items():
                history[name].append(value)
            if step + 1 < config.steps:
                on_step(Progress(STAGE, step + 1, config.steps, values))
    candidates = _finished(trainer.kernels().double().cpu().numpy(), config)
    if spectral is not None and config.guide is not None:
        kernel = combine(candidates, spectral, config.guide)
        if config.odd is not None:
            kernel = with_odd_half(image, kernel, config.odd)
    elif candidates:
        kernel = SRKernel(np.mean([candidate.array for candidate in candidates], axis=0), STRIDE)
    else:
        raise ArithmeticError(f"KernelGAN diverged in all of its {config.restarts} restarts")
    on_step(Progress(STAGE, config.steps, config.steps, values, done=True))
    curves = {name: tuple(values) for name, values in history.items()}
    return KernelEstimate(kernel, tuple(candidates), curves, spectral)


Corners = tuple[torch.Tensor, torch.Tensor]


def _draw_all(
    image: torch.Tensor, config: KernelGANConfig, generator: torch.Generator
) -> tuple[Corners, Corners]:
    """Corners (steps, R) of every crop of the run, for G and for D."""
    count = config.steps * config.restarts
    magnitude = gradient_magnitude(image, config.gradient_clip)
    smooth = magnitude
    if config.smooth_generator_map:
        coarse = downscale(image, SRKernel.bicubic(STRIDE))
        smooth = gradient_magnitude(bicubic_upscale(coarse, STRIDE), config.gradient_clip)
    corners = []
    for field, crop in ((smooth, config.generator_crop), (magnitude, config.discriminator_crop)):
        ys, xs = draw_corners(crop_probabilities(field, crop), count, generator)
        corners.append((ys.reshape(config.steps, -1), xs.reshape(config.steps, -1)))
    return corners[0], corners[1]


def _finished(kernels: npt.NDArray[np.float64], config: KernelGANConfig) -> list[SRKernel]:
    """The usable ones of the restarts' kernels."""
    usable = []
    for kernel in kernels:
        try:
            usable.append(finish(kernel, config))
        except ArithmeticError:
            continue
    return usable
