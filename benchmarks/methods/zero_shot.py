"""ZSSR with one kernel or another: bicubic, estimated, true."""

import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import torch

from benchmarks.methods.base import Given, Made, Method
from benchmarks.settings import BenchSettings
from blindsr.imaging.device import synchronise
from blindsr.imaging.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.pipeline import kernels_for
from kernelgan.config import KernelGANConfig, variant
from zssr.solve import super_resolve


class ZeroShot(Method):
    """ZSSR with the kernels that a subclass provides."""

    uses_zssr = True

    @abstractmethod
    def kernels(self, given: Given) -> tuple[Mapping[int, SRKernel], float | None]:
        """The kernels by scale, and the seconds that finding them took."""

    def run(self, given: Given) -> Made:
        """Find the kernels, then train ZSSR on the image with them. Only ZSSR itself is timed here."""
        kernels, kernel_seconds = self.kernels(given)
        generator = torch.Generator().manual_seed(given.seed)
        started = time.perf_counter()
        result = super_resolve(given.lr, kernels, given.scale, given.settings.zssr, generator=generator)
        synchronise(given.lr.device)
        seconds = time.perf_counter() - started
        return Made(result.image, kernels[given.scale], kernel_seconds, seconds)


class BicubicKernel(ZeroShot):
    """ZSSR as its own paper runs it."""

    name = "zssr-bicubic"

    def kernels(self, given: Given) -> tuple[Mapping[int, SRKernel], float | None]:
        """The bicubic kernels."""
        return {scale: SRKernel.bicubic(scale) for scale in (2, given.scale)}, None


class TrueKernel(ZeroShot):
    """The upper bound: the kernel that made the LR image."""

    name = "gt+zssr"
    needs_true_kernels = True

    def kernels(self, given: Given) -> tuple[Mapping[int, SRKernel], float | None]:
        """The true kernels."""
        if given.scale not in given.true_kernels:
            raise InputError(f"{given.image} has no true x{given.scale} kernel; {self.name} needs it")
        return given.true_kernels, None


class EstimatedKernel(ZeroShot):
    """KernelGAN's kernel; the ablations are variants with constraint weights of 0."""

    def __init__(self, name: str, base: str | None = None, without: tuple[str, ...] = ()) -> None:
        self.name = name
        config = variant(base) if base else variant()
        weights = config.constraints
        for weight in without:
            weights = replace(weights, **{weight: 0.0})  # type: ignore[arg-type]
        self.config = replace(config, constraints=weights)

    def kernelgan(self, settings: BenchSettings) -> KernelGANConfig:
        """The variant at these settings."""
        return settings.adapt(self.config)

    def kernels(self, given: Given) -> tuple[Mapping[int, SRKernel], float | None]:
        """The estimate, and at x4 its composition with itself."""
        kernel, seconds = given.estimate(self.kernelgan(given.settings))
        return kernels_for(kernel, given.scale), seconds


KERNELGAN_ZSSR: Final = "kernelgan+zssr"
PAPER: Final = "kernelgan-paper+zssr"
ABLATED: Final = "paper"  # the variant whose constraints Fig. C switches off
ABLATIONS: Final = {
    "kernelgan-no-sparse+zssr": ("sparse",),
    "kernelgan-no-boundaries+zssr": ("boundaries",),
    "kernelgan-no-sum-to-1+zssr": ("sum_to_1",),
    "kernelgan-no-centre+zssr": ("centre",),
    "kernelgan-no-constraints+zssr": ("sparse", "boundaries", "sum_to_1", "centre"),
}
"""Fig. C of the rebuttal: the constraint weights set to 0."""
