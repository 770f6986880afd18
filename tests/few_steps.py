"""Estimators and settings of a few steps, for tests that ask whether all is connected."""

from dataclasses import replace

from blindsr.configuration import Settings
from blindsr.estimators import Estimator, GuidedConfig, assuming, estimator
from blindsr.restoration.config import AdaptiveConfig, InverseConfig, RoundsConfig
from blindsr.spectral.config import SpectralConfig
from zssr.config import kernel_aware

QUICK_ROUND = RoundsConfig(rounds=1, steps=2, strength=0.05)
QUICK_INVERSE = InverseConfig(adaptive=AdaptiveConfig(luma=QUICK_ROUND, chroma=QUICK_ROUND))

WITH_A_KERNEL = {"initial_gain": 1.0, "initial_variance": 1.5}


def few(name: str, steps: int = 4, channels: int = 16) -> Estimator:
    """The estimator of this name, its game cut short, its networks thin, its inverse quick; the game begins
    with a kernel, which it would not have made in so few steps."""
    config = estimator(name)
    if isinstance(config, SpectralConfig):
        return config
    if isinstance(config, GuidedConfig):
        game = replace(config.game, steps=steps, channels=channels)
        return replace(config, game=game, odd=replace(config.odd, inverse=QUICK_INVERSE))
    return replace(config, steps=steps, channels=channels, **WITH_A_KERNEL)


SMALL = Settings(
    estimator=assuming(few("guided", steps=2, channels=8), "computer", trust=1.0),
    zssr=replace(
        kernel_aware(),
        inverse=QUICK_INVERSE,
        layers=3,
        channels=8,
        max_steps=2,
        pool=2,
        window=32,
        crop=16,
        self_ensemble=False,
    ),
)
"""Every stage of the default preset, each as small as it can be, under a kernel that is believed."""
