"""The scale of an image's tones, read from its pixels.

An image fills its container (0..1) or a part of it: ten bits of sixteen, a night photograph, floats of
0..0.01. The numbers of this program are made for images that fill 0..1. So the work is done on *working*
tones, which are the image's times a gain, and the result is divided by the gain. An image times a constant
then gives the result times that constant.

- *Levels.* An image whose values all lie on the 256 levels of 8 bits is one of 8 bits; else on 65536 levels,
  of 16; else its values are floats without levels.
- *Gain.* More than 8 bits: the brightest value is brought to 1. 8 bits: the largest power of two that keeps
  it within 1, so that ordinary photographs stay as they are, bit by bit. A single bright pixel without a
  bright neighbour (a hot pixel of a sensor) does not count.
- *White.* The largest value is where the image was clipped, if more pixels have it than a smooth tail of the
  histogram would leave there. Else the container's end is the only limit.
"""

from dataclasses import dataclass, field
from math import floor, log2
from typing import Final

import torch

from srbase.errors import InputError
from srbase.imaging.range_limits import RangeLimits, crowded

SAMPLE: Final = 1 << 16
"""Values whose levels are looked at: spread evenly over the image."""
LEVELS: Final = {8: 255, 16: 65535}
ON_LEVEL: Final = 0.01
"""Levels by which a float32 may miss its level: rounding leaves 0.004 of 65535 at most."""
FLOAT: Final = 1e-6
"""Share of the largest value by which equal float32 values may differ after a multiplication."""
DEEPEST: Final = 1 / 4095
"""Levels finer than 12 bits count as so fine: sensors have noise of that size."""


@dataclass(frozen=True, kw_only=True)
class ToneConfig:
    """When the largest value counts as the level at which an image was clipped. Chosen on Kodak 13-24, their
    clipped copies and pages of text."""

    share: float = 5e-4  # of all values, that have the largest value and neighbours that have it too
    band: float = 0.02  # of the largest value: the tail of the histogram below it
    over_band: float = 0.5  # pixels with the largest value over those in the band

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or not 0 < self.band < 1 or not self.over_band > 0:
            raise InputError(
                f"tones' share is {self.share}, band {self.band}, over_band {self.over_band}; "
                "wanted shares between 0 and 1, and a number over 0"
            )


@dataclass(frozen=True)
class Tones:
    """gain: working tones over the image's. step: between two levels, in working tones; 0 where there are
    none. limits: of the result, in working tones."""

    gain: float = 1.0
    step: float = 1 / 255
    limits: RangeLimits = field(default_factory=RangeLimits)

    @property
    def rounding(self) -> float:
        """Variance of rounding to the image's levels, in working tones."""
        return max(self.step, DEEPEST) ** 2 / 12

    def working(self, image: torch.Tensor) -> torch.Tensor:
        """The image (C, H, W) in working tones; itself where the gain is 1."""
        return image if self.gain == 1 else image * self.gain

    def original(self, image: torch.Tensor) -> torch.Tensor:
        """An image in working tones as the container has it, within 0..1."""
        return image if self.gain == 1 else (image / self.gain).clamp_(0, 1)


def tones_of(image: torch.Tensor, config: ToneConfig) -> Tones:
    """The tones of an image (C, H, W) in 0..1; only read. All channels share them.

    >>> ten_bits = torch.arange(1024.0).reshape(1, 32, 32).repeat_interleave(2, 2) / 65535
    >>> tones = tones_of(ten_bits, ToneConfig())
    >>> round(tones.gain, 2), round(1 / tones.step)
    (64.06, 1023)
    """
    bits = _depth(image)
    top = _supported_peak(image)
    if top <= 0:
        return Tones()
    gain = 2.0 ** max(0, floor(-log2(top))) if bits == 8 else 1 / top
    step = gain / LEVELS[bits] if bits else 0.0
    tolerance = max(step / 2, gain * top * FLOAT)
    clipped = top >= 1 or _is_clipped(image, top, top - tolerance / gain, config)
    return Tones(gain, step, RangeLimits(gain * top if clipped else gain, tolerance))


def _depth(image: torch.Tensor) -> int:
    """8, 16, or 0 where the values lie on no levels."""
    flat = image.reshape(-1)
    sample = flat[:: max(1, flat.numel() // SAMPLE)].double()
    for bits, levels in LEVELS.items():
        scaled = sample * levels
        if bool(((scaled - scaled.round()).abs() < ON_LEVEL).all()):
            return bits
    return 0


def _supported_peak(image: torch.Tensor) -> float:
    """The largest value that a neighbour reaches too; the largest of all where every bright pixel is
    alone."""
    pairs = [
        torch.minimum(image.narrow(dim, 0, n), image.narrow(dim, 1, n)).amax()
        for dim in (-2, -1)
        if (n := image.shape[dim] - 1) > 0
    ]
    supported = max((float(pair) for pair in pairs), default=0.0)
    return supported or float(image.amax())


def _is_clipped(image: torch.Tensor, top: float, level: float, config: ToneConfig) -> bool:
    """Whether the values from ``level`` to ``top`` are a pile and no smooth end of the histogram."""
    at_top = image >= level
    least, most = config.share * image.numel(), int(at_top.sum())
    if most < least:
        return False
    band = int((image >= top * (1 - config.band)).sum()) - most
    return most >= config.over_band * band and int(crowded(at_top).sum()) >= max(
        least, config.over_band * band
    )
