"""Settings that follow an image: the scale of its tones, and its size."""

from __future__ import annotations

import warnings
from dataclasses import replace

from blindsr.configuration import Estimator, Settings
from blindsr.restoration.config import InverseConfig
from blindsr.spectral.config import SpectralConfig
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.tones import Tones
from srbase.progress import Notice


def settings_for_tones(settings: Settings, tones: Tones, *, kernel_is_known: bool = False) -> Settings:
    """Adapt settings to the levels on which an image's values lie.

    Args:
        settings: made for images of 8 bits that fill 0..1.
        tones: of the image; the settings then hold for its working tones.
        kernel_is_known: whether the kernel is exact. An estimated one is wrong by about as much as rounding
            to 8 bits, and finer levels do not help: on Kodak 13-16 in 16 bits they gain 0.4 dB with the true
            kernel and lose 0.1 dB with an estimated one.

    Returns:
        The settings with the least noise of the inverses and of the spectrum, and with the distance from
        black and white within which a pixel counts as clipped, of these levels.
    """
    if tones == Tones():
        return settings
    least = max(QUANTISATION, tones.rounding)
    rounding = tones.rounding if kernel_is_known else least
    restoration, estimator = settings.restoration, settings.estimator
    if restoration.inverse is not None:
        restoration = replace(restoration, inverse=_inverse(restoration.inverse, rounding))
    drawing = replace(restoration.drawing, inverse=_inverse(restoration.drawing.inverse, rounding))
    noise = replace(restoration.noise, rounding=rounding)
    restoration = replace(restoration, noise=noise, drawing=drawing)
    if isinstance(estimator, SpectralConfig):
        estimator = _spectral(estimator, tones, least)
    return replace(
        settings,
        estimator=estimator,
        spectral_fit=_spectral(settings.spectral_fit, tones, least),
        edges=_inverse(settings.edges, least),
        restoration=restoration,
    )


def _inverse(inverse: InverseConfig, rounding: float) -> InverseConfig:
    return replace(inverse, noise=replace(inverse.noise, rounding=rounding))


def _spectral(config: SpectralConfig, tones: Tones, rounding: float) -> SpectralConfig:
    limits = tones.limits
    welch = replace(config.welch, quantisation=rounding, clip_margin=limits.tolerance, white=limits.most)
    return replace(config, welch=welch)


def estimator_for_size(settings: Settings, size: tuple[int, int]) -> Estimator | None:
    """The estimator for an image of a size, with a notice where it is another than asked for.

    A kernel is found in windows of 64 pixels. A narrower image has smaller windows, in which the spectrum
    alone is read, as KernelGAN's crops do not fit either; a still smaller one shows nothing of its kernel.

    Args:
        settings: of the run.
        size: (height, width) in LR pixels.

    Returns:
        The estimator; None where the image is smaller than every window, or smaller than the estimator's and
        ``trust`` is 0 (the result is bicubic anyway). Warns only where the result changes.
    """
    estimator, narrow = settings.estimator, settings.narrow
    if min(size) >= estimator.smallest_image:
        return estimator
    reason = (
        f"image is {size[1]}x{size[0]}; the kernel estimation asked for needs {estimator.smallest_image} "
        "pixels a side"
    )
    kernel_is_used = settings.restoration.trust != 0
    if min(size) < narrow.window or not kernel_is_used:
        if kernel_is_used:
            warnings.warn(Notice(f"{reason}: it is interpolated bicubically"), stacklevel=2)
        return None
    warnings.warn(Notice(f"{reason}: its kernel is read from windows of {narrow.window}"), stacklevel=2)
    spectral = estimator if isinstance(estimator, SpectralConfig) else settings.spectral_fit
    return replace(spectral, welch=replace(spectral.welch, window=narrow.window, hop=narrow.hop))


def settings_for_size(settings: Settings, size: tuple[int, int], scale: int) -> Settings:
    """The settings, without a network where an image is too small to train one on.

    Args:
        settings: of the run.
        size: (height, width) in LR pixels.
        scale: from LR to HR.

    Returns:
        The settings; a notice says so where they changed.
    """
    restoration = settings.restoration
    smallest = restoration.zssr.smallest_image(scale)
    if min(size) >= smallest or not restoration.zssr.max_steps:
        return settings
    reason = f"image is {size[1]}x{size[0]}; a network needs {smallest} pixels a side: none is trained"
    warnings.warn(Notice(reason), stacklevel=2)
    zssr = replace(restoration.zssr, max_steps=0)
    return replace(settings, restoration=replace(restoration, zssr=zssr))
