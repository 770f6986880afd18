"""Every way to an x2 kernel that a row may rest on: the program's own, and rivals'."""

from typing import Final

import torch

from benchmarks.rivals.michaeli_irani import MichaeliIraniConfig, estimate_recurrence
from blindsr import estimation
from blindsr.configuration import Estimator, Settings, estimator_named, fingerprint
from blindsr.spectral.config import SpectralConfig
from srbase.kernels.kernel import SRKernel

KernelFinder = Estimator | MichaeliIraniConfig
"""The settings of a way to the kernel; their type says which way."""

MICHAELI_IRANI: Final = "michaeli-irani"
RIVALS: Final[dict[str, KernelFinder]] = {MICHAELI_IRANI: MichaeliIraniConfig()}
"""Those beside :data:`blindsr.configuration.ESTIMATORS` that have a name."""


def finder(name: str) -> KernelFinder:
    """A named way to the kernel. Raises InputError for an unknown name."""
    return RIVALS[name] if name in RIVALS else estimator_named(name)


def settings_of(config: Estimator) -> Settings:
    """The program's settings with which a kernel alone is estimated, whatever kind of picture it is of."""
    return Settings(estimator=config, analysis=None)


def kernel_fingerprint(config: KernelFinder) -> str:
    """Of all that an estimated kernel depends on; one that edges refine also depends on their inverse."""
    if isinstance(config, SpectralConfig) and config.antisymmetric is not None:
        return fingerprint((config, settings_of(config).edges))
    return fingerprint(config)


def find_kernels(
    images: list[torch.Tensor], config: KernelFinder, *, seed: int, scale: int
) -> list[SRKernel]:
    """The x2 kernels of LR images on one device, whatever kind of pictures they are.

    Args:
        images: (C, H, W) in 0..1 each.
        config: the way to the kernel.
        seed: of each image's random numbers.
        scale: from LR to HR; 4 where the x2 kernel was applied twice.

    Returns:
        One for each image.

    Raises:
        InputError: for an image too small.
        ArithmeticError: where no kernel was found.
    """
    if isinstance(config, MichaeliIraniConfig):
        rngs = [torch.Generator().manual_seed(seed) for _ in images]
        return [
            estimate_recurrence(image, 2, config, rng=rng) for image, rng in zip(images, rngs, strict=True)
        ]
    found = estimation.analyse(
        images, scale, settings=settings_of(config), seed=seed, device=str(images[0].device)
    )
    return [analysis.kernel for analysis in found]
