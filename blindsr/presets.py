"""What a run depends on, and its named presets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from blindsr.errors import InputError
from kernelgan.config import KernelGANConfig, variant
from zssr.config import ZSSRConfig, for_real_photographs, kernel_aware


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one run depends on, besides the image, the scale, the seed and the device."""

    kernelgan: KernelGANConfig = field(default_factory=lambda: variant("guided"))
    zssr: ZSSRConfig = field(default_factory=kernel_aware)


PRESETS: Final = {
    "default": Settings(),
    "paper": Settings(kernelgan=variant("paper"), zssr=ZSSRConfig()),
    "instant": Settings(
        kernelgan=variant("spectral"), zssr=replace(kernel_aware(), start="inverse", max_steps=0)
    ),
}
"""``default``: guided KernelGAN and a ZSSR that starts from the kernel's inverse. ``paper``: both stages as
published. ``instant``: the spectral kernel and its linear inverse; nothing is trained."""

ESTIMATORS: Final = {"guided": "guided", "kernelgan": "paper", "spectral": "spectral"}
"""Names of the ways to the kernel, and the KernelGAN variant that each is."""


def settings_for(
    preset: str = "default",
    *,
    estimator: str | None = None,
    kernelgan_steps: int | None = None,
    zssr_steps: int | None = None,
    real: bool = False,
) -> Settings:
    """A preset, with another estimator or other numbers of steps where given, and for noisy
    photographs if ``real``. Raises InputError for unknown names."""
    if preset not in PRESETS:
        raise InputError(f"preset '{preset}' is unknown; wanted one of {', '.join(PRESETS)}")
    settings = PRESETS[preset]
    kernelgan, zssr = settings.kernelgan, settings.zssr
    if estimator is not None:
        if estimator not in ESTIMATORS:
            raise InputError(f"estimator '{estimator}' is unknown; wanted one of {', '.join(ESTIMATORS)}")
        kernelgan = variant(ESTIMATORS[estimator])
    if kernelgan_steps is not None and kernelgan.steps:
        kernelgan = replace(kernelgan, steps=kernelgan_steps)
    if zssr_steps is not None and zssr.max_steps:
        zssr = replace(zssr, max_steps=zssr_steps)
    return Settings(kernelgan=kernelgan, zssr=for_real_photographs(zssr) if real else zssr)
