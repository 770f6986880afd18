"""Estimators and settings of a few steps, for tests that ask whether all is connected."""

from dataclasses import replace

from blindsr.configuration import Estimator, Settings, assuming, estimator_named
from blindsr.restoration.config import AdaptiveConfig, InverseConfig, RestorationConfig, RoundsConfig
from blindsr.spectral.config import SpectralConfig
from zssr.config import kernel_aware

QUICK_ROUND = RoundsConfig(rounds=1, steps=2, strength=0.05)
QUICK_INVERSE = InverseConfig(adaptive=AdaptiveConfig(luma=QUICK_ROUND, chroma=QUICK_ROUND))

WITH_A_KERNEL = {"initial_gain": 1.0}
"""KernelGAN begins with a kernel whose sum is near 1, which it would not reach in so few steps."""


def few(name: str, steps: int = 4, channels: int = 16) -> Estimator:
    """The estimator of this name; KernelGAN with few steps and thin networks."""
    config = estimator_named(name)
    if isinstance(config, SpectralConfig):
        return config
    return replace(config, steps=steps, channels=channels, **WITH_A_KERNEL)


SMALL = assuming(
    Settings(
        edges=QUICK_INVERSE,
        restoration=RestorationConfig(
            inverse=QUICK_INVERSE,
            zssr=replace(
                kernel_aware(),
                layers=3,
                channels=8,
                max_steps=2,
                pool=2,
                window=32,
                crop=16,
                self_ensemble=False,
            ),
            trust=1.0,
        ),
    ),
    "computer",
)
"""Every stage of the default preset, each as small as it can be; the origin is certain."""
