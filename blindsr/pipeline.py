"""Photograph to kernel to SR image: the whole story on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import torch

from blindsr.analysis.origin import Origin, judge
from blindsr.analysis.storage import StoredJPEG, stored_jpeg
from blindsr.configuration import Settings
from blindsr.io.file_evidence import Told
from blindsr.restoration.blend import restored
from blindsr.restoration.inverse import kernel_inverse
from blindsr.spectral.antisymmetric import with_odd_half
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import GAUSSIAN, SpectralEstimate, estimate_spectral
from kernelgan.config import GANConfig
from kernelgan.game import STAGE, Played, play
from srbase.errors import InputError
from srbase.imaging.image import require_image, require_size
from srbase.kernels.kernel import SCALES, SRKernel
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.device import resolve_device, timed
from srbase.runtime.threads import one_thread
from srbase.second_stage import SecondStage
from zssr.solve import Training

OnKernels = Callable[[Mapping[int, SRKernel]], None]

KERNEL_SCALE: Final = 2
"""The x2 kernel is estimated; all others follow from it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Analysis:
    """What an LR image shows of its own making.

    Attributes:
        kernel: the x2 kernel, 13x13 and centred.
        spectral: the fit of the power spectrum, where one was made.
        gan: KernelGAN's training, where it was the estimator.
        jpeg: the JPEG that the image was stored as, where its noise matters.
        origin: whether it was downscaled or comes from a camera as it is; None where the settings analyse
            nothing.
        seconds: wall time; of images that were analysed together, the share of one.
    """

    kernel: SRKernel
    spectral: SpectralEstimate | None = None
    gan: Played | None = None
    jpeg: StoredJPEG | None = None
    origin: Origin | None = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Upscaled:
    """An SR image and what made it.

    Attributes:
        image: (C, s*H, s*W) in 0..1.
        kernels: by scale, those that were used.
        analysis: of the LR image; None where the kernel was given.
        trainings: ZSSR's, coarse to fine.
        seconds: wall time of each stage.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    analysis: Analysis | None
    trainings: tuple[Training, ...]
    seconds: Mapping[str, float]


def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    file_evidence: Told | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
    second_stage: SecondStage | None = None,
) -> Upscaled:
    """Estimate the kernel of an LR image, then super-resolve with it. The same seed on a CPU gives the same
    bytes.

    Args:
        image: (C, H, W) in 0..1, C 1 or 3; it is only read.
        scale: 2 or 4.
        kernel: for this scale, in place of an estimate; at x4 an x2 kernel is also accepted and composed, and
            an x4 kernel makes one direct step.
        file_evidence: what the image's file says of its history. Where it holds no JPEG tables, the pixels
            are examined for those of an earlier JPEG.
        settings: of the run; None: the default.
        seed: of all random numbers.
        device: where to compute (:func:`srbase.runtime.device.resolve_device`).
        on_progress: called with each step of the work.
        on_kernels: called with the kernels by scale as soon as they are known.
        second_stage: what undoes the kernel, in place of ZSSR.

    Returns:
        The SR image with what made it.

    Raises:
        InputError: before any work, for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel, settings)
    rng = torch.Generator().manual_seed(seed)
    image = image.to(place, torch.float32)
    seconds: dict[str, float] = {}
    analysis = None
    if kernel is None:
        (analysis,) = _analysed([image], scale, [file_evidence], settings, [rng], on_progress)
        kernel, seconds["kernel"] = analysis.kernel, analysis.seconds
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    with timed("sr", seconds, place):
        result, trainings = restored(
            image,
            kernels,
            scale,
            settings.restoration,
            None if analysis is None else analysis.origin,
            None if analysis is None else analysis.jpeg,
            rng=rng,
            on_step=on_progress,
            second_stage=second_stage,
        )
    return Upscaled(image=result, kernels=kernels, analysis=analysis, trainings=trainings, seconds=seconds)


def analyse(
    images: Sequence[torch.Tensor],
    scale: int = KERNEL_SCALE,
    *,
    file_evidence: Sequence[Told | None] | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> list[Analysis]:
    """The first half of :func:`upscale` alone, for images of any sizes; KernelGANs are trained together.

    Args:
        images: each as :func:`upscale` takes one; all are on the device at once.
        scale: from LR to HR, 2 or 4.
        file_evidence: of each image.
        settings: of the run; None: the default.
        seed: of each image's random numbers, so that each has the kernel that it has alone, to rounding.
        device: where to compute.
        on_progress: called with each step of the work.

    Returns:
        One for each image.

    Raises:
        InputError: before any work, for the first image that cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    for image in images:
        check(image, KERNEL_SCALE, None, settings)
    there = [image.to(place, torch.float32) for image in images]
    evidence = [None] * len(there) if file_evidence is None else file_evidence
    rngs = [torch.Generator().manual_seed(seed) for _ in there]
    return _analysed(there, scale, evidence, settings, rngs, on_progress) if there else []


def _analysed(
    images: Sequence[torch.Tensor],
    scale: int,
    file_evidence: Sequence[Told | None],
    settings: Settings,
    rngs: Sequence[torch.Generator],
    on_progress: OnProgress,
) -> list[Analysis]:
    """Of one image or more, on the device where the work runs."""
    spent: dict[str, float] = {}
    estimator = settings.estimator
    with timed("kernel", spent, images[0].device), one_thread():
        if isinstance(estimator, GANConfig):
            games = play(images, estimator, rngs=rngs, on_step=on_progress)
            found = [
                _with_origin(image, scale, one, settings, SpectralConfig(), game)
                for image, one, game in zip(images, file_evidence, games, strict=True)
            ]
        else:
            found = [
                _with_origin(image, scale, one, settings, estimator, None)
                for image, one in zip(images, file_evidence, strict=True)
            ]
    on_progress(Progress(STAGE, 1, 1, done=True))
    return [replace(analysis, seconds=spent["kernel"] / len(images)) for analysis in found]


def _with_origin(
    image: torch.Tensor,
    scale: int,
    file_evidence: Told | None,
    settings: Settings,
    spectral_config: SpectralConfig,
    gan: Played | None,
) -> Analysis:
    """The analysis of one image; ``gan``: KernelGAN's result, which then gives the kernel."""
    config, evidence = settings.analysis, file_evidence or Told()
    if config is None and gan is not None:
        return Analysis(kernel=gan.kernels[0], gan=gan)
    jpeg = None if config is None else stored_jpeg(image, evidence.jpeg, config)
    tables = None if jpeg is None else jpeg.tables
    array = image.cpu().numpy()
    spectral = estimate_spectral(array, spectral_config, scale=scale, jpeg=tables)
    origin = None
    if config is not None:
        origin = judge(array, spectral, config.origin, config.colour, replace(evidence, jpeg=tables))
    if gan is not None:
        return Analysis(kernel=gan.kernels[0], spectral=spectral, gan=gan, jpeg=jpeg, origin=origin)
    kernel = SRKernel(spectral.kernel, KERNEL_SCALE)
    worth = origin is None or origin.worth_training
    if spectral_config.antisymmetric and spectral.family == GAUSSIAN and tables is None and worth:
        # A recognised shape is exact, a camera's result hardly depends on the kernel, and a JPEG's edges are
        # those of its compression.
        inverse = partial(kernel_inverse, config=settings.edges)
        kernel = with_odd_half(image, kernel, spectral_config.antisymmetric, inverse)
    return Analysis(kernel=kernel, spectral=spectral, jpeg=jpeg, origin=origin)


def kernels_for(kernel: SRKernel, scale: int) -> dict[int, SRKernel]:
    """The kernels that a run at a scale uses.

    Args:
        kernel: of this scale, or of x2.
        scale: 2 or 4.

    Returns:
        By scale: an x2 kernel also gives the x4 one.

    Raises:
        InputError: for a kernel of another scale.
    """
    if kernel.scale == 2 and scale == 4:
        return {2: kernel, 4: kernel.to_x4()}
    if kernel.scale != scale:
        raise InputError(f"kernel is for x{kernel.scale}; wanted one for x{scale}")
    return {scale: kernel}


def check(image: torch.Tensor, scale: int, kernel: SRKernel | None, settings: Settings) -> None:
    """Raise InputError now for what would fail later.

    Args:
        image: (C, H, W).
        scale: 2 or 4.
        kernel: a known one, or None.
        settings: of the run.

    Raises:
        InputError: for another scale, an image that is none or too small, or a kernel of another scale.
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    require_image(image)
    if kernel is None:  # first: it wants the larger image
        require_size(image, settings.estimator.smallest_image, "kernel estimation")
    else:
        kernels_for(kernel, scale)
    require_size(image, settings.restoration.zssr.smallest_image(scale), "ZSSR")
