"""Any way to a kernel with any of the program's own networks, whatever the settings of the run.

``KERNEL+SOLVER``, for example ``kernelgan+default``; KERNEL is ``bicubic``, ``gt`` or a name that
``--estimator`` takes. The kernel is undone wholly, whoever made the image small; what the program makes of
a photograph as a whole is :mod:`benchmarks.methods.program`, whose parts NAMED tells.
"""

from dataclasses import dataclass
from typing import Final

from benchmarks.estimators import KernelFinder, finder
from benchmarks.label import BICUBIC, TRUE
from benchmarks.methods.base import Given, Made, Method
from benchmarks.methods.program import PROGRAMS
from benchmarks.methods.solve import Kernels, bicubic_kernels, solved, true_kernels
from benchmarks.settings import BenchSettings
from blindsr.configuration import ESTIMATORS, PRESETS
from blindsr.pipeline import kernels_for
from blindsr.restoration.config import RestorationConfig

GIVEN: Final = "gt"
KERNELS: Final = (BICUBIC, *ESTIMATORS, GIVEN)
SOLVERS: Final = ("default", "instant")


@dataclass(frozen=True)
class Parts:
    """Where the kernel comes from (of KERNELS), and whose network (a preset)."""

    kernel: str
    solver: str


NAMED: Final = {"blindsr-gt": Parts(GIVEN, "default")} | {
    name: Parts("spectral" if program.preset == "default" else "spectral-symmetric", program.preset)
    for name, program in PROGRAMS.items()
}
"""The default preset with the true kernel; and the program's ways, by the parts that they have in common
with combinations."""

COMBINATIONS: Final[dict[str, Parts]] = {"blindsr-gt": NAMED["blindsr-gt"]} | {
    f"{kernel}+{solver}": Parts(kernel, solver)
    for kernel in KERNELS
    for solver in SOLVERS
    if Parts(kernel, solver) != NAMED["blindsr-gt"]
}


def bound_of(method: str) -> str:
    """The method with the same network that is given the true kernel."""
    for stage in ("+srmd", "+usrnet"):
        if method.endswith(stage):
            return f"gt{stage}"
    known = COMBINATIONS | NAMED
    if method not in known:
        return "gt+zssr"
    wanted = Parts(GIVEN, known[method].solver)
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
        return settings.adapt(finder(self.parts.kernel))

    def own_network(self, settings: BenchSettings) -> RestorationConfig:
        """The preset's network, cut short at quick settings."""
        return settings.adapt_restoration(PRESETS[self.parts.solver].restoration)

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
