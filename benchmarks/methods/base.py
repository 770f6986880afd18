"""What a method is: it gets the LR image, the scale and a few tools; it never sees the truth."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from benchmarks.estimators import KernelFinder, kernel_fingerprint
from benchmarks.label import UNUSED, Label
from benchmarks.settings import BenchSettings
from blindsr.configuration import fingerprint
from srbase.kernels.kernel import SRKernel


@dataclass(frozen=True, eq=False)
class Given:
    """All that a method may know.

    ``lr`` is (C, H, W) in 0..1 on the device to use. ``true_kernels`` (by scale) is empty unless the
    method says that it needs them. ``estimate`` gives the x2 kernel of this very image by an
    estimator with the seconds that it took when it was first made: methods that share an estimator share
    the kernel.
    """

    image: str
    lr: torch.Tensor
    scale: int
    seed: int
    settings: BenchSettings
    estimate: Callable[[KernelFinder], tuple[SRKernel, float]]
    true_kernels: Mapping[int, SRKernel] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Made:
    """What a method made: SR (C, s*H, s*W), the kernel of this scale that it used, its seconds."""

    sr: torch.Tensor
    kernel: SRKernel | None = None
    kernel_seconds: float | None = None
    sr_seconds: float | None = None


class Method(ABC):
    """One compared method. Adding one is a subclass, an entry in the registry, and a test."""

    name: str
    needs_true_kernels = False
    uses_zssr = False
    """Whether it trains the ZSSR of the run's settings."""
    origin: str = UNUSED
    """Where its kernel comes from, in a word."""

    def estimator(self, settings: BenchSettings) -> KernelFinder | None:  # noqa: ARG002
        """The kernel estimation that the method relies on, if any."""
        return None

    def own_network(self, settings: BenchSettings) -> Any:  # noqa: ARG002
        """The settings of the network that the method brings, whatever those of the run, or None."""
        return None

    def label(self, settings: BenchSettings) -> Label:
        """What the rows carry as ``settings_hash``."""
        own = self.own_network(settings)
        network = own or (settings.restoration if self.uses_zssr else None)
        estimator = self.estimator(settings)
        return Label(
            settings.name,
            settings.protocol,
            fingerprint(network) if network else UNUSED,
            own is not None,
            self.origin,
            kernel_fingerprint(estimator) if estimator else UNUSED,
        )

    @abstractmethod
    def run(self, given: Given) -> Made:
        """Super-resolve. Raises InputError where the image cannot be done."""
