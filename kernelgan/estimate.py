"""image -> SRKernel: the whole estimation."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.progress import OnProgress, silent
from kernelgan.config import KernelGANConfig


@dataclass(frozen=True, eq=False)
class KernelEstimate:
    """An estimated x2 kernel, 13x13 and centred, and how it came about.

    ``history`` maps each figure (``g_loss``, ``d_loss``, ...) to its values, one every 50 steps.
    """

    kernel: SRKernel
    history: Mapping[str, tuple[float, ...]]


def estimate_kernel(
    image: torch.Tensor,
    config: KernelGANConfig,
    *,
    generator: torch.Generator,
    on_step: OnProgress = silent,
) -> KernelEstimate:
    """Estimate the x2 kernel of an LR image."""
    raise NotImplementedError
