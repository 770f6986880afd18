"""Kernels to SR image, and the kernels that need no estimation: what the methods of both kinds share."""

import time
from collections.abc import Mapping

import torch

from benchmarks.methods.base import Given, Made
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from srbase.runtime.device import synchronise
from zssr.config import ZSSRConfig
from zssr.solve import super_resolve

Kernels = Mapping[int, SRKernel]
"""By scale."""


def solved(given: Given, kernels: Kernels, kernel_seconds: float | None, config: ZSSRConfig) -> Made:
    """ZSSR on the image with these kernels. Only ZSSR itself is timed here."""
    rng = torch.Generator().manual_seed(given.seed)
    started = time.perf_counter()
    result = super_resolve(given.lr, kernels, given.scale, config, rng=rng)
    synchronise(given.lr.device)
    return Made(result.image, kernels[given.scale], kernel_seconds, time.perf_counter() - started)


def bicubic_kernels(given: Given) -> Kernels:
    """Those of bicubic shrinking, coarse and fine."""
    return {scale: SRKernel.bicubic(scale) for scale in (2, given.scale)}


def true_kernels(given: Given, method: str) -> Kernels:
    """Those of the data set. Raises InputError where it has none."""
    if given.scale not in given.true_kernels:
        raise InputError(f"{given.image} has no true x{given.scale} kernel; {method} needs it")
    return given.true_kernels
