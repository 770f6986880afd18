"""What a run depends on, and its named presets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from blindsr.errors import InputError
from blindsr.inverse.config import InverseConfig
from kernelgan.config import Estimator, GuidedConfig, estimator
from kernelgan.spectral.config import SpectralConfig
from zssr.config import ZSSRConfig, for_real_photographs, kernel_aware


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one run depends on, besides the image, the scale, the seed and the device."""

    estimator: Estimator = field(default_factory=GuidedConfig)
    zssr: ZSSRConfig = field(default_factory=kernel_aware)


PRESETS: Final[dict[str, Settings]] = {
    "default": Settings(),
    "paper": Settings(estimator=estimator("paper"), zssr=ZSSRConfig()),
    "instant": Settings(
        estimator=SpectralConfig(),
        zssr=replace(kernel_aware(), inverse=InverseConfig(adaptive=None), max_steps=0),
    ),
}
"""``default``: the guided estimate and a ZSSR that starts from the kernel's inverse. ``paper``: both stages
as published. ``instant``: the spectral kernel and its linear inverse; nothing is trained."""

ESTIMATORS: Final = {
    "guided": "guided",
    "kernelgan": "paper",
    "spectral": "spectral",
}
"""The ways to the kernel that a person may name, and the estimator that each is."""


def settings_for(
    preset: str = "default",
    *,
    estimator: str | None = None,
    kernelgan_steps: int | None = None,
    zssr_steps: int | None = None,
    real: bool = False,
) -> Settings:
    """A preset, with another estimator or other numbers of steps where given, and for noisy photographs if
    ``real``. Raises InputError for unknown names, and for steps of a stage that trains nothing."""
    if preset not in PRESETS:
        raise InputError(f"preset '{preset}' is unknown; wanted one of {', '.join(PRESETS)}")
    way, zssr = PRESETS[preset].estimator, PRESETS[preset].zssr
    if estimator is not None:
        way = _named(estimator)
    if kernelgan_steps is not None:
        way = _with_steps(way, kernelgan_steps)
    if zssr_steps is not None:
        if not zssr.max_steps:
            raise InputError(f"preset '{preset}' trains no network; wanted no ZSSR steps, or another preset")
        zssr = replace(zssr, max_steps=zssr_steps)
    return Settings(estimator=way, zssr=for_real_photographs(zssr) if real else zssr)


def _named(name: str) -> Estimator:
    if name not in ESTIMATORS:
        raise InputError(f"estimator '{name}' is unknown; wanted one of {', '.join(ESTIMATORS)}")
    return estimator(ESTIMATORS[name])


def _with_steps(way: Estimator, steps: int) -> Estimator:
    """The same estimator with another number of steps of its game."""
    if isinstance(way, SpectralConfig):
        raise InputError(
            "the spectral estimate plays no game; wanted no KernelGAN steps, or another estimator"
        )
    if isinstance(way, GuidedConfig):
        return replace(way, game=replace(way.game, steps=steps))
    return replace(way, steps=steps)
