"""ZSSR with one kernel or another: bicubic, estimated, true."""

from abc import abstractmethod
from dataclasses import replace
from typing import Final

from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.solve import Kernels, bicubic_kernels, solved, true_kernels
from benchmarks.settings import BenchSettings
from blindsr.pipeline import kernels_for
from kernelgan.config import KernelGANConfig, variant


class ZeroShot(Method):
    """ZSSR with the kernels that a subclass provides."""

    uses_zssr = True

    @abstractmethod
    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The kernels by scale, and the seconds that finding them took."""

    def run(self, given: Given) -> Made:
        """Find the kernels, then train the ZSSR of the run's settings on the image with them."""
        return solved(given, *self.kernels(given), given.settings.zssr)


class BicubicKernel(ZeroShot):
    """ZSSR as its own paper runs it."""

    name = "zssr-bicubic"

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The bicubic kernels."""
        return bicubic_kernels(given), None


class TrueKernel(ZeroShot):
    """The upper bound: the kernel that made the LR image."""

    name = "gt+zssr"
    needs_true_kernels = True

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The true kernels."""
        return true_kernels(given, self.name), None


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

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
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
