"""Photograph to kernels to SR image: the whole story on one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import torch

from blindsr.device import resolve_device, synchronise
from blindsr.errors import InputError
from blindsr.imaging.image import require_image, require_size
from blindsr.imaging.kernel import SCALES, SRKernel
from blindsr.imaging.told import Told
from blindsr.presets import Settings
from blindsr.progress import OnProgress, silent
from blindsr.restore import Stored, restored, storage_of
from blindsr.threads import one_thread
from kernelgan.estimate import KernelEstimate, estimate_kernel
from zssr.solve import Training

OnKernels = Callable[[Mapping[int, SRKernel]], None]

KERNEL_SCALE: Final = 2
"""KernelGAN estimates the x2 kernel; all others follow from it."""


@dataclass(frozen=True, eq=False)
class Upscaled:
    """An SR image (C, s*H, s*W) in 0..1 with what made it.

    ``kernels`` maps each scale that was used to its kernel; ``estimate`` is None where a kernel was
    given; ``stored`` is the JPEG that the image was, if it was one that matters; ``trainings`` are ZSSR's,
    coarse to fine; ``seconds`` maps each stage to its wall time.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    estimate: KernelEstimate | None
    stored: Stored | None
    trainings: tuple[Training, ...]
    seconds: Mapping[str, float]


def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    told: Told | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> Upscaled:
    """Estimate the kernel of an LR image (C, H, W) in 0..1, then super-resolve with it.

    scale is 2 or 4. ``kernel``, for this scale, skips the estimation; at x4 an x2 kernel is also
    accepted and composed, and a bare x4 kernel makes one direct step. told: what the file that the image
    came from tells of it; where that is no JPEG's tables, the pixels are asked. The same seed on a CPU gives
    the same bytes. ``on_kernels`` is told the kernels by scale as soon as they are known. Raises InputError
    before any work where something cannot be used.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel, settings)
    rng = torch.Generator().manual_seed(seed)
    image = image.to(place, torch.float32)
    seconds: dict[str, float] = {}

    estimate, stored = None, None
    if kernel is None:
        with _timed("kernel", seconds, place):
            known = _found(image, scale, told, settings, rng, on_progress)
        estimate, stored, kernel = known.estimate, known.stored, known.estimate.kernel
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    origin = None if estimate is None else estimate.origin
    with _timed("sr", seconds, place):
        result, trainings = restored(
            image, kernels, scale, settings, origin, stored, rng=rng, on_step=on_progress
        )
    return Upscaled(result, kernels, estimate, stored, trainings, seconds)


@dataclass(frozen=True, eq=False)
class Found:
    """What an LR image says of itself: its kernel and origin, and the JPEG that it was, if it matters."""

    estimate: KernelEstimate
    stored: Stored | None

    def kernel(self, scale: int) -> SRKernel:
        """The kernel for this scale, 2 or 4."""
        return kernels_for(self.estimate.kernel, scale)[scale]


def found(
    image: torch.Tensor,
    scale: int = KERNEL_SCALE,
    *,
    told: Told | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> Found:
    """The first half of :func:`upscale` alone: the same x2 kernel from the same seed and scale."""
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, KERNEL_SCALE, None, settings)
    rng = torch.Generator().manual_seed(seed)
    return _found(image.to(place, torch.float32), scale, told, settings, rng, on_progress)


def _found(
    image: torch.Tensor,
    scale: int,
    told: Told | None,
    settings: Settings,
    rng: torch.Generator,
    on_progress: OnProgress,
) -> Found:
    told = told or Told()
    stored = storage_of(image, told.jpeg, settings.restore)
    told = replace(told, jpeg=None if stored is None else stored.tables)
    with one_thread():
        known = estimate_kernel(
            image, settings.estimator, rng=rng, scale=scale, told=told, on_step=on_progress
        )
    return Found(known, stored)


def kernels_for(kernel: SRKernel, scale: int) -> dict[int, SRKernel]:
    """The kernels that a run at this scale uses: an x2 kernel also gives the x4 one."""
    if kernel.scale == 2 and scale == 4:
        return {2: kernel, 4: kernel.to_x4()}
    if kernel.scale != scale:
        raise InputError(f"kernel is for x{kernel.scale}; wanted one for x{scale}")
    return {scale: kernel}


def check(image: torch.Tensor, scale: int, kernel: SRKernel | None, settings: Settings) -> None:
    """Raise InputError now for what would fail later."""
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    require_image(image)
    require_size(image, settings.zssr.smallest_image(scale), "ZSSR")
    if kernel is None:
        require_size(image, settings.estimator.smallest_image, "kernel estimation")
    else:
        kernels_for(kernel, scale)


@contextmanager
def _timed(stage: str, seconds: dict[str, float], device: torch.device) -> Iterator[None]:
    """Note the wall time of the block under the stage's name."""
    synchronise(device)
    started = time.perf_counter()
    yield
    synchronise(device)
    seconds[stage] = time.perf_counter() - started
