"""How noisy an image is, and how strong its detail: what sets the weight of the inverse.

The inverse is Wiener's filter, whose weight is (noise variance) / (amplitude of the spectrum), both
measured on the LR image alone. A wrong estimate costs more than none, so both are held on a short leash:

- *Noise.* The variance left by a filter that removes all smooth content (Immerkaer, CVIU 64, 1996),
  over small blocks, the quietest of which are thought flat. A photograph textured all over has no flat
  block, but then its spectrum has a quiet corner; the smaller of the two estimates is taken, and never
  less than what rounding to 8 bits adds.
- *Amplitude.* The LR periodogram over what the kernel leaves of the unit prior, averaged. Its geometric
  mean with the value for which the standard weight was measured is used: half the pull, in dB, that the
  photograph's own figure suggests. Alone either figure is 0.1 dB worse.
- *What the spectrum says.* JPEG leaves flat blocks clean and spoils the eventful ones, so that the above sees
  no noise at all. The weight under which the photograph's periodogram is likeliest does see it; where it is
  the larger one, the geometric mean of both is used. docs/kernel-aware.md has what it gained; the likeliest
  weight alone lost up to 1.8 dB on a texture that fills the image, which looks like noise.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from blindsr.imaging.kernel import SRKernel
from blindsr.inverse.config import QUANTISATION, InverseConfig, NoiseConfig
from blindsr.inverse.linear import folded, prior_spectrum, transfer

Array = npt.NDArray[np.float64]


def noise_variance_of(weight: float, config: InverseConfig) -> float:
    """The noise variance, images in 0..1, for which a photograph of ordinary detail has this weight."""
    return QUANTISATION * weight / config.linear.weight


def choose_weight(image: torch.Tensor, kernel: SRKernel, config: InverseConfig) -> float:
    """The inverse's weight for an LR image (C, h, w) in 0..1 of the kernel; h and w at least 16."""
    clean, limits = config.linear.weight, config.noise
    variance = noise_variance(image, limits)
    detail = amplitude(image, kernel, variance, config)
    if detail <= 0:  # flat, or nothing but noise
        return limits.weight_max if variance > QUANTISATION else clean
    weight = variance / QUANTISATION * float(np.sqrt(clean * QUANTISATION / detail))
    weight = min(max(weight, limits.weight_min), limits.weight_max)
    likely = likeliest_weight(image, kernel, config)
    likely = min(max(likely, weight), limits.likely_most * weight, limits.weight_max)
    return float(np.sqrt(weight * likely))


def likeliest_weight(image: torch.Tensor, kernel: SRKernel, config: InverseConfig) -> float:
    """The ratio of noise to amplitude under which the periodogram of (C, h, w) is likeliest (Whittle 1953).

    With F what the kernel leaves of the unit prior, the power at each frequency is exponentially distributed
    about ``amplitude * (F + weight)``; for a given weight the likeliest amplitude is a plain mean. A flat
    image says nothing: the least weight.
    """
    limits = config.noise
    expected, frequency = _expected(image, kernel, config)
    power = np.mean([_periodogram(plane) for plane in image], axis=0)
    seen = frequency > limits.lowest
    step = -(-int(seen.sum()) // limits.likely_cells)
    power, expected = power[seen][::step], expected[seen][::step]
    if power.mean() < QUANTISATION / 100:
        return limits.weight_min
    decades = float(np.log10(limits.weight_max / limits.weight_min))
    weights = np.geomspace(limits.weight_min, limits.weight_max, round(limits.likely_steps * decades) + 1)

    def unlikeliness(weight: float) -> float:
        shape = expected + weight
        return float(np.log((power / shape).mean()) + np.log(shape).mean())

    return float(min(weights, key=unlikeliness))


def noise_variance(image: torch.Tensor, config: NoiseConfig) -> float:
    """Variance of the white noise on each channel of (C, h, w), in 0..1; at least QUANTISATION."""
    return max(QUANTISATION, min(_quiet_blocks(image, config), _quiet_spectrum(image, config)))


def amplitude(image: torch.Tensor, kernel: SRKernel, noise_variance: float, config: InverseConfig) -> float:
    """How many times the unit prior (:func:`~blindsr.inverse.linear.prior_spectrum`) the HR power is."""
    expected, frequency = _expected(image, kernel, config)
    low, high = config.noise.band
    band = (frequency > low) & (frequency < high)
    power = np.maximum(_periodogram(image.mean(dim=0)) - noise_variance / image.shape[0], 0.0)
    return float((power[band] / expected[band]).mean())


def _expected(image: torch.Tensor, kernel: SRKernel, config: InverseConfig) -> tuple[Array, Array]:
    """What the kernel leaves of the unit prior at each frequency of the image, and that frequency."""
    height, width = image.shape[-2:]
    prior = prior_spectrum((height, width), kernel.scale, config.linear.spectral_exponent)
    expected = folded(prior * np.abs(transfer(kernel, (height, width))) ** 2, kernel.scale) / kernel.scale**2
    return expected, np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])


def _quiet_blocks(image: torch.Tensor, config: NoiseConfig) -> float:
    """Immerkaer's variance over blocks of all channels, its low quantile."""
    second = torch.tensor([1.0, -2.0, 1.0], dtype=torch.float64, device=image.device)
    mask = torch.outer(second, second)  # squares sum to 36
    residual = F.conv2d(image.double()[:, None], mask[None, None]).square().mean(dim=0) / 36
    blocks = F.avg_pool2d(residual[None], min(config.block, *residual.shape[-2:]))
    return float(torch.quantile(blocks.flatten()[:MAX_BLOCKS], config.quiet))


def _quiet_spectrum(image: torch.Tensor, config: NoiseConfig) -> float:
    """The averaged periodogram's low quantile: the power of the emptiest frequencies."""
    power = np.mean([_periodogram(plane) for plane in image], axis=0)
    n = config.cells
    height, width = (side - side % n for side in power.shape)
    cells = np.fft.fftshift(power)[:height, :width].reshape(height // n, n, width // n, n).mean(axis=(1, 3))
    return float(np.quantile(cells, config.quiet))


def _periodogram(plane: torch.Tensor) -> npt.NDArray[np.float64]:
    """Power by frequency of (h, w) under a Hann window; white noise gives its variance."""
    array = plane.detach().cpu().numpy().astype(np.float64)
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in array.shape))
    window /= np.sqrt(np.mean(window**2))
    return np.asarray(np.abs(np.fft.fft2((array - array.mean()) * window)) ** 2 / array.size)


MAX_BLOCKS: Final = 1 << 20
"""Blocks looked at; torch.quantile takes no more than 16 million values. 64 million pixels' worth."""
