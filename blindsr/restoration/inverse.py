r"""The inverse of a blur under noise of any colour, for images of any size.

    argmin over x of (A x - y)' N^(-1) (A x - y) + penalty(x)

A is a transfer function H at the HR frequencies, then every s-th pixel. N is the noise's covariance. It is
stationary, so that it is a power N(g) at the LR frequencies. With W(g) = sqrt(v / N(g)) the first term is
|W A x - W y|^2 / v. W comes after the folding; it may as well come before it, at every band of its frequency:

    W A  has the transfer function  H(f) W(s f)

So the linear and the edge-adaptive inverse of white noise (:mod:`blindsr.restoration.linear`,
:mod:`blindsr.restoration.adaptive`) are those of coloured noise too, given another transfer function and W y.
White noise is the case W = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch

from blindsr.restoration.adaptive import AdaptiveInverse, Preconditioner, penalty_factor
from blindsr.restoration.config import AdaptiveConfig, ColouredNoiseConfig, InverseConfig
from blindsr.restoration.linear import LinearInverse, filter_radius, folded, prior_spectrum, response_of
from blindsr.restoration.noise import choose_weight, noise_variance_of
from blindsr.restoration.padding import Padding
from srbase.imaging.colour import CHROMA_NOISE, LUMA_NOISE, to_rgb, to_ycc
from srbase.imaging.image import central
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling, Size, half_transfer, whole_spectrum

MOST_SIZES: Final = 6
"""Sizes of images whose operators are kept: inner tiles, those at the borders, sons."""
Array = npt.NDArray[np.float64]
Transfer = Callable[[Size, int], npt.NDArray[np.complex128]]
"""(h, w) LR pixels and the scale to H at the HR frequencies, half a spectrum (s*h, s*w/2 + 1); in phase with
LR pixels at the centre of their blocks."""
Power = Callable[[Size], Array]
"""(h, w) LR pixels to the noise's power at their frequencies, half a spectrum (h, w//2 + 1), over 0."""
Chroma = Literal["edges", "linear", "bicubic"]
"""How colour differences are upscaled: along their own edges, by the linear inverse, or by interpolation,
where they were stored at half the size and hold nothing that could be lifted."""


@dataclass(frozen=True, eq=False)
class Operators:
    """What the inverse of images of one size consists of."""

    whiten: torch.Tensor | None  # W, a whole spectrum (h, w); None: 1
    downscaling: PeriodicDownscaling  # W A
    linear: LinearInverse  # from y, W included
    precondition: Preconditioner | None  # None: the linear inverse alone is wanted


@dataclass(frozen=True, eq=False, kw_only=True)
class Inverse:
    """An upscaling for one image's blur and noise: a :class:`srbase.upscaler.Upscaler`.

    Attributes:
        transfer: of the blur.
        scale: from LR to HR.
        weight: of the linear penalty: noise variance over the amplitude of the prior's power.
        noise_variance: of each channel, images in 0..1.
        luma_variance: of the luma's noise, as far as the penalty along edges is concerned.
        chroma_variance: of each colour difference's noise, likewise.
        reach: LR pixels on each side on which an HR pixel depends.
        exponent: of the prior's power.
        adaptive: numbers of the edge-adaptive solution; None: the linear one alone.
        noise: power of coloured noise; None: white.
        chroma: how colour differences are upscaled.
        share: weight of the edge-adaptive solution beside the linear one, 0..1.
        kept: operators that were made, by size, float type and device.
    """

    transfer: Transfer
    scale: int
    weight: float
    noise_variance: float
    luma_variance: float
    chroma_variance: float
    reach: int
    exponent: float
    adaptive: AdaptiveConfig | None
    noise: Power | None = None
    chroma: Chroma = "edges"
    share: float = 1.0
    kept: dict[object, Operators] = field(default_factory=dict, repr=False)

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """Upscale an image. Deterministic.

        Memory is many times that of the result: large images are done in tiles.

        Args:
            image: LR, (1 or 3, h, w) in 0..1; it is only read.

        Returns:
            SR, (1 or 3, s*h, s*w), not clipped.
        """
        padding = self._padding(image)
        padded, operators = padding.pad(image), self._operators(image, padding)
        if self.adaptive is None or operators.precondition is None or self.share == 0:
            sharp = operators.linear.upscale(padded)
        else:
            sharp = self._along_edges(padded, operators, operators.precondition, self.adaptive)
            if self.share < 1:
                sharp = torch.lerp(operators.linear.upscale(padded), sharp, self.share)
        sharp = padding.cut(sharp, self.scale)
        if self.chroma == "bicubic" and len(image) == 3:
            chroma = bicubic_upscale(to_ycc(image)[1:], self.scale)
            return to_rgb(torch.cat([to_ycc(sharp)[:1], chroma]))
        return sharp

    def linear(self, image: torch.Tensor) -> torch.Tensor:
        """The linear solution alone; as :meth:`upscale`."""
        padding = self._padding(image)
        upscaled = self._operators(image, padding).linear.upscale(padding.pad(image))
        return padding.cut(upscaled, self.scale)

    def misfit(self, image: torch.Tensor) -> float:
        """Mean square of what the linear solution, downscaled, leaves of an LR image (C, h, w), for white
        noise."""
        padding = self._padding(image)
        padded, operators = padding.pad(image), self._operators(image, padding)
        again = operators.downscaling.downscale(operators.linear.upscale(padded))
        return float(padding.cut(again - padded).square().mean())

    def _along_edges(
        self, padded: torch.Tensor, operators: Operators, precondition: Preconditioner, config: AdaptiveConfig
    ) -> torch.Tensor:
        """The edge-adaptive solution. Edges are the luma's; colour differences are solved apart."""
        solver = AdaptiveInverse(
            operators.downscaling, operators.linear, precondition, config, operators.whiten
        )
        if len(padded) == 1:
            return solver.solve(padded, config.luma, self.luma_variance)
        planes = to_ycc(padded)
        luma = solver.solve(planes[:1], config.luma, self.luma_variance)
        if self.chroma == "edges":
            chroma = solver.solve(planes[1:], config.chroma, self.chroma_variance)
        else:
            chroma = operators.linear.upscale(planes[1:])
        return to_rgb(torch.cat([luma, chroma]))

    def _padding(self, image: torch.Tensor) -> Padding:
        return Padding.of((image.shape[-2], image.shape[-1]), self.reach)

    def _operators(self, image: torch.Tensor, padding: Padding) -> Operators:
        """The operators for an image's padded size, float type and device; made once for each of the first
        sizes."""
        key = (padding.size, image.dtype, image.device)
        found = self.kept.get(key)
        if found is None:
            found = self._made(image, padding.size)
            if len(self.kept) < MOST_SIZES:
                self.kept[key] = found
        return found

    def _made(self, like: torch.Tensor, size: Size) -> Operators:
        """The operators for periodic LR images of ``size`` (h, w), of the float type and device of ``like``.

        The linear inverse of white noise for the transfer function H W takes W y; so the one for y is its
        response times W.
        """
        through, whiten = self.transfer(size, self.scale), None
        whole = np.ones(size)
        if self.noise is not None:
            half = np.sqrt(self.luma_variance / self.noise(size))
            whole = whole_spectrum(torch.from_numpy(half + 0j), size[1]).real.numpy()
            whiten = torch.from_numpy(whole.copy()).to(like)
        bands = np.tile(whole, (self.scale, self.scale))[:, : self.scale * size[1] // 2 + 1]  # W(s f)
        gain = response_of(through * bands, self.scale, size, self.weight, self.exponent) * bands
        gain[0, 0] = self.scale**2  # a constant comes out as it went in
        kind = torch.complex128 if like.dtype == torch.float64 else torch.complex64
        there, gain_there = (torch.from_numpy(x).to(like.device, kind) for x in (through * bands, gain))
        downscaling = PeriodicDownscaling(there, self.scale, size)
        precondition = None if self.adaptive is None else Preconditioner.of(downscaling, self.weight / 2)
        return Operators(whiten, downscaling, LinearInverse(gain_there, self.scale), precondition)


def kernel_inverse(
    image: torch.Tensor, kernel: SRKernel, config: InverseConfig, *, weight: float | None = None
) -> Inverse:
    """The inverse of a kernel under white noise.

    Args:
        image: LR, (C, h, w) in 0..1: noise and amplitude are measured on it.
        kernel: the kernel that made it small.
        config: numbers of the inverse.
        weight: of the penalty; None: by noise and amplitude.

    Returns:
        The inverse.
    """
    weight = choose_weight(image, kernel, config) if weight is None else weight
    noise_variance = noise_variance_of(weight, config)
    inverse = Inverse(
        transfer=partial(kernel_transfer, kernel=kernel),
        scale=kernel.scale,
        weight=weight,
        noise_variance=noise_variance,
        luma_variance=noise_variance,
        chroma_variance=noise_variance,
        reach=filter_radius(kernel, weight, config.linear),
        exponent=config.linear.spectral_exponent,
        adaptive=config.adaptive,
    )
    if config.adaptive is None:
        return inverse
    misfit = inverse.misfit(central(image, config.window))
    doubted = penalty_factor(misfit, noise_variance, config.adaptive) * noise_variance
    luma = doubted if len(image) == 1 else LUMA_NOISE * doubted
    return replace(inverse, luma_variance=luma, chroma_variance=CHROMA_NOISE * doubted)


def coloured_inverse(
    luma: torch.Tensor,
    transfer: Transfer,
    noise: Power,
    scale: int,
    config: ColouredNoiseConfig,
    *,
    amplitude: float | None = None,
    variance: float,
    chroma: Chroma = "linear",
) -> Inverse:
    """The inverse of a blur under coloured noise.

    Args:
        luma: of the LR image, (h, w) in 0..1: the prior's amplitude is measured on it.
        transfer: of the blur.
        noise: power of the luma's noise.
        scale: from LR to HR.
        config: numbers of the inverse.
        amplitude: of the prior's power, where it was measured before.
        variance: of the luma's noise, as far as edges are concerned.
        chroma: how colour differences are upscaled.

    Returns:
        The inverse.
    """
    if amplitude is None:
        amplitude = amplitude_of(luma, transfer, noise, scale, config)
    return Inverse(
        transfer=transfer,
        scale=scale,
        weight=variance / amplitude,
        noise_variance=variance,
        luma_variance=variance,
        chroma_variance=variance,
        reach=config.reach,
        exponent=config.spectral_exponent,
        adaptive=config.adaptive,
        noise=noise,
        chroma=chroma,
    )


def kernel_transfer(size: Size, scale: int, kernel: SRKernel) -> npt.NDArray[np.complex128]:
    """A kernel's :data:`Transfer`."""
    assert scale == kernel.scale
    return half_transfer(kernel, size)


def white(size: Size, variance: float) -> Array:
    """The :data:`Power` of white noise."""
    return np.full((size[0], size[1] // 2 + 1), variance)


def amplitude_of(
    plane: torch.Tensor, transfer: Transfer, noise: Power, scale: int, config: ColouredNoiseConfig
) -> float:
    """How many times the unit prior the power of what made a plane is: the likeliest (Whittle 1953).

    With E what the blur leaves of the unit prior, the power at each frequency is exponentially distributed
    about ``amplitude * E + N``. A mean of (power - N) / E would be ruled by the top of the band, where N is
    all. The middle of a large plane is used, at frequencies of the band spread evenly.

    Args:
        plane: LR, (h, w) in 0..1.
        transfer: of the blur.
        noise: power of the plane's noise.
        scale: from LR to HR.
        config: numbers of the search.

    Returns:
        The amplitude.
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
