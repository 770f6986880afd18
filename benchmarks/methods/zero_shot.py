"""ZSSR with one kernel or another: bicubic, estimated, true."""

from abc import abstractmethod
from dataclasses import replace
from typing import Final

from benchmarks.estimators import MICHAELI_IRANI, KernelFinder, finder
from benchmarks.label import BICUBIC, TRUE
from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.solve import Kernels, bicubic_kernels, solved, true_kernels
from benchmarks.settings import BenchSettings
from blindsr.pipeline import kernels_for
from kernelgan.config import KernelGANConfig

PAPER_ESTIMATOR: Final = "kernelgan"
"""The estimator of the papers' rows, and the one whose constraints Fig. C switches off."""


class ZeroShot(Method):
    """ZSSR with the kernels that a subclass provides."""

    uses_zssr = True

    @abstractmethod
    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The kernels by scale, and the seconds that finding them took."""

    def run(self, given: Given) -> Made:
        """Find the kernels, then train the ZSSR of the run's settings on the image with them."""
        return solved(given, *self.kernels(given), given.settings.restoration)


class BicubicKernel(ZeroShot):
    """ZSSR as its own paper runs it."""

    name = "zssr-bicubic"
    origin = BICUBIC

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The bicubic kernels."""
        return bicubic_kernels(given), None


class TrueKernel(ZeroShot):
    """The upper bound: the kernel that made the LR image."""

    name = "gt+zssr"
    origin = TRUE
    needs_true_kernels = True

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The true kernels."""
        return true_kernels(given, self.name), None


class EstimatedKernel(ZeroShot):
    """A named estimator's kernel; the ablations are the paper's game with constraint weights of 0."""

    def __init__(self, name: str, base: str = PAPER_ESTIMATOR, without: tuple[str, ...] = ()) -> None:
        self.name = name
        self.origin = base if not without else f"{base}-without-{'-'.join(without)}"
        self.config = finder(base)
        if without:
            assert isinstance(self.config, KernelGANConfig), "only a game has constraints"
            weights = replace(self.config.constraints, **dict.fromkeys(without, 0.0))  # type: ignore[arg-type]
            self.config = replace(self.config, constraints=weights)

    def estimator(self, settings: BenchSettings) -> KernelFinder:
        """The estimator at these settings."""
        return settings.adapt(self.config)

    def kernels(self, given: Given) -> tuple[Kernels, float | None]:
        """The estimate, and at x4 its composition with itself."""
        kernel, seconds = given.estimate(self.estimator(given.settings))
        return kernels_for(kernel, given.scale), seconds


KERNELGAN_ZSSR: Final = "kernelgan+zssr"
MICHAELI_IRANI_ZSSR: Final = f"{MICHAELI_IRANI}+zssr"
ABLATIONS: Final = {
    "kernelgan-no-sparse+zssr": ("sparse",),
    "kernelgan-no-boundaries+zssr": ("boundaries",),
    "kernelgan-no-sum-to-1+zssr": ("sum_to_1",),
    "kernelgan-no-centre+zssr": ("centre",),
    "kernelgan-no-constraints+zssr": ("sparse", "boundaries", "sum_to_1", "centre"),
}
"""Fig. C of the rebuttal: the constraint weights set to 0."""
