"""The settings that follow the levels of an image: its rounding, and what counts as clipped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blindsr.estimators import Estimator, GuidedConfig
from blindsr.restoration.config import QUANTISATION, InverseConfig
from blindsr.spectral.config import SpectralConfig
from srbase.imaging.tones import Tones

if TYPE_CHECKING:
    from blindsr.configuration import Settings


def for_tones(settings: Settings, tones: Tones, *, kernel_is_known: bool = False) -> Settings:
    """The same settings for an image whose values lie on these levels; as they are for 8 bits in 0..1.

    Args:
        settings: made for images of 8 bits that fill 0..1.
        tones: of the image; the settings then hold for its working tones.
        kernel_is_known: whether the kernel is exact. An estimated one is wrong by about as much as rounding
        to 8 bits,
            and finer levels do not help: on Kodak 13-16 in 16 bits they gain 0.4 dB with the true kernel and
            lose 0.1 dB with an estimated one.

    Returns:
        The settings with the least noise of the inverses and of the spectrum, and with the distance from
        black and white within which a pixel counts as clipped, of these levels.
    """
    if tones == Tones():
        return settings
    zssr, restore = settings.zssr, settings.restore
    rounding = tones.rounding if kernel_is_known else max(QUANTISATION, tones.rounding)
    if zssr.inverse is not None:
        zssr = replace(zssr, inverse=_inverse(zssr.inverse, rounding))
    restore = replace(restore, noise=replace(restore.noise, rounding=rounding))
    return replace(
        settings, estimator=estimator_for_tones(settings.estimator, tones), zssr=zssr, restore=restore
    )


def _inverse(inverse: InverseConfig, rounding: float) -> InverseConfig:
    return replace(inverse, noise=replace(inverse.noise, rounding=rounding))


def estimator_for_tones(config: Estimator, tones: Tones) -> Estimator:
    """The part of :func:`for_tones` that finds the kernel; the game's numbers stay."""
    if tones == Tones():
        return config
    if isinstance(config, GuidedConfig):
        rounding = max(QUANTISATION, tones.rounding)
        odd = replace(config.odd, inverse=_inverse(config.odd.inverse, rounding))
        return replace(config, spectral=_spectral(config.spectral, tones), odd=odd)
    return _spectral(config, tones) if isinstance(config, SpectralConfig) else config


def _spectral(config: SpectralConfig, tones: Tones) -> SpectralConfig:
    limits, rounding = tones.limits, max(QUANTISATION, tones.rounding)
    welch = replace(config.welch, quantisation=rounding, clip_margin=limits.tolerance, white=limits.most)
    coarser = rounding / QUANTISATION
    return replace(
        config, welch=welch, colour=replace(config.colour, rounding=coarser * config.colour.rounding)
    )
