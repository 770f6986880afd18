"""What colours say about how an image became small: how fine they are beside brightness.

A computer shrinks red, green and blue by one kernel, so that colour differences keep as much of their detail
as brightness does. A camera measures one colour at each pixel, fills in the others from wide neighbourhoods,
smooths colour noise more than brightness and often stores colours at half the size: from about a tenth of a
cycle per pixel on, its colours are coarser than its brightness.

Looked at in windows of 32 pixels, brightness against colour differences (BT.601), the more colourful half of
the windows. Gray images, and gray subjects, say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blindsr.imaging.colour import TO_YCC
from kernelgan.spectral.config import ColourConfig

Array = npt.NDArray[np.float64]

MATRIX: Final = TO_YCC.numpy()
"""RGB to brightness and two colour differences (BT.601)."""
TINY: Final = 1e-12
"""Power under anything an 8-bit image can hold; keeps quotients finite."""


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
    spectra = _spectra(image, config)
    power = np.abs(spectra if len(image) == 1 else np.tensordot(MATRIX, spectra, 1)) ** 2
    coarse, fine = _Ring(config.window, config.coarse), _Ring(config.window, config.fine)
    loud = _louder_half(power[0])
    slope = float(np.log10(fine.mean(power[0][loud]) / coarse.mean(power[0][loud])))
    if len(image) == 1:
        return Colours(slope, 0.0, 0.0, None)
    chroma = power[1] + power[2]
    colourful = _louder_half(chroma)
    luma = power[0][colourful]
    compared = fine if stored is None else _Ring(config.window, config.fine_halved)
    noise = config.rounding if stored is None else max(stored, config.rounding)
    ratio = max((coarse.mean(chroma[colourful]) - noise) / max(coarse.mean(luma), noise), TINY)
    there = compared.mean(chroma[colourful])
    heard = np.clip(np.log10(there / noise), 0, 1) * np.clip(np.log10(ratio / config.gray), 0, 1)
    bandwidth = np.log10(max(there - noise, noise / 4) / max(compared.mean(luma), noise) / ratio)
    if stored is not None:
        return Colours(slope, float(heard), float(bandwidth) + config.halved_loss, None)
    unexplained = 1 - _coherence(spectra[:, loud], fine)
    return Colours(
        slope, float(heard), float(bandwidth), float(np.log10(unexplained + config.coherence_floor))
    )


class _Ring:
    """Mean power over a ring of frequencies."""

    def __init__(self, window: int, band: tuple[float, float]) -> None:
        radius = np.hypot(np.fft.fftfreq(window)[:, None], np.fft.rfftfreq(window)[None])
        self._inside = (radius >= band[0]) & (radius < band[1])

    def mean(self, power: Array) -> float:
        """Of windows (m, n, n//2 + 1), never 0."""
        return float(power[:, self._inside].mean()) + TINY


def _spectra(image: Array, config: ColourConfig) -> npt.NDArray[np.complex128]:
    """Spectra in grey levels of all windows, (C, windows, n, n//2 + 1); white noise of variance v: power v.

    Windows lie ``hop`` apart, or farther where there would be more than ``most``.
    """
    n = config.window
    height, width = image.shape[1:]
    hop = max(config.hop, int(np.ceil(np.sqrt(height * width / config.most))))
    hann = np.hanning(n + 2)[1:-1]
    weight = np.outer(hann, hann)
    rows, columns = (range(0, side - n + 1, hop) for side in (height, width))
    cut = np.stack([image[:, i : i + n, j : j + n] for i in rows for j in columns], axis=1) * 255.0
    mean = (cut * weight).sum(axis=(2, 3), keepdims=True) / weight.sum()
    return np.asarray(np.fft.rfft2((cut - mean) * (weight / np.sqrt((weight**2).sum()))))


def _louder_half(power: Array) -> npt.NDArray[np.int64]:
    """Indices of the windows with more energy, at least one."""
    energy = power.sum(axis=(1, 2))
    return np.argsort(energy)[len(energy) - max(1, len(energy) // 2) :]


def _coherence(rgb: npt.NDArray[np.complex128], ring: _Ring) -> float:
    """How far green explains red and blue, 0..1; spectra of windows (3, m, n, n//2 + 1)."""
    red, green, blue = rgb

    def between(a: npt.NDArray[np.complex128], b: npt.NDArray[np.complex128]) -> float:
        common = ring.mean((a * b.conj()).real)
        return common / float(np.sqrt(ring.mean(np.abs(a) ** 2) * ring.mean(np.abs(b) ** 2)))

    return (between(red, green) + between(green, blue)) / 2
