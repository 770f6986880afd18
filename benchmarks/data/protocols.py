"""How an LR image is made from an HR one: the kernel's family, and what is done to the pixels after."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image

from benchmarks.data import kernels
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.pixels import rounded
from blindsr.imaging.random_kernels import DIV2KRK, random_kernel
from blindsr.inverse.periodic import downscale_large


@dataclass(frozen=True)
class Drawn:
    """An x2 kernel and the numbers it was drawn with."""

    kernel: SRKernel
    numbers: Mapping[str, float]


Draw = Callable[[np.random.Generator], Drawn]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A kernel family and a pollution. ``noise``: deviation of white Gaussian noise, in 8-bit levels;
    ``jpeg``: quality, at 4:2:0."""

    draw: Draw
    noise: float = 0.0
    jpeg: int | None = None

    def four(self, two: SRKernel) -> SRKernel:
        """The x4 kernel: the x2 one twice."""
        return two.to_x4(DIV2KRK.x4_size)

    def shrink(self, image: torch.Tensor, kernel: SRKernel, rng: np.random.Generator) -> torch.Tensor:
        """HR (C, H, W) in 0..1, float64, to LR of 8 bits."""
        small = downscale_large(image, kernel)
        if self.noise:
            small = small + torch.from_numpy(rng.normal(0, self.noise / 255, tuple(small.shape)))
        small = rounded(small)
        return small if self.jpeg is None else _compressed(small, self.jpeg)


class _Bicubic(Protocol):
    def four(self, two: SRKernel) -> SRKernel:
        """The x4 bicubic kernel is not the x2 one twice."""
        del two
        return SRKernel.bicubic(4)


def _div2krk(rng: np.random.Generator) -> Drawn:
    drawn = random_kernel(rng)
    numbers = {"variance_1": drawn.variances[0], "variance_2": drawn.variances[1], "angle": drawn.angle}
    return Drawn(drawn.kernel, numbers)


def _plain(draw: Callable[[np.random.Generator], SRKernel]) -> Draw:
    return lambda rng: Drawn(draw(rng), {})


PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "div2krk": Protocol(draw=_div2krk),
    "bicubic": _Bicubic(draw=_plain(kernels.bicubic)),
    "disc": Protocol(draw=_plain(kernels.disc)),
    "box": Protocol(draw=_plain(kernels.box)),
    "motion": Protocol(draw=_plain(kernels.motion)),
    "mixture": Protocol(draw=_plain(kernels.mixture)),
    "noise1": Protocol(draw=_div2krk, noise=1.0),
    "noise3": Protocol(draw=_div2krk, noise=3.0),
    "noise8": Protocol(draw=_div2krk, noise=8.0),
    "jpeg95": Protocol(draw=_div2krk, jpeg=95),
    "jpeg85": Protocol(draw=_div2krk, jpeg=85),
    "jpeg70": Protocol(draw=_div2krk, jpeg=70),
}
"""``div2krk`` is the protocol of the paper's data set, and ``bicubic`` that of the classic sets; the others
ask how far the program holds: four more families of kernels, and DIV2KRK's with noise or JPEG on top."""


def protocol(name: str) -> Protocol:
    """A protocol by name. Raises InputError."""
    if name not in PROTOCOLS:
        raise InputError(f"protocol '{name}' is unknown; wanted one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def _compressed(image: torch.Tensor, quality: int) -> torch.Tensor:
    """An 8-bit image (C, H, W) through a JPEG file."""
    pixels = (image * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    gray = pixels.shape[2] == 1
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if gray else pixels).save(file, "JPEG", quality=quality, subsampling=2)
    again = np.atleast_3d(np.asarray(Image.open(file)))
    return torch.from_numpy(again.copy()).permute(2, 0, 1).to(image.dtype) / 255
