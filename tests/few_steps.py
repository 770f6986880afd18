"""Estimators and settings of a few steps, for tests that ask whether all is connected."""

from dataclasses import replace
from typing import Final

from blindsr.configuration import PRESETS, Estimator, Settings, assuming, estimator_named
from blindsr.restoration.config import AdaptiveConfig, InverseConfig, RestorationConfig, RoundsConfig
from blindsr.spectral.cells import SHIFTED, WHOLE
from blindsr.spectral.config import FitConfig, ShapesConfig
from blindsr.spectral.shapes import Bicubic
from zssr.config import ZSSRConfig, kernel_aware

QUICK_ROUND: Final = RoundsConfig(rounds=1, steps=2, strength=0.05)
QUICK_INVERSE: Final = InverseConfig(adaptive=AdaptiveConfig(luma=QUICK_ROUND, chroma=QUICK_ROUND))

ANY_NOISE: Final = 1.0
"""Small and sharp parts of photographs, as tests use them, show more noise than a network is trained on."""

WITH_A_KERNEL: Final = {"initial_gain": 1.0}

ONE_SHAPE: Final = ShapesConfig(shapes=(Bicubic(),))
ONE_ROUND: Final = FitConfig(rounds=1, tapers=(SHIFTED, WHOLE), taper_probabilities=(0.8, 0.2))


def few(name: str, steps: int = 4, channels: int = 16) -> Estimator:
    """The estimator of this name. KernelGAN is cut short, its networks are thin, and it begins with a kernel,
    which it would not have made in so few steps. A spectrum is fitted once under two tapers
    and compared with that of one shape."""
    config = estimator_named(name)
    if name == "kernelgan":
        return replace(config, steps=steps, channels=channels, **WITH_A_KERNEL)
    return replace(config, shapes=ONE_SHAPE, fit=ONE_ROUND)


def thin(config: ZSSRConfig, steps: int = 2) -> ZSSRConfig:
    """ZSSR with a small network, two pairs and few steps."""
    return replace(
        config, layers=3, channels=8, max_steps=steps, pool=2, window=32, crop=16, self_ensemble=False
    )


SMALL: Final = assuming(
    Settings(
        estimator=few("spectral"),
        edges=QUICK_INVERSE,
        spectral_fit=few("spectral-symmetric"),
        restoration=RestorationConfig(inverse=QUICK_INVERSE, zssr=thin(kernel_aware()), quiet=ANY_NOISE),
    ),
    "computer",
)
"""Every stage of the default preset, each as small as it can be, on a photograph taken as downscaled."""

SMALL_INSTANT: Final = replace(PRESETS["instant"], estimator=few("spectral-symmetric"))
"""The preset ``instant`` with as small a fit."""

SMALL_PAPER: Final = Settings(
    estimator=few("kernelgan", steps=2, channels=8),
    analysis=None,
    restoration=RestorationConfig(inverse=None, zssr=thin(ZSSRConfig())),
)
"""The same of the preset ``paper``."""
