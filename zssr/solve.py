"""image + kernels -> SR image: the whole super-resolution."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.progress import OnProgress, silent
from zssr.config import ZSSRConfig


@dataclass(frozen=True, eq=False)
class SRStep:
    """One training and one inference: the scale, the steps taken, and the curves of the training."""

    scale: int
    steps: int
    history: Mapping[str, tuple[float, ...]]  # step, error (dB), learning_rate, loss; one each test


@dataclass(frozen=True, eq=False)
class SRResult:
    """An SR image (C, s*H, s*W) in 0..1 and the steps that made it."""

    image: torch.Tensor
    steps: tuple[SRStep, ...]


def super_resolve(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    config: ZSSRConfig,
    *,
    generator: torch.Generator,
    on_step: OnProgress = silent,
) -> SRResult:
    """Super-resolve an LR image with its kernels."""
    raise NotImplementedError
