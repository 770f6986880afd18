"""Kernels to SR image, and the kernels that need no estimation: what the methods of both kinds share."""

import time
from collections.abc import Mapping

import torch

from benchmarks.methods.base import Given, Made
from blindsr.restoration.blend import restore
from blindsr.restoration.config import RestorationConfig
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from srbase.runtime.device import synchronise

Kernels = Mapping[int, SRKernel]
"""By scale."""


def solved(given: Given, kernels: Kernels, kernel_seconds: float | None, config: RestorationConfig) -> Made:
    """The image restored with these kernels, taken as downscaled by them. Only this is timed here."""
    rng = torch.Generator().manual_seed(given.seed)
    started = time.perf_counter()
    result = restore(given.lr, kernels, given.scale, config, rng=rng).image
    synchronise(given.lr.device)
    return Made(result, kernels[given.scale], kernel_seconds, time.perf_counter() - started)


def bicubic_kernels(given: Given) -> Kernels:
    """Those of bicubic shrinking, coarse and fine."""
    return {scale: SRKernel.bicubic(scale) for scale in (2, given.scale)}


def true_kernels(given: Given, method: str) -> Kernels:
    """Those of the data set. Raises InputError where it has none."""
    if given.scale not in given.true_kernels:
        raise InputError(f"{given.image} has no true x{given.scale} kernel; {method} needs it")
    return given.true_kernels
