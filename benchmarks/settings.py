"""The named settings of a run, and the short text that each row carries to say what made it.

``NAME:PROTOCOL:ZSSR:KERNELGAN``, for example ``paper:rcan:1f0c2a:9be441``: the settings' name, the
metric protocol, and the first digits of the hash of each stage's settings, ``-`` where a method
does not use the stage. Rows go into one table only if the first three agree, and the fourth within
a method. A method that brings a network of its own has ``-`` for ZSSR and ``KERNELGAN/OWN`` last.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from blindsr.errors import InputError
from blindsr.imaging.metrics import Protocol
from blindsr.presets import PRESETS
from kernelgan.config import BicubicPhase, KernelGANConfig
from zssr.config import ZSSRConfig

Config = TypeVar("Config", KernelGANConfig, ZSSRConfig)

HASH_DIGITS = 6
UNUSED = "-"


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """How both stages are run: ZSSR's settings, and what is done to each KernelGAN variant."""

    name: str
    zssr: ZSSRConfig
    adapt: Callable[[KernelGANConfig], KernelGANConfig]
    adapt_zssr: Callable[[ZSSRConfig], ZSSRConfig]  # of the program's presets
    protocol: Protocol = "rcan"

    def label(self, kernelgan: KernelGANConfig | None, *, uses_zssr: bool) -> str:
        """The text of the column ``settings_hash`` for a method."""
        zssr = config_hash(self.zssr) if uses_zssr else UNUSED
        estimate = config_hash(kernelgan) if kernelgan else UNUSED
        return f"{self.name}:{self.protocol}:{zssr}:{estimate}"


def estimate_of(label: str) -> str:
    """The KernelGAN hash of a row's label: rows that share it share the estimated kernel; or ``-``."""
    return label.rpartition(":")[2].partition("/")[0]


def config_hash(config: KernelGANConfig | ZSSRConfig) -> str:
    """The first digits of the SHA-256 of all fields but the variant's name."""
    fields: dict[str, Any] = dataclasses.asdict(config)
    fields.pop("variant", None)
    text = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def _as_it_is(config: Config) -> Config:
    """Functions by name and no lambdas: settings travel to other processes."""
    return config


QUICK_STEPS = 150  # of KernelGAN
QUICK_PRESET_STEPS = 30  # of the presets' ZSSR
QUICK_RATE = 1e-3  # for long schedules, whose rate hardly moves G in so few steps
LONG = 1000  # steps
QUICK_PHASE: Final = BicubicPhase(every=25)


def _quick(config: KernelGANConfig) -> KernelGANConfig:
    """Few steps; shows that everything works, and says nothing about the method."""
    steps = min(config.steps, QUICK_STEPS)
    return replace(
        config,
        steps=steps,
        decay_every=max(1, steps // 2),
        learning_rate=QUICK_RATE if config.steps > LONG else config.learning_rate,
        bicubic_phase=QUICK_PHASE if config.bicubic_phase else None,
        restarts=1,
    )


def _quick_preset(config: ZSSRConfig) -> ZSSRConfig:
    return replace(config, max_steps=min(config.max_steps, QUICK_PRESET_STEPS))


SETTINGS: Final = {
    "paper": BenchSettings(name="paper", zssr=ZSSRConfig(), adapt=_as_it_is, adapt_zssr=_as_it_is),
    "default": BenchSettings(
        name="default", zssr=PRESETS["default"].zssr, adapt=_as_it_is, adapt_zssr=_as_it_is
    ),
    "instant": BenchSettings(
        name="instant", zssr=PRESETS["instant"].zssr, adapt=_as_it_is, adapt_zssr=_as_it_is
    ),
    "quick": BenchSettings(
        name="quick",
        zssr=ZSSRConfig(
            crop=64, max_steps=60, min_steps=20, policy_every=20, policy_window=40, self_ensemble=False
        ),
        adapt=_quick,
        adapt_zssr=_quick_preset,
    ),
}
"""``paper``: the stages as published. ``default`` and ``instant``: the program's own ZSSR, trained and
untrained, under whatever kernel a method finds. ``quick``: minutes on two cores, for trying the harness."""


def named(name: str, protocol: Protocol = "rcan") -> BenchSettings:
    """The settings of a name."""
    if name not in SETTINGS:
        raise InputError(f"settings '{name}' are unknown; wanted one of {', '.join(SETTINGS)}")
    return replace(SETTINGS[name], protocol=protocol)
