"""USRNet under any kernel: ``KERNEL+usrnet=FILE``, and the program with it: ``blindsr+usrnet=FILE``.

FILE holds weights that others trained. With ``KERNEL`` the network stands alone, told of a clean picture's
noise; the program blends it with its own result (:mod:`blindsr.restoration.network.guard`).
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from benchmarks.estimators import MICHAELI_IRANI, KernelFinder, finder
from benchmarks.label import BICUBIC, TRUE
from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.program import Program
from benchmarks.methods.solve import Kernels, bicubic_kernels, true_kernels
from benchmarks.settings import BenchSettings
from blindsr.configuration import ESTIMATORS, Settings
from blindsr.pipeline import kernels_for
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.restore import TrainedNetwork
from blindsr.restoration.noise import Powers, noise_variance
from srbase.runtime.device import synchronise

USRNET: Final = "usrnet"
USRNET_KERNELS: Final[Mapping[str, str]] = {
    f"{kernel}+{USRNET}": TRUE if kernel == "gt" else kernel
    for kernel in ("gt", *ESTIMATORS, MICHAELI_IRANI, BICUBIC)
}
"""The methods, and where the kernel of each comes from."""
PROGRAM: Final = f"blindsr+{USRNET}"


class WithUSRNet(Method):
    """A kernel from anywhere, and a network that was trained on thousands of images."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.origin = USRNET_KERNELS[name]
        self.needs_true_kernels = self.origin == TRUE
        self.network = NetworkConfig.of(file)  # raises where it is none

    def estimator(self, settings: BenchSettings) -> KernelFinder | None:
        """The estimation, or none."""
        return None if self.origin in (BICUBIC, TRUE) else settings.adapt(finder(self.origin))

    def own_network(self, settings: BenchSettings) -> NetworkConfig:  # noqa: ARG002
        """The network's settings and file."""
        return self.network

    def run(self, given: Given) -> Made:
        """Find the kernel, then super-resolve with it. Loading the weights does not count."""
        kernels, seconds = self._kernels(given)
        limits, rng = given.settings.restoration.noise, torch.Generator().manual_seed(given.seed)
        stage = TrainedNetwork(self.network)
        stage.restore(given.lr[:, :16, :16], kernels, given.scale, 0.0, rng=rng)
        started = time.perf_counter()
        noise = noise_variance(given.lr, Powers.of(given.lr, limits), limits)
        sr = stage.restore(given.lr, kernels, given.scale, noise, rng=rng)
        synchronise(given.lr.device)
        return Made(sr, kernels[given.scale], seconds, time.perf_counter() - started)

    def _kernels(self, given: Given) -> tuple[Kernels, float | None]:
        config = self.estimator(given.settings)
        if config is not None:
            kernel, seconds = given.estimate(config)
            return kernels_for(kernel, given.scale), seconds
        if self.needs_true_kernels:
            return true_kernels(given, self.name), None
        return bicubic_kernels(given), None


class ProgramWithUSRNet(Program):
    """The default preset with ``--network FILE``."""

    def __init__(self, file: Path) -> None:
        super().__init__("blindsr")
        self.name = PROGRAM
        self.network = NetworkConfig.of(file)

    def settings(self, settings: BenchSettings) -> Settings:
        """The preset with the network, cut short at quick settings."""
        found = super().settings(settings)
        return replace(found, restoration=replace(found.restoration, network=self.network))
