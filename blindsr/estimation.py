"""image -> SRKernel: one story for each way to the kernel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import torch

from blindsr.analysis.file_evidence import Told
from blindsr.analysis.origin import Origin, judge
from blindsr.estimators import Estimator, GuidedConfig
from blindsr.spectral.antisymmetric import with_odd_half
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import GAUSSIAN, SpectralEstimate, estimate_spectral
from blindsr.tone_settings import estimator_for_tones
from kernelgan.config import GANConfig
from kernelgan.game import STAGE, Played, play
from kernelgan.generator import STRIDE
from kernelgan.guided import Guide, combine
from kernelgan.watch import verdict
from srbase.imaging.image import require_size
from srbase.imaging.tones import Tones
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent


@dataclass(frozen=True, eq=False)
class KernelEstimate:
    """An estimated x2 kernel, 13x13 and centred, and how it came about.

    ``candidates`` are the finished kernels of the game's restarts, ``history`` its curves
    (:class:`kernelgan.game.Played`); both are empty where no game was played. ``spectral`` is the
    estimate from the spectrum, where one was made, and ``origin`` what follows about who made the image
    small. ``doubts`` says in words what a watched game's kernel has against it.
    """

    kernel: SRKernel
    candidates: tuple[SRKernel, ...] = ()
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    spectral: SpectralEstimate | None = None
    origin: Origin | None = None
    doubts: tuple[str, ...] = ()


def estimate_kernel(
    image: torch.Tensor,
    config: Estimator,
    *,
    rng: torch.Generator,
    scale: int = STRIDE,
    told: Told | None = None,
    on_step: OnProgress = silent,
) -> KernelEstimate:
    """Estimate the x2 kernel of an LR image in the way that ``config`` is a type of.

    image: (C, H, W) float32 in 0..1, C 1 or 3, at least ``config.smallest_image`` a side; it is only read.
    The work runs on the image's device; every random number comes from ``rng`` (on the CPU). scale: from LR
    to HR, 2, or 4 where the x2 kernel was applied twice; the spectral estimate wants to know, and so it does
    what the image's file told, its tables where they matter.
    Raises InputError for an image too small and ArithmeticError where the game diverged in all restarts.
    """
    found = estimate_kernels([image], config, rngs=[rng], scale=scale, told=[told or Told()], on_step=on_step)
    return found[0]


def estimate_kernels(
    images: Sequence[torch.Tensor],
    config: Estimator,
    *,
    rngs: Sequence[torch.Generator],
    scale: int = STRIDE,
    told: Sequence[Told] | None = None,
    tones: Sequence[Tones] | None = None,
    on_step: OnProgress = silent,
) -> list[KernelEstimate]:
    """The kernels of several LR images, whose games are played side by side.

    images: as :func:`estimate_kernel` wants one, of any sizes, on one device. rngs: one for each; the kernel
    of an image is the one that it has alone with that generator, to rounding. told: one for each. tones: one
    for each, where the images are in working tones. Raises as for one image; the first that fails ends it.
    """
    for image in images:
        require_size(image, config.smallest_image, "kernel estimation")
    told = [Told()] * len(images) if told is None else told
    if isinstance(config, GANConfig):
        return _by_game(images, config, rngs, on_step)
    configs = [estimator_for_tones(config, one) for one in tones or [Tones()] * len(images)]
    spectral = [one.spectral if isinstance(one, GuidedConfig) else one for one in configs]
    found = [
        _spectrum_of(*one, scale)
        for one in zip(images, told, cast(list[SpectralConfig], spectral), strict=True)
    ]
    if isinstance(config, GuidedConfig):
        return _guided(images, told, cast(list[GuidedConfig], configs), found, rngs, on_step)
    on_step(Progress(STAGE, 1, 1, done=True))
    return found


def _by_game(
    images: Sequence[torch.Tensor], config: GANConfig, rngs: Sequence[torch.Generator], on_step: OnProgress
) -> list[KernelEstimate]:
    """The paper's game alone (Bell-Kligler et al., NeurIPS 2019, section 4); the mean over the restarts.

    Where the settings watch it, the games of a doubted image are played again.
    """
    games = play(images, config, rngs=rngs, on_step=on_step)
    found = [_of_games(played, config.restarts, config) for played in games]
    for more in range(1, 1 + (config.watch.again if config.watch else 0)):
        doubted = [i for i, estimate in enumerate(found) if estimate is None or estimate.doubts]
        if not doubted:
            break
        fresh = play([images[i] for i in doubted], config, rngs=[rngs[i] for i in doubted], on_step=on_step)
        for i, played in zip(doubted, fresh, strict=True):
            games[i] = Played(games[i].kernels + played.kernels, played.history)
            found[i] = _of_games(games[i], (1 + more) * config.restarts, config)
    estimates = [estimate for estimate in found if estimate is not None]
    if len(estimates) < len(found):
        raise ArithmeticError(
            f"KernelGAN diverged in all of its {config.restarts} restarts, or {config.steps} steps are"
            " too few for a kernel"
        )
    on_step(Progress(STAGE, config.steps, config.steps, games[-1].last, done=True))
    return estimates


def _of_games(games: Played, played: int, config: GANConfig) -> KernelEstimate | None:
    """The estimate that an image's games amount to, of which so many were played; None: all diverged."""
    if not games.kernels:
        return None
    if config.watch is None:
        mean = np.mean([candidate.array for candidate in games.kernels], axis=0)
        return KernelEstimate(SRKernel(mean, STRIDE), games.kernels, games.history)
    seen = verdict(games.kernels, played, config.watch)
    return KernelEstimate(seen.kernel, games.kernels, games.history, doubts=seen.doubts)


def _guided(
    images: Sequence[torch.Tensor],
    told: Sequence[Told],
    configs: Sequence[GuidedConfig],
    found: list[KernelEstimate],
    rngs: Sequence[torch.Generator],
    on_step: OnProgress,
) -> list[KernelEstimate]:
    """A short game that the spectrum's estimates lead, then the odd half from edges.

    configs: one for each image, which differ in what follows from its tones; the game is the same.

    A shape that the spectrum recognises is exact: it is the answer, and no game is played. Nor is one where
    little depends on the kernel, as a camera took the image as it is, nor on a JPEG, whose edges are the
    compression's.
    """
    config = configs[0]
    open_ones = [
        i
        for i, (estimate, of_file) in enumerate(zip(found, told, strict=True))
        if _spectral(estimate).family == GAUSSIAN
        and of_file.jpeg is None
        and _origin(estimate).worth_training
    ]
    if not open_ones:
        on_step(Progress(STAGE, 1, 1, done=True))
        return found
    guides = [Guide.from_estimate(_spectral(found[i]), config.guide, images[i]) for i in open_ones]
    games = play(
        [images[i] for i in open_ones],
        config.game,
        rngs=[rngs[i] for i in open_ones],
        lead=Guide.of_many(guides, config.game.restarts),
        on_step=on_step,
    )
    for i, played in zip(open_ones, games, strict=True):
        spectral = _spectral(found[i])
        kernel = combine(played.kernels, spectral, config.guide)
        kernel = with_odd_half(images[i], kernel, configs[i].odd)
        found[i] = KernelEstimate(kernel, played.kernels, played.history, spectral, _origin(found[i]))
    on_step(Progress(STAGE, config.game.steps, config.game.steps, games[-1].last, done=True))
    return found


def _spectrum_of(image: torch.Tensor, told: Told, config: SpectralConfig, scale: int) -> KernelEstimate:
    """What the spectrum says, and what follows about who made the image small."""
    array = image.cpu().numpy()
    found = estimate_spectral(array, config, scale=scale, jpeg=told.jpeg)
    origin = judge(array, found, config, told)
    return KernelEstimate(SRKernel(found.kernel, STRIDE), spectral=found, origin=origin)


def _spectral(estimate: KernelEstimate) -> SpectralEstimate:
    assert estimate.spectral is not None
    return estimate.spectral


def _origin(estimate: KernelEstimate) -> Origin:
    assert estimate.origin is not None
    return estimate.origin
