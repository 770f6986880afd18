"""What a method is: it gets the LR image, the scale and a few tools; it never sees the truth."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

from benchmarks.settings import BenchSettings
from blindsr.imaging.kernel import SRKernel
from kernelgan.config import KernelGANConfig


@dataclass(frozen=True, eq=False)
class Given:
    """All that a method may know.

    ``lr`` is (C, H, W) in 0..1 on the device to use. ``true_kernels`` (by scale) is empty unless the
    method says that it needs them. ``estimate`` gives the x2 kernel of this very image by these
    settings with the seconds that it took when it was first made: methods that share settings share
    the kernel.
    """

    image: str
    lr: torch.Tensor
    scale: int
    seed: int
    settings: BenchSettings
    estimate: Callable[[KernelGANConfig], tuple[SRKernel, float]]
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

    def kernelgan(self, settings: BenchSettings) -> KernelGANConfig | None:  # noqa: ARG002
        """The settings of the kernel estimation that the method relies on, if any."""
        return None

    def label(self, settings: BenchSettings) -> str:
        """What the rows carry as ``settings_hash``."""
        return settings.label(self.kernelgan(settings), uses_zssr=self.uses_zssr)

    @abstractmethod
    def run(self, given: Given) -> Made:
        """Super-resolve. Raises InputError where the image cannot be done."""
