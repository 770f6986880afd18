"""image -> SRKernel: one story for each way to the kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from blindsr.imaging.image import require_size
from blindsr.imaging.kernel import SRKernel
from blindsr.progress import OnProgress, Progress, silent
from kernelgan.config import Estimator, GuidedConfig
from kernelgan.gan.config import GANConfig
from kernelgan.gan.game import STAGE, play
from kernelgan.gan.generator import STRIDE
from kernelgan.guided import Guide, combine
from kernelgan.odd_half import with_odd_half
from kernelgan.spectral.config import SpectralConfig
from kernelgan.spectral.estimate import GAUSSIAN, SpectralEstimate, estimate_spectral


@dataclass(frozen=True, eq=False)
class KernelEstimate:
    """An estimated x2 kernel, 13x13 and centred, and how it came about.

    ``candidates`` are the finished kernels of the game's restarts, ``history`` its curves
    (:class:`kernelgan.gan.game.Played`); both are empty where no game was played. ``spectral`` is the
    estimate from the spectrum, where one was made.
    """

    kernel: SRKernel
    candidates: tuple[SRKernel, ...] = ()
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    spectral: SpectralEstimate | None = None


def estimate_kernel(
    image: torch.Tensor,
    config: Estimator,
    *,
    rng: torch.Generator,
    scale: int = STRIDE,
    on_step: OnProgress = silent,
) -> KernelEstimate:
    """Estimate the x2 kernel of an LR image in the way that ``config`` is a type of.

    image: (C, H, W) float32 in 0..1, C 1 or 3, at least ``config.smallest_image`` a side; it is only read.
    The work runs on the image's device; every random number comes from ``rng`` (on the CPU). scale: from LR
    to HR, 2, or 4 where the x2 kernel was applied twice; the spectral estimate wants to know.
    Raises InputError for an image too small and ArithmeticError where the game diverged in all restarts.
    """
    require_size(image, config.smallest_image, "kernel estimation")
    if isinstance(config, SpectralConfig):
        return _by_spectrum(image, config, scale, on_step)
    if isinstance(config, GuidedConfig):
        return _guided(image, config, scale, rng, on_step)
    return _by_game(image, config, rng, on_step)


def _by_spectrum(
    image: torch.Tensor, config: SpectralConfig, scale: int, on_step: OnProgress
) -> KernelEstimate:
    """The power spectrum alone; nothing is trained."""
    found = estimate_spectral(image.double().cpu().numpy(), config, scale=scale)
    on_step(Progress(STAGE, 1, 1, done=True))
    return KernelEstimate(SRKernel(found.kernel, STRIDE), spectral=found)


def _by_game(
    image: torch.Tensor, config: GANConfig, rng: torch.Generator, on_step: OnProgress
) -> KernelEstimate:
    """The paper's game alone (Bell-Kligler et al., NeurIPS 2019, section 4); the mean over the restarts."""
    played = play(image, config, rng=rng, on_step=on_step)
    if not played.kernels:
        raise ArithmeticError(f"KernelGAN diverged in all of its {config.restarts} restarts")
    kernel = SRKernel(np.mean([candidate.array for candidate in played.kernels], axis=0), STRIDE)
    on_step(Progress(STAGE, config.steps, config.steps, played.last, done=True))
    return KernelEstimate(kernel, played.kernels, played.history)


def _guided(
    image: torch.Tensor, config: GuidedConfig, scale: int, rng: torch.Generator, on_step: OnProgress
) -> KernelEstimate:
    """The spectrum first, then a short game that it leads, then the odd half from edges.

    A shape that the spectrum recognises is exact: it is the answer, and no game is played.
    """
    spectral = estimate_spectral(image.double().cpu().numpy(), config.spectral, scale=scale)
    if spectral.family != GAUSSIAN:
        on_step(Progress(STAGE, 1, 1, done=True))
        return KernelEstimate(SRKernel(spectral.kernel, STRIDE), spectral=spectral)
    guide = Guide.from_estimate(spectral, config.guide, image)
    played = play(image, config.game, rng=rng, lead=guide, on_step=on_step)
    kernel = combine(played.kernels, spectral, config.guide)
    kernel = with_odd_half(image, kernel, config.odd)
    on_step(Progress(STAGE, config.game.steps, config.game.steps, played.last, done=True))
    return KernelEstimate(kernel, played.kernels, played.history, spectral)
