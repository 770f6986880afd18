r"""The inverse of any blur under noise of any colour: that of another blur under white noise.

    argmin over x of (A x - y)' N^(-1) (A x - y) + penalty(x)

A is a transfer function H at the HR frequencies, then every s-th pixel. N is the noise's covariance,
stationary, so that it is a power N(g) at the LR frequencies. With W(g) = sqrt(v / N(g)) the first term is
|W A x - W y|^2 / v, and W, which comes after the folding, may as well come before it, at every band of its
frequency:

    W A  has the transfer function  H(f) W(s f)

So the linear and the edge-adaptive inverse of white noise (:mod:`blindsr.inverse.linear`,
:mod:`blindsr.inverse.adaptive`) are those of coloured noise too, given another transfer function and W y.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from blindsr.imaging.tiles import Tile, tiles
from blindsr.inverse.adaptive import AdaptiveInverse
from blindsr.inverse.config import AdaptiveConfig, ColouredConfig
from blindsr.inverse.linear import LinearInverse, folded, prior_spectrum, response_of
from blindsr.inverse.padding import Padding
from blindsr.inverse.periodic import PeriodicDownscaling, Size, whole_spectrum
from blindsr.threads import side_by_side

Array = npt.NDArray[np.float64]
Transfer = Callable[[Size, int], npt.NDArray[np.complex128]]
"""(h, w) LR pixels and the scale to H at the HR frequencies, half a spectrum (s*h, s*w/2 + 1); in phase with
LR pixels at the centre of their blocks."""
Power = Callable[[Size], Array]
"""(h, w) LR pixels to the noise's power at their frequencies, half a spectrum (h, w//2 + 1), over 0."""


@dataclass(frozen=True, eq=False)
class ColouredInverse:
    """An upscaling of planes with values in 0..1.

    amplitude: of the photographs' prior. variance: of the noise as far as edges are concerned.
    """

    transfer: Transfer
    noise: Power
    amplitude: float
    variance: float
    scale: int
    config: ColouredConfig

    def upscale(self, planes: torch.Tensor, *, steered: bool = True) -> torch.Tensor:
        """LR planes (N, h, w), N of one, to (N, s*h, s*w); not clipped; only read. Deterministic.

        Tile by tile, each with a rim as wide as a pixel sees. steered: also along edges, where the settings
        have that; planes then share their edges.
        """
        height, width = planes.shape[-2:]
        result = planes.new_empty((len(planes), self.scale * height, self.scale * width))
        adaptive = self.config.adaptive if steered else None

        def fill(tile: Tile) -> None:
            done = self._solved(tile.read(planes), adaptive)
            tile.place(result, self.scale).copy_(tile.core(done, self.scale))

        side_by_side(fill, tiles((height, width), self.config.tile, self.config.rim), planes.device)
        return result

    def _solved(self, planes: torch.Tensor, adaptive: AdaptiveConfig | None) -> torch.Tensor:
        """One tile."""
        scale = self.scale
        padding = Padding.of((planes.shape[-2], planes.shape[-1]), self.config.rim)
        whiten = np.sqrt(self.variance / self.noise(padding.size))
        whole = whole_spectrum(torch.from_numpy(whiten + 0j), padding.size[1]).real.numpy()
        columns = scale * padding.size[1] // 2 + 1
        through = self.transfer(padding.size, scale) * np.tile(whole, (scale, scale))[:, :columns]
        weight = self.variance / self.amplitude

        def tensor(array: npt.NDArray[np.generic]) -> torch.Tensor:
            kind = torch.complex64 if np.iscomplexobj(array) else torch.float32
            return torch.from_numpy(array).to(planes.device, kind)

        gain = response_of(through, scale, padding.size, weight, self.config.spectral_exponent)
        gain[0, 0] /= whole[0, 0]  # a constant comes out as it went in
        linear = LinearInverse(tensor(gain), scale)
        spectrum = torch.fft.fft2(padding.pad(planes.float())) * tensor(whole)
        white: torch.Tensor = torch.fft.ifft2(spectrum).real
        if adaptive is None:
            return padding.cut(linear.upscale(white), scale)
        operator = PeriodicDownscaling(tensor(through), scale, padding.size)
        solver = AdaptiveInverse.of(operator, linear, weight, self.variance, adaptive)
        return padding.cut(solver.solve(white, adaptive.luma, self.variance), scale)


def amplitude_of(
    plane: torch.Tensor, transfer: Transfer, noise: Power, scale: int, config: ColouredConfig
) -> float:
    """How many times the unit prior the power of what made the plane (h, w) is: the likeliest (Whittle 1953).

    With E what the blur leaves of the unit prior, the power at each frequency is exponentially distributed
    about ``amplitude * E + N``. A mean of (power - N) / E would be ruled by the top of the band, where N is
    all. The first tile is looked at, at frequencies of the band spread evenly.
    """
    array = plane[: config.tile, : config.tile].double().cpu().numpy()
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
