"""The named estimators with a game of a few steps, for tests that ask whether all is connected."""

from dataclasses import replace

from kernelgan.config import Estimator, GuidedConfig, estimator
from kernelgan.spectral.config import SpectralConfig


def few(name: str, steps: int = 4) -> Estimator:
    """The estimator of this name, its game cut short."""
    config = estimator(name)
    if isinstance(config, SpectralConfig):
        return config
    if isinstance(config, GuidedConfig):
        return replace(config, game=replace(config.game, steps=steps))
    return replace(config, steps=steps)
