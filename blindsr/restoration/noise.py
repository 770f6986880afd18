"""How noisy an image is, and how strong its detail: what sets the weight of the inverse.

The inverse is Wiener's filter, whose weight is (noise variance) / (amplitude of the spectrum), both
measured on the LR image alone. A wrong estimate costs more than none, so both are held on a short leash:

- *Noise.* The variance left by a filter that removes all smooth content (Immerkaer, CVIU 64, 1996),
  over small blocks, the quietest of which are thought flat. A photograph textured all over has no flat
  block, but then its spectrum has a quiet corner; the smaller of the two estimates is taken, and never
  less than what rounding to the image's levels adds.
- *Amplitude.* The LR periodogram over what the kernel leaves of the unit prior, averaged. Its geometric
  mean with the value for which the standard weight was measured is used: half the pull, in dB, that the
  photograph's own figure suggests. Alone either figure is 0.1 dB worse.
- *What the spectrum says.* JPEG leaves flat blocks clean and spoils the eventful ones, so that the above sees
  no noise at all. The weight under which the photograph's periodogram is likeliest does see it; where it is
  the larger one, the geometric mean of both is used. docs/kernel-aware.md has what it gained; the likeliest
  weight alone lost up to 1.8 dB on a texture that fills the image, which looks like noise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from blindsr.restoration.config import InverseConfig, NoiseConfig
from blindsr.restoration.linear import prior_spectrum
from srbase.imaging.periodogram import bounded_hop, cut_windows, frequencies, periodograms, window_starts
from srbase.imaging.pixels import QUANTISATION
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import fold, half_transfer

Array = npt.NDArray[np.float64]

STRIP: Final = 64
"""Rows that are looked at together; a multiple of every block."""


def noise_variance_of(weight: float, config: InverseConfig) -> float:
    """The noise variance, images in 0..1, for which a photograph of ordinary detail has this weight."""
    return QUANTISATION * weight / config.linear.weight


def choose_weight(image: torch.Tensor, kernel: SRKernel, config: InverseConfig) -> float:
    """The inverse's weight for an image and its kernel.

    Args:
        image: LR, (C, h, w) in 0..1.
        kernel: that made it small.
        config: numbers of the inverse.

    Returns:
        Noise variance over the prior's amplitude; that of a clean photograph where a side is under
        ``NoiseConfig.smallest``.
    """
    clean, limits = config.linear.weight, config.noise
    if min(image.shape[-2:]) < limits.smallest:
        return clean
    seen = Powers.of(image, limits)
    variance = noise_variance(image, seen, limits)
    detail = amplitude(seen, kernel, variance, config)
    if detail <= 0:  # flat, or nothing but noise
        return limits.weight_max if variance > limits.rounding else clean
    # the geometric mean of variance / detail, by the image's own amplitude, and of variance * clean /
    # QUANTISATION, by an ordinary photograph's (whose weight is ``clean`` where rounding is all its noise)
    weight = variance / QUANTISATION * float(np.sqrt(clean * QUANTISATION / detail))
    weight = min(max(weight, limits.weight_min), limits.weight_max)
    likely = likeliest_weight(seen, kernel, config)
    likely = min(max(likely, weight), limits.likely_most * weight, limits.weight_max)
    return float(np.sqrt(weight * likely))


@dataclass(frozen=True, eq=False)
class Powers:
    """Averaged periodograms over windows of an image, half spectra (n, n//2 + 1): the mean of the channels'
    powers, and the power of the channels' mean. Of a large image a bounded number of windows is looked at."""

    channels: int
    each: Array
    mean: Array

    @classmethod
    def of(cls, image: torch.Tensor, config: NoiseConfig) -> "Powers":
        """Of (C, h, w) in 0..1; a window is as large as the image at most."""
        size = (image.shape[-2], image.shape[-1])
        window = min(config.window, *size)
        hop = bounded_hop(size, window, window // 2, config.most)
        rows, columns = (window_starts(n, window, hop) for n in size)
        planes = image.detach().cpu().numpy()

        def power(plane: npt.NDArray[np.float32]) -> Array:
            cut = cut_windows(plane.astype(np.float64), window, rows, columns)
            return np.asarray(periodograms(cut).mean(axis=0))

        each = np.mean([power(plane) for plane in planes], axis=0)
        return cls(len(planes), each, each if len(planes) == 1 else power(planes.mean(axis=0)))

    def expected(self, kernel: SRKernel, config: InverseConfig) -> Array:
        """What the kernel leaves of the unit prior at each frequency."""
        n, scale = len(self.each), kernel.scale
        prior = prior_spectrum((n, n), scale, config.linear.spectral_exponent)
        passed = torch.from_numpy(prior * np.abs(half_transfer(kernel, (n, n))) ** 2)
        passed[0, 0] = 0.0  # of an infinite prior; nobody looks there
        folded = fold(passed.to(torch.complex128), scale, (n, n)).real.numpy()
        return np.asarray(folded[:, : n // 2 + 1] / scale**2)


def likeliest_weight(seen: Powers, kernel: SRKernel, config: InverseConfig) -> float:
    """The ratio of noise to amplitude under which the periodogram is likeliest (Whittle 1953).

    With F what the kernel leaves of the unit prior, the power at each frequency is exponentially distributed
    about ``amplitude * (F + weight)``; for a given weight the likeliest amplitude is a plain mean. A flat
    image says nothing: the least weight.
    """
    limits = config.noise
    heard = np.hypot(*frequencies(len(seen.each))) > limits.lowest
    power, expected = seen.each[heard], seen.expected(kernel, config)[heard]
    if power.mean() < limits.rounding / 100:
        return limits.weight_min
    decades = float(np.log10(limits.weight_max / limits.weight_min))
    weights = np.geomspace(limits.weight_min, limits.weight_max, round(limits.likely_steps * decades) + 1)

    def unlikeliness(weight: float) -> float:
        """Minus the mean log likelihood, log(a shape) + power / (a shape), up to a constant, at the likeliest
        amplitude a = mean(power / shape)."""
        shape = expected + weight
        return float(np.log((power / shape).mean()) + np.log(shape).mean())

    return float(min(weights, key=unlikeliness))


def noise_variance(image: torch.Tensor, seen: Powers, config: NoiseConfig) -> float:
    """Variance of the white noise on each channel of (C, h, w), in 0..1; at least that of rounding."""
    return max(config.rounding, min(_quiet_blocks(image, config), _quiet_spectrum(seen, config)))


def amplitude(seen: Powers, kernel: SRKernel, noise_variance: float, config: InverseConfig) -> float:
    """How many times the unit prior (:func:`~blindsr.restoration.linear.prior_spectrum`) the HR power is."""
    low, high = config.noise.band
    frequency = np.hypot(*frequencies(len(seen.mean)))
    band = (frequency > low) & (frequency < high)
    power = np.maximum(seen.mean - noise_variance / seen.channels, 0.0)
    return float((power[band] / seen.expected(kernel, config)[band]).mean())


def _quiet_blocks(image: torch.Tensor, config: NoiseConfig) -> float:
    """Noise variance by Immerkaer's filter: the low quantile over blocks of the filtered image's mean square,
    all channels (C, h, w) together. The image is taken in strips, so that memory does not follow it."""
    blocks = []
    for top in range(0, image.shape[-2] - 2, STRIP):
        strip = image[:, top : top + STRIP + 2].double()
        if strip.shape[-2] < 3:
            continue
        for dim in (-2, -1):  # second differences down and across; squared weights sum to (1 + 4 + 1)^2 = 36
            n = strip.shape[dim] - 2
            strip = strip.narrow(dim, 0, n) - 2 * strip.narrow(dim, 1, n) + strip.narrow(dim, 2, n)
        residual = strip.square().mean(dim=0) / 36
        block = min(config.block, *residual.shape[-2:])
        blocks.append(F.avg_pool2d(residual[None], block).flatten())
    found = torch.cat(blocks)
    step = -(-found.numel() // MOST_BLOCKS)
    return float(torch.quantile(found[::step], config.quiet))


def _quiet_spectrum(seen: Powers, config: NoiseConfig) -> float:
    """The averaged periodogram's low quantile: the power of the emptiest frequencies."""
    n, power = config.cells, np.fft.fftshift(seen.each, axes=0)
    height, width = (side - side % n for side in power.shape)
    cells = power[:height, power.shape[1] - width :].reshape(height // n, n, width // n, n)
    return float(np.quantile(cells.mean(axis=(1, 3)), config.quiet))


MOST_BLOCKS: Final = 1 << 20
"""Blocks whose quantile is taken; torch.quantile takes no more than 16 million values."""
