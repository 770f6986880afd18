r"""The inverse of any blur under noise of any colour: that of another blur under white noise.

    argmin over x of (A x - y)' N^(-1) (A x - y) + penalty(x)

A is a transfer function H at the HR frequencies, then every s-th pixel. N is the noise's covariance,
stationary, so that it is a power N(g) at the LR frequencies. With W(g) = sqrt(v / N(g)) the first term is
|W A x - W y|^2 / v, and W, which comes after the folding, may as well come before it, at every band of its
frequency:

    W A  has the transfer function  H(f) W(s f)

So the linear and the edge-adaptive inverse of white noise (:mod:`blindsr.restoration.linear`,
:mod:`blindsr.restoration.adaptive`) are those of coloured noise too, given another transfer function and W y.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from blindsr.restoration.adaptive import AdaptiveInverse, Preconditioner
from blindsr.restoration.config import ColouredConfig
from blindsr.restoration.linear import LinearInverse, folded, prior_spectrum, response_of
from blindsr.restoration.padding import Padding
from srbase.imaging.image import central
from srbase.kernels.operator import PeriodicDownscaling, Size, whole_spectrum

MOST_SIZES: Final = 4
"""Sizes of tiles whose operators are kept: inner ones, and those at the borders."""
Array = npt.NDArray[np.float64]
Transfer = Callable[[Size, int], npt.NDArray[np.complex128]]
"""(h, w) LR pixels and the scale to H at the HR frequencies, half a spectrum (s*h, s*w/2 + 1); in phase with
LR pixels at the centre of their blocks."""
Power = Callable[[Size], Array]
"""(h, w) LR pixels to the noise's power at their frequencies, half a spectrum (h, w//2 + 1), over 0."""


@dataclass(frozen=True, eq=False)
class Operators:
    """What the inverse of images of one size is made of."""

    whiten: torch.Tensor  # W, a whole spectrum (h, w)
    downscaling: PeriodicDownscaling  # W A
    linear: LinearInverse
    precondition: Preconditioner | None  # None: the linear inverse alone is wanted


@dataclass(frozen=True, eq=False)
class ColouredInverse:
    """An upscaling of planes with values in 0..1.

    amplitude: of the photographs' prior. variance: of the noise as far as edges are concerned. kept:
    operators that were made, by size, float type and device.
    """

    transfer: Transfer
    noise: Power
    amplitude: float
    variance: float
    scale: int
    config: ColouredConfig
    kept: dict[object, Operators] = field(default_factory=dict, repr=False)

    def upscale(self, planes: torch.Tensor, *, steered: bool = True) -> torch.Tensor:
        """LR planes (N, h, w) to (N, s*h, s*w); not clipped; only read. Deterministic.

        steered: also along edges, where the settings have that; planes then share their edges. Memory is many
        times that of the result: large images are done in tiles, with ``config.rim`` around each.
        """
        padding = Padding.of((planes.shape[-2], planes.shape[-1]), self.config.rim)
        operators = self._operators(planes, padding)
        spectrum = torch.fft.fft2(padding.pad(planes)) * operators.whiten
        white: torch.Tensor = torch.fft.ifft2(spectrum).real
        adaptive, precondition = self.config.adaptive, operators.precondition
        if not steered or adaptive is None or precondition is None:
            return padding.cut(operators.linear.upscale(white), self.scale)
        solver = AdaptiveInverse(
            operators.downscaling, operators.linear, precondition, self.variance, adaptive
        )
        return padding.cut(solver.solve(white, adaptive.luma, self.variance), self.scale)

    def _operators(self, planes: torch.Tensor, padding: Padding) -> Operators:
        key = (padding.size, planes.dtype, planes.device)
        found = self.kept.get(key)
        if found is None:
            found = self._made(planes, padding.size)
            if len(self.kept) < MOST_SIZES:
                self.kept[key] = found
        return found

    def _made(self, like: torch.Tensor, size: Size) -> Operators:
        scale, weight = self.scale, self.variance / self.amplitude
        whiten = np.sqrt(self.variance / self.noise(size))
        whole = whole_spectrum(torch.from_numpy(whiten + 0j), size[1]).real.numpy()
        through = self.transfer(size, scale) * np.tile(whole, (scale, scale))[:, : scale * size[1] // 2 + 1]
        gain = response_of(through, scale, size, weight, self.config.spectral_exponent)
        gain[0, 0] /= whole[0, 0]  # a constant comes out as it went in
        kind = torch.complex128 if like.dtype == torch.float64 else torch.complex64
        through_there, gain_there = (torch.from_numpy(x).to(like.device, kind) for x in (through, gain))
        downscaling = PeriodicDownscaling(through_there, scale, size)
        edges = self.config.adaptive is not None
        return Operators(
            torch.from_numpy(whole.copy()).to(like),
            downscaling,
            LinearInverse(gain_there, scale),
            Preconditioner.of(downscaling, weight / 2) if edges else None,
        )


def amplitude_of(
    plane: torch.Tensor, transfer: Transfer, noise: Power, scale: int, config: ColouredConfig
) -> float:
    """How many times the unit prior the power of what made the plane (h, w) is: the likeliest (Whittle 1953).

    With E what the blur leaves of the unit prior, the power at each frequency is exponentially distributed
    about ``amplitude * E + N``. A mean of (power - N) / E would be ruled by the top of the band, where N is
    all. The middle of a large plane is looked at, at frequencies of the band spread evenly.
    """
    array = central(plane, config.window).double().cpu().numpy()
    size = (array.shape[0], array.shape[1])
    half = size[1] // 2 + 1
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in size))
    window /= np.sqrt(np.mean(window**2))
    power = np.abs(np.fft.rfft2((array - array.mean()) * window)) ** 2 / array.size
    prior = prior_spectrum(size, scale, config.spectral_exponent)
    passed = np.abs(transfer(size, scale)) ** 2 * np.where(np.isinf(prior), 0.0, prior)
    unit = folded(passed, scale, size)[: size[0], :half] / scale**2
    radius = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None])
    band = (radius > config.band[0]) & (radius < config.band[1])
    step = -(-int(band.sum()) // config.frequencies)
    seen, expected, known = (x[band][::step] for x in (power, unit, noise(size)))
    least, most = known.mean() / expected.max(), max(seen.max(), known.mean()) / expected.min()
    steps = 1 + round(config.amplitude_steps * np.log10(most / least))
    amplitudes = np.geomspace(least, most, steps)
    totals = amplitudes[:, None] * expected + known
    return float(amplitudes[np.argmin((np.log(totals) + seen / totals).sum(axis=1))])
