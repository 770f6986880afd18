"""Settings of a run, their presets, and the record of what a result depends on.

Settings are frozen dataclasses whose fields are numbers, strings, tuples, None or settings again.
:func:`tree` writes them as plain values and :func:`fingerprint` as a hash; nothing is left out, so that a
change of any number, however deep, changes the hash.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, get_args

from blindsr.analysis.borders import BarsConfig
from blindsr.analysis.config import AnalysisConfig, Assumption
from blindsr.names import EstimatorName, KindChoice, Real
from blindsr.restoration.config import (
    AdaptiveConfig,
    ColouredNoiseConfig,
    DrawingConfig,
    InverseConfig,
    NetworkConfig,
    RestorationConfig,
    RoundsConfig,
    network_config,
)
from blindsr.spectral.antisymmetric import AntisymmetricConfig
from blindsr.spectral.config import SpectralConfig
from blindsr.version import ALGORITHM
from kernelgan.config import KernelGANConfig
from srbase.errors import InputError
from srbase.imaging.tones import ToneConfig
from zssr.config import ZSSRConfig, for_real_photographs, kernel_aware

Estimator = SpectralConfig | KernelGANConfig
"""How the kernel is estimated: the type of the settings says which way."""

ESTIMATORS: Final[dict[str, Estimator]] = {
    "kernelgan": KernelGANConfig(),
    "spectral": SpectralConfig(antisymmetric=AntisymmetricConfig()),
    "spectral-symmetric": SpectralConfig(),
}
"""The estimators that have a name: the paper's, ours, and ours without the antisymmetric part."""

SHARP: Final = InverseConfig(adaptive=AdaptiveConfig(luma=RoundsConfig(rounds=3, steps=10, strength=1.5)))
"""An inverse with 25 times the usual penalty: its edges are flat on either side, so that the antisymmetric
part of the kernel stays in the residual."""

KIND: Final = "kind"
"""Under this name each branch of the tree says which type of settings it is."""
DIGITS: Final = 8
"""Hexadecimal digits of a fingerprint: two different settings share one in four billion."""


@dataclass(frozen=True, kw_only=True)
class NarrowConfig:
    """Windows in which the kernels of narrow images are found. On strips of 40 and 56 pixels of seven of
    Kodak's photographs (13 to 22) the result gains 2.6 dB over bicubic interpolation; with the true kernel it
    gains 3.3."""

    window: int = 32  # LR pixels a side
    hop: int = 16  # LR pixels

    def __post_init__(self) -> None:
        if not self.window >= 16 or not 0 < self.hop <= self.window:
            raise InputError(
                f"narrow window is {self.window}, hop {self.hop}; wanted at least 16, and 0 < hop <= window"
            )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one run depends on, besides the image, the scale, the seed and the device."""

    estimator: Estimator = field(default_factory=lambda: ESTIMATORS["spectral"])
    edges: InverseConfig = SHARP
    """The inverse that shows the edges from which a kernel's antisymmetric part is read."""
    analysis: AnalysisConfig | None = field(default_factory=AnalysisConfig)
    """What kind of picture it is; None: taken as downscaled by a kernel, without noise, as published."""
    spectral_fit: SpectralConfig = field(default_factory=SpectralConfig)
    """The fit of the power spectrum whose features are used where KernelGAN estimates the kernel."""
    restoration: RestorationConfig = field(default_factory=lambda: RestorationConfig(zssr=kernel_aware()))
    tones: ToneConfig = field(default_factory=ToneConfig)
    bars: BarsConfig = field(default_factory=BarsConfig)
    narrow: NarrowConfig = field(default_factory=NarrowConfig)

    def __post_init__(self) -> None:
        if self.edges.adaptive is None:
            raise InputError("the inverse that shows edges has no adaptive settings; wanted some")


PRESETS: Final[dict[str, Settings]] = {
    "default": Settings(),
    "paper": Settings(
        estimator=ESTIMATORS["kernelgan"],
        analysis=None,
        restoration=RestorationConfig(inverse=None, zssr=ZSSRConfig()),
    ),
    "instant": Settings(
        estimator=ESTIMATORS["spectral-symmetric"],
        restoration=RestorationConfig(
            inverse=InverseConfig(adaptive=None),
            drawing=DrawingConfig(inverse=InverseConfig(adaptive=None)),
            zssr=replace(kernel_aware(), max_steps=0),
            coloured=ColouredNoiseConfig(
                adaptive=AdaptiveConfig(luma=RoundsConfig(rounds=1, steps=8, strength=0.2))
            ),
        ),
    ),
}
"""``default``: the spectral kernel with its antisymmetric part, and a ZSSR that starts from the kernel's
inverse. ``paper``: both stages as published. ``instant``: the symmetric spectral kernel and its linear
inverse; a camera's inverse is steered along edges once; nothing is trained."""

ASSUMED: Final[dict[Real, Assumption]] = {"auto": "auto", "on": "camera", "off": "computer"}
"""The origin that each value of ``real`` assumes."""


def settings_of_preset(
    preset: str = "default",
    *,
    estimator: str | None = None,
    kernelgan_steps: int | None = None,
    zssr_steps: int | None = None,
    real: Real = "auto",
    kind: KindChoice = "auto",
    trust: float | None = None,
    network: str | os.PathLike[str] | None = None,
) -> Settings:
    """The settings of a preset, with changes.

    Args:
        preset: ``default``, ``paper`` or ``instant``.
        estimator: ``spectral`` or ``kernelgan``, in place of the preset's.
        kernelgan_steps: training steps of KernelGAN.
        zssr_steps: at most so many training steps of each ZSSR step.
        real: ``on``: a camera took the photograph as it is; ``off``: it was downscaled; ``auto``: the
            analysis decides. The preset ``paper`` analyses nothing; its ``on`` trains ZSSR against noise, as
            published.
        kind: ``photo``, ``drawing`` or ``pixels``, whatever the image shows; ``auto``: it is classified.
            ``paper`` takes every image for a photograph.
        trust: blend, 0 (bicubic interpolation) to 1 (the full restoration); None: 1.
        network: a file of weights: of a USRNet, for pictures whose kernel is certain, or of a detail network
            of ``make network``, for all others; ``auto``: the detail networks of the package.

    Returns:
        The settings.

    Raises:
        InputError: for an unknown name, steps of a stage that trains nothing, a kind where nothing is
            analysed, a trust outside 0..1, or a file that holds no such network.
    """
    if preset not in PRESETS:
        raise InputError(f"preset '{preset}' is unknown; wanted one of {', '.join(PRESETS)}")
    found = PRESETS[preset]
    if estimator is not None:
        found = replace(found, estimator=_named(estimator, found))
    if kernelgan_steps is not None:
        if not isinstance(found.estimator, KernelGANConfig):
            raise InputError("KernelGAN is not the estimator; wanted no KernelGAN steps, or that estimator")
        found = replace(found, estimator=replace(found.estimator, steps=kernelgan_steps))
    restoration = replace(found.restoration, trust=trust)
    if zssr_steps is not None:
        if not restoration.zssr.max_steps:
            raise InputError(f"preset '{preset}' trains no network; wanted no ZSSR steps, or another preset")
        restoration = replace(restoration, zssr=replace(restoration.zssr, max_steps=zssr_steps))
    if found.analysis is None and real == "on":
        restoration = replace(restoration, zssr=for_real_photographs(restoration.zssr))
    found = replace(found, restoration=restoration)
    return with_choices(found, real=real, kind=kind, network=network)


def with_choices(
    settings: Settings,
    *,
    real: Real | None = None,
    kind: KindChoice | None = None,
    trust: float | None = None,
    network: str | os.PathLike[str] | None = None,
) -> Settings:
    """The same settings with the choices that people make most often.

    Args:
        settings: of a run.
        real: as of :func:`settings_of_preset`, as are all that follow; None: as the settings say.
        kind: what kind of picture it is.
        trust: blend.
        network: trained weights.

    Returns:
        The settings.

    Raises:
        InputError: for a choice that is none, a kind where nothing is analysed, or a file that holds no such
            network.
    """
    if real is not None:
        if real not in ASSUMED:
            raise InputError(f"real is '{real}'; wanted one of {', '.join(ASSUMED)}")
        settings = assuming(settings, ASSUMED[real])
    if kind is not None:
        settings = with_kind(settings, kind)
    restoration = settings.restoration
    if trust is not None:
        restoration = replace(restoration, trust=trust)
    if network is not None:
        trained = network_config(network)
        if isinstance(trained, NetworkConfig):
            restoration = replace(restoration, network=trained)
        else:
            restoration = replace(restoration, detail=trained)
    return replace(settings, restoration=restoration)


def estimator_named(name: str) -> Estimator:
    """Settings of a kernel estimator by its name.

    Args:
        name: a key of :data:`ESTIMATORS`.

    Returns:
        The estimator's settings.

    Raises:
        InputError: for an unknown name.
    """
    if name not in ESTIMATORS:
        raise InputError(f"estimator '{name}' is unknown; wanted one of {', '.join(ESTIMATORS)}")
    return ESTIMATORS[name]


def assuming(settings: Settings, assume: Assumption) -> Settings:
    """The same settings with an assumption on the picture's origin, where it is analysed at all."""
    analysis = settings.analysis
    if analysis is None:
        return settings
    return replace(settings, analysis=replace(analysis, assume=assume))


def with_kind(settings: Settings, kind: KindChoice) -> Settings:
    """The same settings with a kind of picture that was chosen.

    Args:
        settings: of a run.
        kind: ``photo``, ``drawing`` or ``pixels``, whatever the image shows; ``auto``: it is classified.

    Returns:
        The settings.

    Raises:
        InputError: for another kind, or where the settings analyse nothing.
    """
    if kind not in get_args(KindChoice):
        raise InputError(f"kind is '{kind}'; wanted one of {', '.join(get_args(KindChoice))}")
    if settings.analysis is None:
        if kind in ("auto", "photo"):
            return settings
        raise InputError(f"kind is '{kind}', but these settings analyse nothing; wanted another preset")
    return replace(settings, analysis=replace(settings.analysis, picture=kind))


def _named(name: str, preset: Settings) -> Estimator:
    """The settings of a named estimator: the preset's, if the command line knows the name and the preset has
    an estimator of that type."""
    wanted = estimator_named(name)
    own = name in get_args(EstimatorName) and type(wanted) is type(preset.estimator)
    return preset.estimator if own else wanted


def tree(settings: Any, *, places: bool = True) -> Any:
    """The settings as JSON's types: each dataclass a mapping that begins with its ``kind``.

    A field marked ``optional`` is left out where it is None, so that records from before it keep their hash.

    Args:
        settings: a dataclass, or a part of one.
        places: with the fields marked ``place``, which say where a file lies whose hash is there too.

    Returns:
        Mappings, lists, strings, numbers, booleans and None.

    Raises:
        TypeError: for a value of another type.

    >>> from blindsr.restoration.config import LinearConfig
    >>> tree(LinearConfig(radii=(4,)))["kind"], tree(LinearConfig(radii=(4,)))["radii"]
    ('LinearConfig', [4])
    """
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        fields = {
            field.name: tree(getattr(settings, field.name), places=places)
            for field in dataclasses.fields(settings)
            if (places or not field.metadata.get("place"))
            and not (field.metadata.get("optional") and getattr(settings, field.name) is None)
        }
        return {KIND: type(settings).__name__, **fields}
    if isinstance(settings, Mapping):
        return {str(name): tree(value, places=places) for name, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [tree(item, places=places) for item in settings]
    if settings is None or isinstance(settings, bool | int | float | str):
        return settings
    raise TypeError(f"settings hold a {type(settings).__name__}; a record knows no such value")


def fingerprint(settings: Any) -> str:
    """The first digits of the SHA-256 of the whole tree and of :data:`blindsr.version.ALGORITHM`."""
    text = json.dumps({"algorithm": ALGORITHM, "settings": tree(settings, places=False)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
