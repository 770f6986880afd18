"""What a run depends on, and its named presets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from blindsr.analysis.borders import BarsConfig
from blindsr.analysis.jpeg_history import JPEGHistoryConfig
from blindsr.estimators import Estimator, GuidedConfig, assuming, estimator
from blindsr.names import Real
from blindsr.narrow import NarrowConfig
from blindsr.restoration.config import (
    AdaptiveConfig,
    CameraConfig,
    ColouredConfig,
    InverseConfig,
    NoiseConfig,
    QuantisationConfig,
    RoundsConfig,
)
from blindsr.spectral.config import Assumption, SpectralConfig
from srbase.errors import InputError
from srbase.imaging.tones import ToneConfig
from zssr.config import ZSSRConfig, for_real_photographs, kernel_aware


@dataclass(frozen=True, kw_only=True)
class RestoreConfig:
    """How a camera's images, and those stored as JPEG, are restored (:mod:`blindsr.restoration.blend`)."""

    camera: CameraConfig = field(default_factory=CameraConfig)
    coloured: ColouredConfig = field(default_factory=ColouredConfig)
    quantisation: QuantisationConfig = field(default_factory=QuantisationConfig)
    history: JPEGHistoryConfig | None = field(default_factory=JPEGHistoryConfig)
    """How pixels without a header are asked whether they were a JPEG; None: they are not."""
    noise: NoiseConfig = field(default_factory=NoiseConfig)
    ordinary: float = 1e-4
    """Noise over amplitude that rounding to 8 bits has in a photograph of ordinary detail, as
    ``LinearConfig.weight``."""
    noisy: float = 2.0
    """Variance of a JPEG's noise over rounding's from which its tables are heeded: under it they are as fine
    as rounding, and networks train on."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one run depends on, besides the image, the scale, the seed and the device."""

    estimator: Estimator = field(default_factory=GuidedConfig)
    zssr: ZSSRConfig = field(default_factory=kernel_aware)
    restore: RestoreConfig = field(default_factory=RestoreConfig)
    tones: ToneConfig = field(default_factory=ToneConfig)
    bars: BarsConfig = field(default_factory=BarsConfig)
    narrow: NarrowConfig = field(default_factory=NarrowConfig)


PRESETS: Final[dict[str, Settings]] = {
    "default": Settings(),
    "paper": Settings(estimator=estimator("paper"), zssr=ZSSRConfig()),
    "instant": Settings(
        estimator=SpectralConfig(),
        zssr=replace(kernel_aware(), inverse=InverseConfig(adaptive=None), max_steps=0),
        restore=RestoreConfig(
            coloured=ColouredConfig(
                adaptive=AdaptiveConfig(luma=RoundsConfig(rounds=1, steps=8, strength=0.2))
            )
        ),
    ),
}
"""``default``: the guided estimate and a ZSSR that starts from the kernel's inverse. ``paper``: both stages
as published. ``instant``: the spectral kernel and its linear inverse, a camera's steered once; nothing is
trained."""

ESTIMATORS: Final = {
    "guided": "guided",
    "kernelgan": "watched",
    "spectral": "spectral",
}
"""The ways to the kernel that a person may name, and the estimator that each is; the preset ``paper`` plays
its own game under the name of KernelGAN."""


ASSUMED: Final[dict[Real, Assumption]] = {"auto": "auto", "on": "camera", "off": "computer"}
"""What each word of ``real`` means."""


def settings_for(
    preset: str = "default",
    *,
    estimator: str | None = None,
    kernelgan_steps: int | None = None,
    zssr_steps: int | None = None,
    real: Real = "auto",
    trust: float | None = None,
) -> Settings:
    """A preset, with another estimator or other numbers of steps where given.

    real: whether the photograph is as a camera took it: "auto" asks the photograph. Estimators without a
    spectrum cannot ask; theirs is "off", and "on" trains the network against noise. trust: how far to leave
    bicubic interpolation, 0..1; None asks the photograph, and is 1 where real is "off". Raises InputError
    for unknown names, and for steps of a stage that trains nothing."""
    if preset not in PRESETS:
        raise InputError(f"preset '{preset}' is unknown; wanted one of {', '.join(PRESETS)}")
    way, zssr = PRESETS[preset].estimator, PRESETS[preset].zssr
    if estimator is not None:
        way = _named(estimator, preset)
    if kernelgan_steps is not None:
        way = _with_steps(way, kernelgan_steps)
    if zssr_steps is not None:
        if not zssr.max_steps:
            raise InputError(f"preset '{preset}' trains no network; wanted no ZSSR steps, or another preset")
        zssr = replace(zssr, max_steps=zssr_steps)
    blind = not isinstance(way, SpectralConfig | GuidedConfig)
    if blind and trust is not None:
        raise InputError("KernelGAN alone says nothing about trust; wanted none, or another estimator")
    if blind and real == "on":
        zssr = for_real_photographs(zssr)
    if real == "off" and trust is None:
        trust = 1.0
    return replace(PRESETS[preset], estimator=assuming(way, ASSUMED[real], trust), zssr=zssr)


def _named(name: str, preset: str) -> Estimator:
    if name not in ESTIMATORS:
        raise InputError(f"estimator '{name}' is unknown; wanted one of {', '.join(ESTIMATORS)}")
    if (name, preset) == ("kernelgan", "paper"):
        return PRESETS[preset].estimator
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
