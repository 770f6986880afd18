"""The named settings of a run: how the stages of its methods are run."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from benchmarks.estimators import KernelFinder
from benchmarks.rivals.michaeli_irani import MichaeliIraniConfig
from benchmarks.rivals.pretrained import PretrainedConfig
from benchmarks.rivals.srmd import SRMDConfig
from blindsr.configuration import PRESETS
from blindsr.restoration.config import RestorationConfig
from blindsr.spectral.config import SpectralConfig
from kernelgan.config import KernelGANConfig
from srbase.errors import InputError
from srbase.imaging.metrics import Protocol
from zssr.config import ZSSRConfig

Config = TypeVar("Config")


def as_it_is(config: Config) -> Config:
    """Functions by name and no lambdas: settings travel to other processes."""
    return config


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """ZSSR's settings and its base, what is done to each estimator and to the network of a preset, and the
    rivals'."""

    name: str
    restoration: RestorationConfig
    adapt: Callable[[KernelFinder], KernelFinder] = as_it_is
    adapt_restoration: Callable[[RestorationConfig], RestorationConfig] = as_it_is  # of the program's presets
    srmd: SRMDConfig = field(default_factory=SRMDConfig)
    pretrained: PretrainedConfig = field(default_factory=PretrainedConfig)
    protocol: Protocol = "rcan"


QUICK_STEPS: Final = 150  # of the game
QUICK_PRESET_STEPS: Final = 30  # of the presets' ZSSR
QUICK_RATE: Final = 1e-3  # for long schedules, whose rate hardly moves G in so few steps
LONG: Final = 1000  # steps
QUICK_ROUNDS: Final = 4  # of Michaeli & Irani's
QUICK_PATCHES: Final = 300


def _quick(config: KernelFinder) -> KernelFinder:
    """Few steps; shows that everything works, and says nothing about the method."""
    if isinstance(config, MichaeliIraniConfig):
        return replace(config, rounds=QUICK_ROUNDS, patches=QUICK_PATCHES)
    if isinstance(config, SpectralConfig):
        return config
    return _quick_game(config)


def _quick_game(config: KernelGANConfig) -> KernelGANConfig:
    steps = min(config.steps, QUICK_STEPS)
    return replace(
        config,
        steps=steps,
        decay_every=max(1, steps // 2),
        onset=min(config.onset, steps // 2),
        learning_rate=QUICK_RATE if config.steps > LONG else config.learning_rate,
    )


def _quick_preset(config: RestorationConfig) -> RestorationConfig:
    steps = min(config.zssr.max_steps, QUICK_PRESET_STEPS)
    return replace(config, zssr=replace(config.zssr, max_steps=steps))


SETTINGS: Final = {
    "paper": BenchSettings(name="paper", restoration=PRESETS["paper"].restoration),
    "default": BenchSettings(name="default", restoration=PRESETS["default"].restoration),
    "instant": BenchSettings(name="instant", restoration=PRESETS["instant"].restoration),
    "quick": BenchSettings(
        name="quick",
        restoration=RestorationConfig(
            inverse=None,
            zssr=ZSSRConfig(
                crop=64, max_steps=60, min_steps=20, policy_every=20, policy_window=40, self_ensemble=False
            ),
        ),
        adapt=_quick,
        adapt_restoration=_quick_preset,
    ),
}
"""``paper``: the stages as published. ``default`` and ``instant``: the program's own ZSSR, trained and
untrained, under whatever kernel a method finds. ``quick``: minutes on two cores, for trying the harness."""


def named(name: str, protocol: Protocol = "rcan") -> BenchSettings:
    """The settings of a name."""
    if name not in SETTINGS:
        raise InputError(f"settings '{name}' are unknown; wanted one of {', '.join(SETTINGS)}")
    return replace(SETTINGS[name], protocol=protocol)
