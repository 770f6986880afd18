"""Any way to a kernel with any of the program's own networks, whatever the settings of the run.

``KERNEL+SOLVER``, for example ``kernelgan+default``; KERNEL is ``bicubic``, ``gt`` or a name that
``--estimator`` takes. Four of them go by names of their own, see NAMED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.estimators import KernelFinder
from benchmarks.label import BICUBIC, TRUE
from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.solve import Kernels, bicubic_kernels, solved, true_kernels
from benchmarks.settings import BenchSettings
from blindsr.pipeline import kernels_for
from blindsr.presets import ESTIMATORS, PRESETS
from kernelgan.config import estimator
from zssr.config import ZSSRConfig, for_real_photographs

GIVEN: Final = "gt"
KERNELS: Final = (BICUBIC, *ESTIMATORS, GIVEN)
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
    "blindsr-gt": Parts(GIVEN, "default"),
    "blindsr-real": Parts("guided", "default", real=True),
}
"""The presets ``default`` and ``instant``; the default with the true kernel, and with ``--real``."""

COMBINATIONS: Final[Mapping[str, Parts]] = NAMED | {
    f"{kernel}+{solver}": Parts(kernel, solver)
    for kernel in KERNELS
    for solver in SOLVERS
    if Parts(kernel, solver) not in NAMED.values()
}


def bound_of(method: str) -> str:
    """The method with the same network that is given the true kernel."""
    if method.endswith("+srmd"):
        return "gt+srmd"
    if method not in COMBINATIONS:
        return "gt+zssr"
    wanted = Parts(GIVEN, COMBINATIONS[method].solver)
    return next(name for name, parts in COMBINATIONS.items() if parts == wanted)


CROSSES: Final = tuple(name for name in COMBINATIONS if name not in NAMED)
"""Those that only the table of ways to the kernel by ways to the image shows."""


class Combination(Method):
    """The kernel of one source, and a preset's network with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts = COMBINATIONS[name]
        self.needs_true_kernels = self.parts.kernel == GIVEN
        self.origin = TRUE if self.needs_true_kernels else self.parts.kernel

    def estimator(self, settings: BenchSettings) -> KernelFinder | None:
        """The estimation, or none."""
        if self.parts.kernel not in ESTIMATORS:
            return None
        return settings.adapt(estimator(ESTIMATORS[self.parts.kernel]))

    def own_network(self, settings: BenchSettings) -> ZSSRConfig:
        """The preset's network, cut short at quick settings."""
        config = settings.adapt_zssr(PRESETS[self.parts.solver].zssr)
        return for_real_photographs(config) if self.parts.real else config

    def run(self, given: Given) -> Made:
        """Find the kernels, then super-resolve with the preset's network."""
        return solved(given, *self._kernels(given), self.own_network(given.settings))

    def _kernels(self, given: Given) -> tuple[Kernels, float | None]:
        config = self.estimator(given.settings)
        if config is not None:
            kernel, seconds = given.estimate(config)
            return kernels_for(kernel, given.scale), seconds
        if self.parts.kernel == BICUBIC:
            return bicubic_kernels(given), None
        return true_kernels(given, self.name), None
