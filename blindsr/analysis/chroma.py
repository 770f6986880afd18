"""What colours say about how an image became small: how fine they are beside brightness.

A computer shrinks red, green and blue by one kernel, so that colour differences keep as much of their detail
as brightness does. A camera measures one colour at each pixel, fills in the others from wide neighbourhoods,
smooths colour noise more than brightness and often stores colours at half the size: from about a tenth of a
cycle per pixel on, its colours are coarser than its brightness.

Looked at in windows of 32 pixels, brightness against colour differences (BT.601), the more colourful half of
the windows. Gray images, and gray subjects, say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from srbase.imaging.colour import TO_YCC

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MATRIX: Final = TO_YCC.numpy()
"""RGB to brightness and two colour differences (BT.601)."""
TINY: Final = 1e-12
"""Power under anything an 8-bit image can hold; keeps quotients finite."""


@dataclass(frozen=True, kw_only=True)
class ColourConfig:
    """How colours are looked at. Powers are in grey levels squared."""

    window: int = 32  # LR pixels a side
    hop: int = 16  # LR pixels: half overlapping
    most: int = 4096  # windows looked at, about; those of a larger image lie farther apart
    coarse: tuple[float, float] = (0.04, 0.09)  # cycles per LR pixel: every camera's colours are sound here
    fine: tuple[float, float] = (0.16, 0.25)  # cycles per LR pixel: beyond what demosaicing leaves of colours
    fine_halved: tuple[float, float] = (0.09, 0.14)
    """The same where colour differences were stored at half the size, which keeps them up to 0.25."""
    halved_loss: float = 0.23
    """Decades of power that halving (a box of two) and doubling (a triangle, as libjpeg does) take there."""
    rounding: float = 0.068  # power of 8-bit rounding in both colour differences
    gray: float = 1e-3  # power of colours over brightness, coarse: under it an image is as good as gray
    coherence_floor: float = 1e-3  # share that green need not explain: keeps the logarithm finite


def luma_of(image: Array) -> Array:
    """Brightness (1, H, W) of (C, H, W), C 1 or 3: of a JPEG, what its first table was for."""
    return image if len(image) == 1 else np.tensordot(MATRIX[:1].astype(image.dtype), image, 1)


@dataclass(frozen=True, eq=False)
class Colours:
    """What was seen. Logarithms are to the base 10.

    slope: of brightness: log of its power at ``ColourConfig.fine`` over that at ``coarse``.
    known: 0 (gray) to 1: how far the next two may be believed.
    bandwidth: log of the power of colours over that of brightness, at ``fine`` relative to ``coarse``: 0
    where colours are as fine as brightness. apart: log of the share of red and blue that green does not
    explain at ``fine``; None for colours stored at half the size, which always follow brightness there.
    """

    slope: float
    known: float
    bandwidth: float
    apart: float | None


def look_at_colours(image: Array, config: ColourConfig, *, stored: float | None = None) -> Colours:
    """(C, H, W) in 0..1, C 1 or 3, at least a window a side.

    stored: power of the noise (grey levels squared, both differences together) that is left in colours which
    were stored at half the size; None: they were not, and rounding is all.
    """
    seen = _look(image, config, compared=config.fine if stored is None else config.fine_halved)
    luma, chroma = _Part(*seen[:4]), _Part(*seen[4:8])
    loud = _louder_half(luma.energy)
    slope = float(np.log10(luma.fine[loud].mean() / luma.coarse[loud].mean()))
    if len(image) == 1:
        return Colours(slope, 0.0, 0.0, None)
    colourful = _louder_half(chroma.energy)
    noise = config.rounding if stored is None else max(stored, config.rounding)
    coarse = max(luma.coarse[colourful].mean(), noise)
    ratio = max((chroma.coarse[colourful].mean() - noise) / coarse, TINY)
    there = chroma.compared[colourful].mean()
    heard = np.clip(np.log10(there / noise), 0, 1) * np.clip(np.log10(ratio / config.gray), 0, 1)
    beside = max(luma.compared[colourful].mean(), noise)
    bandwidth = np.log10(max(there - noise, noise / 4) / beside / ratio)
    if stored is not None:
        return Colours(slope, float(heard), float(bandwidth) + config.halved_loss, None)
    red, green, blue, red_green, green_blue = seen[8:, loud].mean(axis=1)
    together = (red_green / np.sqrt(red * green) + green_blue / np.sqrt(green * blue)) / 2
    apart = float(np.log10(1 - together + config.coherence_floor))
    return Colours(slope, float(heard), float(bandwidth), apart)


@dataclass(frozen=True, eq=False)
class _Part:
    """Of brightness, or of both colour differences together: energy, and mean power in three rings of
    frequencies, of each window (m,)."""

    energy: Array
    coarse: Array
    fine: Array
    compared: Array


def _look(image: Array, config: ColourConfig, *, compared: tuple[float, float]) -> Array:
    """What is asked of all windows, as :func:`_measured` gives it.

    Windows lie ``hop`` apart, or farther where there would be more than ``most``. Few are held at a time.
    """
    n = config.window
    height, width = image.shape[1:]
    hop = max(config.hop, int(np.ceil(np.sqrt(height * width / config.most))))
    cut = np.lib.stride_tricks.sliding_window_view(image, (n, n), axis=(1, 2))[:, ::hop, ::hop]
    rings = [_ring(n, band) for band in (config.coarse, config.fine, compared)]
    return np.concatenate([_measured(cut[:, row], rings) for row in range(cut.shape[1])], axis=1)


def _measured(windows: Array, rings: Sequence[Mask]) -> Array:
    """Of windows (C, m, n, n), as rows (8 or 13, m): brightness and colour differences, each a `_Part`.
    Of RGB, in the second ring, also the power of each channel, and the products of green with red and blue.

    Powers in grey levels squared; that of white noise is its variance.
    """
    n = windows.shape[-1]
    hann = np.hanning(n + 2)[1:-1]
    weight = np.outer(hann, hann)
    mean = np.einsum("cmij,ij->cm", windows, weight / weight.sum())
    weight *= 255 / np.sqrt((weight**2).sum())
    spectra = fft.rfft2((windows - mean[..., None, None]) * weight)
    power = _power(spectra if len(spectra) == 1 else np.tensordot(MATRIX, spectra, 1))
    rows = []
    for part in (power[0], power[1:].sum(axis=0)):
        rows += [part.sum(axis=(1, 2)), *(part[:, ring].mean(axis=1) + TINY for ring in rings)]
    if len(spectra) == 3:
        red, green, blue = spectra[:, :, rings[1]]
        rows += [_power(channel).mean(axis=1) + TINY for channel in (red, green, blue)]
        rows += [(green * other.conj()).real.mean(axis=1) for other in (red, blue)]
    return np.stack(rows)


def _power(spectra: npt.NDArray[np.complex128]) -> Array:
    return np.asarray(spectra.real**2 + spectra.imag**2)


def _ring(window: int, band: tuple[float, float]) -> Mask:
    """Where the cells of a half spectrum lie within a ring of frequencies, cycles per pixel."""
    radius = np.hypot(np.fft.fftfreq(window)[:, None], np.fft.rfftfreq(window)[None])
    return np.asarray((radius >= band[0]) & (radius < band[1]))


def _louder_half(energy: Array) -> npt.NDArray[np.int64]:
    """Indices of the windows with more energy, at least one."""
    return np.argsort(energy)[len(energy) - max(1, len(energy) // 2) :]
