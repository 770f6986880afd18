"""Every way to an x2 kernel that a row may rest on: the program's own, and rivals'."""

from typing import Final

import torch

from benchmarks.rivals.michaeli_irani import MichaeliIraniConfig, estimate_recurrence
from blindsr.estimation import estimate_kernel
from blindsr.estimators import Estimator, assuming, estimator
from srbase.kernels.kernel import SRKernel

KernelFinder = Estimator | MichaeliIraniConfig
"""The settings of a way to the kernel; their type says which way."""

MICHAELI_IRANI: Final = "michaeli-irani"
RIVALS: Final[dict[str, KernelFinder]] = {MICHAELI_IRANI: MichaeliIraniConfig()}
"""Those beside :data:`blindsr.estimators.ESTIMATORS` that have a name."""


def finder(name: str) -> KernelFinder:
    """A named way to the kernel, of a computer whatever the image. Raises InputError for an unknown name."""
    return RIVALS[name] if name in RIVALS else assuming(estimator(name), "computer", trust=1.0)


def find_kernel(image: torch.Tensor, config: KernelFinder, *, rng: torch.Generator, scale: int) -> SRKernel:
    """The x2 kernel of an LR image (C, H, W) in 0..1; scale: from LR to HR, 4 where it was applied twice.

    Raises InputError for an image too small and ArithmeticError where no kernel was found.
    """
    if isinstance(config, MichaeliIraniConfig):
        return estimate_recurrence(image, 2, config, rng=rng)
    return estimate_kernel(image, config, rng=rng, scale=scale).kernel
