"""The program's own presets, whatever the settings of the run: they bring their own ZSSR."""

import time
from collections.abc import Mapping

import torch

from benchmarks.methods.base import Given, Made, Method
from benchmarks.settings import BenchSettings, config_hash
from blindsr.imaging.device import synchronise
from blindsr.imaging.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.pipeline import kernels_for
from blindsr.presets import PRESETS
from kernelgan.config import KernelGANConfig
from zssr.config import ZSSRConfig
from zssr.solve import super_resolve


class Preset(Method):
    """A preset of ``blindsr upscale``, blind; or its ZSSR alone with the true kernel."""

    def __init__(self, name: str, preset: str, *, true_kernel: bool = False) -> None:
        self.name = name
        self.needs_true_kernels = true_kernel
        self.settings = PRESETS[preset]

    def kernelgan(self, settings: BenchSettings) -> KernelGANConfig | None:
        """The preset's estimation, or none."""
        return None if self.needs_true_kernels else settings.adapt(self.settings.kernelgan)

    def zssr(self, settings: BenchSettings) -> ZSSRConfig:
        """The preset's ZSSR, cut short at quick settings."""
        return settings.adapt_zssr(self.settings.zssr)

    def label(self, settings: BenchSettings) -> str:
        """Both stages' hashes go into the last part, which may differ from method to method."""
        head = settings.label(self.kernelgan(settings), uses_zssr=False)
        return f"{head}{config_hash(self.zssr(settings))}"

    def run(self, given: Given) -> Made:
        """Find the kernels, then super-resolve with the preset's ZSSR; only the latter is timed here."""
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
        if given.scale not in given.true_kernels:
            raise InputError(f"{given.image} has no true x{given.scale} kernel; {self.name} needs it")
        return given.true_kernels, None


PRESET_METHODS: Mapping[str, tuple[str, bool]] = {
    "blindsr": ("default", False),
    "blindsr-instant": ("instant", False),
    "blindsr-gt": ("default", True),
}
"""Name of each method, its preset, and whether it is given the true kernel."""
