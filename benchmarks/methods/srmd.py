"""SRMD under any kernel: ``KERNEL+srmd=FILE``, where FILE is its projection of kernels."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.estimators import MICHAELI_IRANI, KernelFinder, finder
from benchmarks.label import BICUBIC, TRUE
from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.solve import bicubic_kernels, true_kernels
from benchmarks.rivals.srmd import SRMDConfig, read_projection, super_resolve_srmd
from benchmarks.settings import BenchSettings
from blindsr.pipeline import kernels_for

SRMD_KERNELS: Final[Mapping[str, str]] = {
    f"{MICHAELI_IRANI}+srmd": MICHAELI_IRANI,
    "kernelgan+srmd": "kernelgan",
    "spectral+srmd": "spectral",
    "bicubic+srmd": BICUBIC,
    "gt+srmd": TRUE,
}
"""The methods, and where the kernel of each comes from."""


class WithSRMD(Method):
    """A kernel from anywhere, and the network of SRMD, which was trained on thousands of images."""

    def __init__(self, name: str, projection: Path) -> None:
        self.name = name
        self.origin = SRMD_KERNELS[name]
        self.needs_true_kernels = self.origin == TRUE
        self.projection = projection.resolve()  # a worker may run elsewhere
        read_projection(projection)  # raises where it is none

    def estimator(self, settings: BenchSettings) -> KernelFinder | None:
        """The estimation, or none."""
        return None if self.origin in (BICUBIC, TRUE) else settings.adapt(finder(self.origin))

    def own_network(self, settings: BenchSettings) -> SRMDConfig:
        """SRMD's settings."""
        return settings.srmd

    def run(self, given: Given) -> Made:
        """Find the kernel, then super-resolve with it; the network works on the CPU."""
        config, seconds = self.estimator(given.settings), None
        if config is not None:
            kernel, seconds = given.estimate(config)
            kernels = kernels_for(kernel, given.scale)
        else:
            kernels = dict(
                true_kernels(given, self.name) if self.needs_true_kernels else bicubic_kernels(given)
            )
        projection = read_projection(self.projection)
        started = time.perf_counter()
        sr = super_resolve_srmd(given.lr, kernels[given.scale], projection, self.own_network(given.settings))
        return Made(sr, kernels[given.scale], seconds, time.perf_counter() - started)
