"""Photograph to kernels to SR image: the whole story on one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import torch

from blindsr.device import resolve_device, synchronise
from blindsr.errors import InputError
from blindsr.imaging.image import require_image, require_size
from blindsr.imaging.kernel import SCALES, SRKernel
from blindsr.presets import Settings
from blindsr.progress import OnProgress, silent
from blindsr.threads import one_thread
from kernelgan.estimate import KernelEstimate, estimate_kernel
from zssr.solve import Training, super_resolve

OnKernels = Callable[[Mapping[int, SRKernel]], None]

KERNEL_SCALE: Final = 2
"""KernelGAN estimates the x2 kernel; all others follow from it."""


@dataclass(frozen=True, eq=False)
class Upscaled:
    """An SR image (C, s*H, s*W) in 0..1 with what made it.

    ``kernels`` maps each scale that was used to its kernel; ``estimate`` is None where a kernel was
    given; ``trainings`` are ZSSR's, coarse to fine; ``seconds`` maps each stage to its wall time.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    estimate: KernelEstimate | None
    trainings: tuple[Training, ...]
    seconds: Mapping[str, float]


def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> Upscaled:
    """Estimate the kernel of an LR image (C, H, W) in 0..1, then super-resolve with it.

    scale is 2 or 4. ``kernel``, for this scale, skips the estimation; at x4 an x2 kernel is also
    accepted and composed, and a bare x4 kernel makes one direct step. The same seed on a CPU gives
    the same bytes. ``on_kernels`` is told the kernels by scale as soon as they are known. Raises InputError
    before any work where something cannot be used.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel, settings)
    rng = torch.Generator().manual_seed(seed)
    image = image.to(place, torch.float32)
    seconds: dict[str, float] = {}

    estimate = None
    if kernel is None:
        with _timed("kernel", seconds, place), one_thread():
            estimate = estimate_kernel(image, settings.estimator, rng=rng, scale=scale, on_step=on_progress)
        kernel = estimate.kernel
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    with _timed("sr", seconds, place):
        sr = super_resolve(image, kernels, scale, settings.zssr, rng=rng, on_step=on_progress)
    return Upscaled(sr.image, kernels, estimate, sr.trainings, seconds)


def estimate(
    image: torch.Tensor,
    scale: int = KERNEL_SCALE,
    *,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> KernelEstimate:
    """The first half of :func:`upscale` alone: the same x2 kernel from the same seed and scale."""
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, KERNEL_SCALE, None, settings)
    rng = torch.Generator().manual_seed(seed)
    colours = image.to(place, torch.float32)
    with one_thread():
        return estimate_kernel(colours, settings.estimator, rng=rng, scale=scale, on_step=on_progress)


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
