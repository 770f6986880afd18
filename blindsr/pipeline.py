"""Photograph to kernel to SR image: the whole story on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch

from blindsr import estimation
from blindsr.adaptation import settings_for_size, settings_for_tones
from blindsr.analysis.borders import find_bars
from blindsr.analysis.kind import PHOTO
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import Settings
from blindsr.estimation import Analysis
from blindsr.io.file_evidence import FileEvidence
from blindsr.restoration.blend import restore
from srbase.errors import InputError
from srbase.imaging.image import require_image
from srbase.kernels.kernel import SRKernel, require_scale
from srbase.progress import OnProgress, silent
from srbase.runtime.device import resolve_device, timed
from srbase.runtime.torch_state import initial_torch_state, usable
from srbase.second_stage import SecondStage
from zssr.solve import Training

OnKernels = Callable[[Mapping[int, SRKernel]], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Upscaled:
    """An SR image and what made it.

    Attributes:
        image: (C, s*H, s*W) in 0..1.
        kernels: by scale, those that were used.
        analysis: of the LR image; None where the kernel was given.
        trainings: ZSSR's, coarse to fine.
        networks: the part in the image, 0..1, of each trained network that the settings name.
        seconds: wall time of each stage.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    analysis: Analysis | None
    trainings: tuple[Training, ...]
    networks: Mapping[str, float]
    seconds: Mapping[str, float]


@initial_torch_state()
def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    file_evidence: FileEvidence | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
    second_stage: SecondStage | None = None,
    analysis: Analysis | None = None,
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
        analysis: of another image that was made as this one, at this scale: its kernel and its way of
            restoration are used.

    Returns:
        The SR image with what made it.

    Raises:
        InputError: before any work, for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel)
    if analysis is not None and kernel is not None:
        raise InputError("a kernel and an analysis are given; wanted one of them")
    settings.restoration.detail_for(scale)  # refused before any work
    image = usable(image).to(place, torch.float32)
    bars = find_bars(image, settings.bars)
    if bars and file_evidence is not None:
        file_evidence = bars.inside_of_file(file_evidence, (image.shape[1], image.shape[2]))
    inside = bars.inside(image)
    run = _upscaled(
        inside, scale, kernel, file_evidence, settings, seed, on_progress, on_kernels, second_stage, analysis
    )
    return replace(run, image=bars.around(run.image, image, scale)) if bars else run


def _upscaled(
    image: torch.Tensor,
    scale: int,
    kernel: SRKernel | None,
    file_evidence: FileEvidence | None,
    settings: Settings,
    seed: int,
    on_progress: OnProgress,
    on_kernels: OnKernels | None,
    second_stage: SecondStage | None,
    analysis: Analysis | None,
) -> Upscaled:
    """Of an image without bars, on the device where the work runs."""
    rng = torch.Generator().manual_seed(seed)
    seconds: dict[str, float] = {}
    if analysis is not None:
        kernel, jpeg = analysis.kernel, analysis.jpeg
    elif kernel is None:
        (analysis,) = estimation.analyse_on_device(
            [image], scale, [file_evidence], settings, [rng], on_progress
        )
        kernel, seconds["kernel"] = analysis.kernel, analysis.seconds
        jpeg = analysis.jpeg
    else:
        tables = None if file_evidence is None else file_evidence.jpeg
        jpeg = None if settings.analysis is None else stored_jpeg(image, tables, settings.analysis)
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    kind = PHOTO if analysis is None else analysis.kind
    if kind.name == "photo":
        settings = settings_for_size(settings, (image.shape[1], image.shape[2]), scale)
    with timed("sr", seconds, image.device):
        tones = estimation.measure_tones(image, jpeg, settings)
        config = settings_for_tones(settings, tones, kernel_is_known=analysis is None).restoration
        made = restore(
            tones.working(image),
            kernels,
            scale,
            config,
            None if analysis is None else analysis.combination,
            jpeg,
            kind=kind,
            noisy=analysis is not None and analysis.noise_std > config.quiet,
            rng=rng,
            on_step=on_progress,
            limits=tones.limits,
            second_stage=second_stage,
        )
    return Upscaled(
        image=tones.original(made.image),
        kernels=kernels,
        analysis=analysis,
        trainings=made.trainings,
        networks=made.networks,
        seconds=seconds,
    )


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


def check(image: torch.Tensor, scale: int, kernel: SRKernel | None) -> None:
    """Raise InputError now for what would fail later.

    Args:
        image: (C, H, W).
        scale: 2 or 4.
        kernel: a known one, or None.

    Raises:
        InputError: for another scale, an image that is none, or a kernel of another scale.
    """
    require_scale(scale)
    require_image(image)
    if kernel is not None:
        kernels_for(kernel, scale)
