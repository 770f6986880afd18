"""Photograph to kernels to SR image: the whole story on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch

from blindsr.analysis.borders import find_bars
from blindsr.analysis.file_evidence import Told
from blindsr.configuration import Settings
from blindsr.estimation import KernelEstimate, estimate_kernels
from blindsr.narrow import BICUBIC, estimator_for_size, settings_for_size
from blindsr.restoration.blend import Stored, restored, storage_of
from blindsr.tone_settings import for_tones
from srbase.errors import InputError
from srbase.imaging.image import require_image
from srbase.imaging.tones import Tones, tones_of
from srbase.kernels.kernel import SCALES, SRKernel
from srbase.progress import OnProgress, silent
from srbase.runtime.device import resolve_device, timed
from srbase.runtime.threads import one_thread
from srbase.runtime.torch_state import initial_torch_state, usable
from zssr.solve import Training

OnKernels = Callable[[Mapping[int, SRKernel]], None]

KERNEL_SCALE: Final = 2
"""KernelGAN estimates the x2 kernel; all others follow from it."""


@dataclass(frozen=True, eq=False)
class Upscaled:
    """An SR image (C, s*H, s*W) in 0..1 with what made it.

    ``kernels`` maps each scale that was used to its kernel; ``estimate`` is None where a kernel was
    given; ``stored`` is the JPEG that the image was, if it was one that matters; ``trainings`` are ZSSR's,
    coarse to fine; ``seconds`` maps each stage to its wall time, the kernel's being the share of one of
    ``together`` images.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    estimate: KernelEstimate | None
    stored: Stored | None
    trainings: tuple[Training, ...]
    seconds: Mapping[str, float]
    together: int


@initial_torch_state()
def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    known: Found | None = None,
    told: Told | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> Upscaled:
    """Estimate the kernel of an LR image (C, H, W) in 0..1, then super-resolve with it.

    scale is 2 or 4. ``kernel``, for this scale, skips the estimation; at x4 an x2 kernel is also
    accepted and composed, and a bare x4 kernel makes one direct step. known: what :func:`found` said of this
    image with this scale, seed, settings and ``told``; nothing is estimated again. told: what the file that
    the image came from tells of it; where that is no JPEG's tables, the pixels are asked. The same seed on a
    CPU gives the same bytes. ``on_kernels`` is told the kernels by scale as soon as they are known. Raises
    InputError before any work where something cannot be used.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel)
    _require_fit(known, scale, kernel)
    image = usable(image).to(place, torch.float32)
    if bars := find_bars(image, settings.bars):
        told = told and bars.inside_of_file(told, (image.shape[1], image.shape[2]))
    run = _upscaled(bars.inside(image), scale, kernel, known, told, settings, seed, on_progress, on_kernels)
    return replace(run, image=bars.around(run.image, image, scale)) if bars else run


def _upscaled(
    image: torch.Tensor,
    scale: int,
    kernel: SRKernel | None,
    known: Found | None,
    told: Told | None,
    settings: Settings,
    seed: int,
    on_progress: OnProgress,
    on_kernels: OnKernels | None,
) -> Upscaled:
    """Of an image without bars, on the device where the work runs."""
    rng, place = torch.Generator().manual_seed(seed), image.device
    seconds: dict[str, float] = {}

    estimate, stored, together = None, None, 1
    if kernel is None:
        if known is None:
            (known,) = _found([image], scale, [told], settings, seed, on_progress)
        rng.set_state(known.rng_state)
        seconds["kernel"], together = known.seconds, known.together
        estimate, stored, kernel = known.estimate, known.stored, known.estimate.kernel
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    origin = None if estimate is None else estimate.origin
    settings = settings_for_size(settings, (image.shape[1], image.shape[2]), scale)
    with timed("sr", seconds, place):
        tones = _tones(image, stored, settings)
        result, trainings = restored(
            tones.working(image),
            kernels,
            scale,
            for_tones(settings, tones, kernel_is_known=estimate is None),
            origin,
            stored,
            rng=rng,
            on_step=on_progress,
            limits=tones.limits,
        )
    return Upscaled(tones.original(result), kernels, estimate, stored, trainings, seconds, together)


def _tones(image: torch.Tensor, stored: Stored | None, settings: Settings) -> Tones:
    """The image's tones; a JPEG's noise is known in the levels of its file, so its tones stay as they are."""
    return Tones() if stored is not None else tones_of(image, settings.tones)


@dataclass(frozen=True, eq=False)
class Found:
    """What an LR image says of itself: its kernel and origin, and the JPEG that it was, if it matters.

    scale: from LR to HR, as it was asked for. rng_state: of the image's generator afterwards, with which
    super-resolution goes on. seconds: the image's share of the wall time of ``together`` images.
    """

    estimate: KernelEstimate
    stored: Stored | None
    scale: int
    rng_state: torch.Tensor
    seconds: float
    together: int

    def kernel(self, scale: int) -> SRKernel:
        """The kernel for this scale, 2 or 4."""
        return kernels_for(self.estimate.kernel, scale)[scale]


@initial_torch_state()
def found(
    images: Sequence[torch.Tensor],
    scale: int = KERNEL_SCALE,
    *,
    told: Sequence[Told | None] | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> list[Found]:
    """The first half of :func:`upscale` alone, for images of any sizes, whose games are played side by side.

    told: of each image. An image's kernel is the one that it has alone with this seed, to rounding. All lie
    on the device at once; the first that fails ends it.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    for image in images:
        check(image, KERNEL_SCALE, None)
    there, of_files = [], []
    for image, one in zip(images, [None] * len(images) if told is None else told, strict=True):
        image = usable(image).to(place, torch.float32)
        bars = find_bars(image, settings.bars)
        there.append(bars.inside(image))
        of_files.append(one and bars.inside_of_file(one, (image.shape[1], image.shape[2])))
    return _found(there, scale, of_files, settings, seed, on_progress) if there else []


def _found(
    images: Sequence[torch.Tensor],
    scale: int,
    told: Sequence[Told | None],
    settings: Settings,
    seed: int,
    on_progress: OnProgress,
) -> list[Found]:
    """Of one image or more, on the device where the work runs."""
    rngs = [torch.Generator().manual_seed(seed) for _ in images]
    spent: dict[str, float] = {}
    with timed("kernel", spent, images[0].device):
        of_files = [one or Told() for one in told]
        stored = [
            storage_of(image, one.jpeg, settings.restore) for image, one in zip(images, of_files, strict=True)
        ]
        of_files = [
            replace(one, jpeg=None if jpeg is None else jpeg.tables)
            for one, jpeg in zip(of_files, stored, strict=True)
        ]
        tones = [_tones(image, jpeg, settings) for image, jpeg in zip(images, stored, strict=True)]
        estimators = [
            estimator_for_size(settings.estimator, (image.shape[1], image.shape[2]), settings.narrow)
            for image in images
        ]
        estimates = [BICUBIC] * len(images)
        for estimator in dict.fromkeys(one for one in estimators if one is not None):
            chosen = [i for i, one in enumerate(estimators) if one == estimator]
            with one_thread():
                found_now = estimate_kernels(
                    [tones[i].working(images[i]) for i in chosen],
                    estimator,
                    rngs=[rngs[i] for i in chosen],
                    scale=scale,
                    told=[of_files[i] for i in chosen],
                    tones=[tones[i] for i in chosen],
                    on_step=on_progress,
                )
            for i, estimate in zip(chosen, found_now, strict=True):
                estimates[i] = estimate
    share = spent["kernel"] / len(images)
    return [
        Found(estimate, jpeg, scale, rng.get_state(), share, len(images))
        for estimate, jpeg, rng in zip(estimates, stored, rngs, strict=True)
    ]


def kernels_for(kernel: SRKernel, scale: int) -> dict[int, SRKernel]:
    """The kernels that a run at this scale uses: an x2 kernel also gives the x4 one."""
    if kernel.scale == 2 and scale == 4:
        return {2: kernel, 4: kernel.to_x4()}
    if kernel.scale != scale:
        raise InputError(f"kernel is for x{kernel.scale}; wanted one for x{scale}")
    return {scale: kernel}


def check(image: torch.Tensor, scale: int, kernel: SRKernel | None) -> None:
    """Raise InputError now for what would fail later."""
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    require_image(image)
    if kernel is not None:
        kernels_for(kernel, scale)


def _require_fit(known: Found | None, scale: int, kernel: SRKernel | None) -> None:
    """Raise InputError where what is known of the image was not asked for this."""
    if known is not None and kernel is not None:
        raise InputError("a kernel is given beside what is known of the image; wanted one of them")
    if known is not None and known.scale != scale:
        raise InputError(f"what is known of the image is for x{known.scale}; wanted x{scale}")
