"""Any way to a kernel with any of the program's own networks, whatever the settings of the run.

``KERNEL+SOLVER``, for example ``spectral+default``. The presets of ``blindsr upscale`` are three of
them and go by their own names.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch

from benchmarks.methods.base import Given, Made, Method
from benchmarks.settings import BenchSettings, config_hash
from blindsr.imaging.device import synchronise
from blindsr.imaging.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.pipeline import kernels_for
from blindsr.presets import ESTIMATORS, PRESETS
from kernelgan.config import KernelGANConfig, variant
from zssr.config import ZSSRConfig, for_real_photographs
from zssr.solve import super_resolve

BICUBIC, TRUE = "bicubic", "gt"
KERNELS: Final = (BICUBIC, *ESTIMATORS, TRUE)
SOLVERS: Final = ("default", "instant")


@dataclass(frozen=True)
class Parts:
    """Where the kernel comes from (of KERNELS), whose network (a preset), and whether set for noise."""

    kernel: str
    solver: str
    real: bool = False


NAMED: Final = {
    "blindsr": Parts("guided", "default"),
    "blindsr-instant": Parts("spectral", "instant"),
    "blindsr-gt": Parts(TRUE, "default"),
    "blindsr-real": Parts("guided", "default", real=True),
}
"""The program's presets; its default with the true kernel; and its default with ``--real``."""

COMBINATIONS: Final[Mapping[str, Parts]] = NAMED | {
    f"{kernel}+{solver}": Parts(kernel, solver)
    for kernel in KERNELS
    for solver in SOLVERS
    if Parts(kernel, solver) not in NAMED.values()
}


class Combination(Method):
    """The kernel of one source, and a preset's network with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts = COMBINATIONS[name]
        self.needs_true_kernels = self.parts.kernel == TRUE

    def kernelgan(self, settings: BenchSettings) -> KernelGANConfig | None:
        """The estimation, or none."""
        if self.parts.kernel not in ESTIMATORS:
            return None
        return settings.adapt(variant(ESTIMATORS[self.parts.kernel]))

    def zssr(self, settings: BenchSettings) -> ZSSRConfig:
        """The preset's network, cut short at quick settings."""
        config = settings.adapt_zssr(PRESETS[self.parts.solver].zssr)
        return for_real_photographs(config) if self.parts.real else config

    def label(self, settings: BenchSettings) -> str:
        """Both stages' hashes go into the last part, which may differ from method to method."""
        head = settings.label(self.kernelgan(settings), uses_zssr=False)
        return f"{head}/{config_hash(self.zssr(settings))}"

    def run(self, given: Given) -> Made:
        """Find the kernels, then super-resolve with the preset's network; only the latter is timed here."""
        kernels, kernel_seconds = self._kernels(given)
        generator = torch.Generator().manual_seed(given.seed)
        started = time.perf_counter()
        config = self.zssr(given.settings)
        result = super_resolve(given.lr, kernels, given.scale, config, generator=generator)
        synchronise(given.lr.device)
        return Made(result.image, kernels[given.scale], kernel_seconds, time.perf_counter() - started)

    def _kernels(self, given: Given) -> tuple[Mapping[int, SRKernel], float | None]:
        config = self.kernelgan(given.settings)
        if config is not None:
            kernel, seconds = given.estimate(config)
            return kernels_for(kernel, given.scale), seconds
        if self.parts.kernel == BICUBIC:
            return {scale: SRKernel.bicubic(scale) for scale in (2, given.scale)}, None
        if given.scale not in given.true_kernels:
            raise InputError(f"{given.image} has no true x{given.scale} kernel; {self.name} needs it")
        return given.true_kernels, None
