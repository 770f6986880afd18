"""How an LR image is made from an HR one: the kernel's family, and what is done to the pixels after."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from scipy.fft import next_fast_len

from benchmarks.data import kernels
from srbase.errors import InputError
from srbase.imaging.colour import to_rgb, to_ycc
from srbase.imaging.pixels import rounded
from srbase.imaging.resample import crop_to_multiple, mirror_pad
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling
from srbase.kernels.random_kernels import DIV2KRK, PLAIN, RandomKernelConfig, random_kernel


@dataclass(frozen=True)
class Drawn:
    """An x2 kernel and the numbers it was drawn with; the x4 kernel where it is not the x2 one twice.

    total: sum of the x2 kernel's cells before they were scaled to 1; LR is so much darker.
    """

    kernel: SRKernel
    numbers: Mapping[str, float]
    four: SRKernel | None = None
    total: float = 1.0


Draw = Callable[[np.random.Generator], Drawn]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A kernel family and a pollution. ``noise_std``: deviation of white Gaussian noise, in 8-bit levels;
    ``sharpen``: amount of an unsharp mask on LR, of one pixel's deviation, as programs add after shrinking;
    ``jpeg``: quality, at 4:2:0; ``floor``: 8 bits are reached by cutting off decimals, else by rounding."""

    draw: Draw
    floor: bool = False
    noise_std: float = 0.0
    sharpen: float = 0.0
    jpeg: int | None = None

    def four(self, drawn: Drawn) -> SRKernel:
        """The x4 kernel: the x2 one twice, unless it was drawn along."""
        return drawn.four or drawn.kernel.to_x4(DIV2KRK.x4_size)

    def shrink(
        self, image: torch.Tensor, kernel: SRKernel, rng: np.random.Generator, total: float = 1.0
    ) -> torch.Tensor:
        """HR (C, H, W) in 0..1, float64, to LR of 8 bits.

        total: the kernel's sum before it was scaled to 1.
        """
        small = self.processed(downscale_large(image, kernel) * total, rng)
        if self.noise_std:
            small = small + torch.from_numpy(rng.normal(0, self.noise_std / 255, tuple(small.shape)))
        small = _floored(small) if self.floor else rounded(small)
        return small if self.jpeg is None else _compressed(small, self.jpeg)

    def processed(self, small: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:  # noqa: ARG002
        """What a program does to LR before it is stored."""
        return small + self.sharpen * (small - _blurred(small, 1.0)) if self.sharpen else small


class _Bicubic(Protocol):
    def four(self, drawn: Drawn) -> SRKernel:
        """The x4 bicubic kernel is not the x2 one twice."""
        del drawn
        return SRKernel.bicubic(4)


class _Camera(Protocol):
    """Lens, pixel and a wide unsharp mask; noise that the camera smoothed; colours coarser than luma."""

    def processed(self, small: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """Noise and colours as a camera's processing leaves them."""
        noise = torch.from_numpy(rng.normal(0, SENSOR_NOISE / 255, tuple(small.shape)))
        noisy = small + _blurred(noise, SMOOTHED)
        if len(noisy) == 1:
            return noisy
        planes = to_ycc(noisy)
        return to_rgb(torch.cat([planes[:1], _blurred(planes[1:], COARSE)]))


LAST_BITS: Final = 1e-6
"""Grey levels: a value so little under a whole one is that one, whatever the sums were rounded to."""
SENSOR_NOISE: Final = 3.0  # 8-bit levels, before the camera smooths it
SMOOTHED: Final = 0.7  # LR px: deviation of that smoothing
NARROW, WIDE = 0.7, 1.5  # HR px^2
COARSE: Final = 1.2  # LR px: deviation of what demosaicing and denoising do to colours


def _camera(rng: np.random.Generator) -> Drawn:
    drawn = tuple(
        float(rng.uniform(*limits))
        for limits in (kernels.CAMERA_VARIANCE, kernels.CAMERA_AMOUNT, kernels.CAMERA_RADIUS)
    )
    variance, amount, radius = drawn
    numbers = {"variance_1": variance, "amount": amount, "radius": radius}
    two, four = (kernels.camera((variance, amount, radius), scale) for scale in (2, 4))
    return Drawn(two, numbers, four)


def _speckled(config: RandomKernelConfig) -> Draw:
    """A Gaussian with speckle. Where shifts lose its tails, the x4 kernel is not the x2 one twice."""

    def draw(rng: np.random.Generator) -> Drawn:
        state = rng.bit_generator.state
        drawn = random_kernel(rng, config=config)
        numbers = {"variance_1": drawn.variances[0], "variance_2": drawn.variances[1], "angle": drawn.angle}
        if not config.lossy:
            return Drawn(drawn.kernel, numbers)
        rng.bit_generator.state = state
        four = random_kernel(rng, 4, config).kernel
        return Drawn(drawn.kernel, numbers | {"kernel_sum": drawn.total}, four, drawn.total)

    return draw


def _round(variance: float) -> Draw:
    numbers = {"variance_1": variance, "variance_2": variance, "angle": 0.0}
    return lambda _: Drawn(kernels.gaussian(variance), numbers)


def _plain(draw: Callable[[np.random.Generator], SRKernel]) -> Draw:
    return lambda rng: Drawn(draw(rng), {})


PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "div2krk": Protocol(draw=_speckled(DIV2KRK), floor=True),
    "plain": Protocol(draw=_speckled(PLAIN)),
    "bicubic": _Bicubic(draw=_plain(kernels.bicubic)),
    "disc": Protocol(draw=_plain(kernels.disc)),
    "box": Protocol(draw=_plain(kernels.box)),
    "motion": Protocol(draw=_plain(kernels.motion)),
    "mixture": Protocol(draw=_plain(kernels.mixture)),
    "noise1": Protocol(draw=_speckled(PLAIN), noise_std=1.0),
    "noise3": Protocol(draw=_speckled(PLAIN), noise_std=3.0),
    "noise8": Protocol(draw=_speckled(PLAIN), noise_std=8.0),
    "jpeg95": Protocol(draw=_speckled(PLAIN), jpeg=95),
    "jpeg85": Protocol(draw=_speckled(PLAIN), jpeg=85),
    "jpeg70": Protocol(draw=_speckled(PLAIN), jpeg=70),
    "sharpened": Protocol(draw=_speckled(PLAIN), sharpen=0.5),
    "camera": _Camera(draw=_camera),
    "phone": _Camera(draw=_camera, jpeg=90),
    "narrow": Protocol(draw=_round(NARROW)),
    "wide": Protocol(draw=_round(WIDE)),
}
"""``div2krk`` makes LR as the published data set was made: kernels that two shifts cut off
(:mod:`srbase.kernels.random_kernels`), their sum kept, decimals cut off. ``plain`` is what KernelGAN's
section 5.1 says: whole kernels, and rounding. ``bicubic`` is the protocol of the classic sets. The others
ask how far the program holds: four more families of kernels, plain ones with noise, JPEG or sharpening on
top, and a made camera, whose image a phone also compresses. ``narrow`` and ``wide`` are one Gaussian each,
for scenes (:mod:`benchmarks.data.patterns`) on which estimates go wrong."""


def protocol(name: str) -> Protocol:
    """A protocol by name. Raises InputError."""
    if name not in PROTOCOLS:
        raise InputError(f"protocol '{name}' is unknown; wanted one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def _floored(image: torch.Tensor) -> torch.Tensor:
    """8-bit values by cutting off decimals, as a conversion to integers does."""
    return (image * 255 + LAST_BITS).floor().clamp(0, 255) / 255


def _compressed(image: torch.Tensor, quality: int) -> torch.Tensor:
    """An 8-bit image (C, H, W) through a JPEG file."""
    pixels = (image * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    gray = pixels.shape[2] == 1
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if gray else pixels).save(file, "JPEG", quality=quality, subsampling=2)
    again = np.atleast_3d(np.asarray(Image.open(file)))
    return torch.from_numpy(again.copy()).permute(2, 0, 1).to(image.dtype) / 255


def _blurred(image: torch.Tensor, deviation: float) -> torch.Tensor:
    """(C, H, W) under a Gaussian, borders mirrored."""
    array = ndimage.gaussian_filter(image.numpy(), (0, deviation, deviation), mode="reflect")
    return torch.from_numpy(array).to(image.dtype)


def downscale_large(image: torch.Tensor, kernel: SRKernel) -> torch.Tensor:
    """:func:`srbase.imaging.resample.downscale` in the Fourier domain: the same to rounding, and in float64,
    in which a CPU has no fast convolution, some twenty times faster for a photograph.

    image: (..., H, W); H and W are cropped to multiples of the scale; borders are mirrored.
    """
    scale, image = kernel.scale, crop_to_multiple(image, kernel.scale)
    margin = -(-max(kernel.shape) // scale)  # LR pixels
    size = tuple(next_fast_len(n // scale + 2 * margin, real=True) for n in image.shape[-2:])
    padded = image
    for dim, n in zip((-2, -1), size, strict=True):
        padded = mirror_pad(padded, dim, scale * margin, scale * (n - margin) - image.shape[dim])
    small = PeriodicDownscaling.of(kernel, (size[0], size[1]), image).downscale(padded)
    height, width = (n // scale for n in image.shape[-2:])
    return small[..., margin : margin + height, margin : margin + width]
