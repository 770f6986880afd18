"""The inverse of one kernel at one noise, for images of any size: the door of this room."""

from dataclasses import dataclass, field, replace
from typing import Final

import torch

from blindsr.restoration.adaptive import AdaptiveInverse, Preconditioner, doubt_of
from blindsr.restoration.config import InverseConfig
from blindsr.restoration.linear import LinearInverse, linear_inverse, reach
from blindsr.restoration.noise import choose_weight, noise_variance_of
from blindsr.restoration.padding import Padding
from srbase.imaging.image import central
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling

MOST_SIZES: Final = 6
"""Sizes of images whose operators are kept: inner tiles, those at the borders, sons."""


@dataclass(frozen=True, eq=False)
class Operators:
    """What the inverse of images of one size is made of."""

    downscaling: PeriodicDownscaling
    linear: LinearInverse
    precondition: Preconditioner | None  # None: the linear inverse alone is wanted


@dataclass(frozen=True, eq=False)
class KernelInverse:
    """An upscaling for one image's kernel and noise; make it by :func:`inverse_for`.

    weight: of the penalty. noise_variance: of each channel, images in 0..1. reach: LR pixels that an HR pixel
    sees on each side. doubt: how many times stronger the edges' penalty is. share: of the way from the linear
    to the edge-adaptive inverse, 0..1. kept: operators that were made, by size, float type and device.
    """

    kernel: SRKernel
    weight: float
    noise_variance: float
    reach: int
    config: InverseConfig
    doubt: float = 1.0
    share: float = 1.0
    kept: dict[object, Operators] = field(default_factory=dict, repr=False)

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (1 or 3, h, w) in 0..1 to (1 or 3, s*h, s*w), not clipped; only read. Deterministic.

        Memory is many times that of the result: large images are done in tiles.
        """
        padding = self._padding(image)
        padded, operators = padding.pad(image), self._operators(image, padding)
        adaptive = self.config.adaptive
        if adaptive is None or operators.precondition is None or self.share == 0:
            return padding.cut(operators.linear.upscale(padded), self.kernel.scale)
        noise_variance = self.doubt * self.noise_variance
        sharp = AdaptiveInverse(
            operators.downscaling, operators.linear, operators.precondition, noise_variance, adaptive
        ).upscale(padded)
        if self.share < 1:
            sharp = torch.lerp(operators.linear.upscale(padded), sharp, self.share)
        return padding.cut(sharp, self.kernel.scale)

    def linear(self, image: torch.Tensor) -> torch.Tensor:
        """The linear inverse alone, likewise."""
        padding = self._padding(image)
        upscaled = self._operators(image, padding).linear.upscale(padding.pad(image))
        return padding.cut(upscaled, self.kernel.scale)

    def misfit(self, image: torch.Tensor) -> float:
        """Mean square of what the linear inverse, downscaled, leaves of the LR image."""
        padding = self._padding(image)
        padded, operators = padding.pad(image), self._operators(image, padding)
        again = operators.downscaling.downscale(operators.linear.upscale(padded))
        return float(padding.cut(again - padded).square().mean())

    def _padding(self, image: torch.Tensor) -> Padding:
        return Padding.of((image.shape[-2], image.shape[-1]), self.reach)

    def _operators(self, image: torch.Tensor, padding: Padding) -> Operators:
        key = (padding.size, image.dtype, image.device)
        found = self.kept.get(key)
        if found is None:
            downscaling = PeriodicDownscaling.of(self.kernel, padding.size, image)
            linear = linear_inverse(self.kernel, self.weight, padding.size, self.config.linear, image)
            edges = self.config.adaptive is not None
            found = Operators(
                downscaling, linear, Preconditioner.of(downscaling, self.weight / 2) if edges else None
            )
            if len(self.kept) < MOST_SIZES:
                self.kept[key] = found
        return found


def inverse_for(
    image: torch.Tensor, kernel: SRKernel, config: InverseConfig, *, weight: float | None = None
) -> KernelInverse:
    """The inverse for an LR image (C, h, w) in 0..1; the weight is chosen from the image unless given."""
    weight = choose_weight(image, kernel, config) if weight is None else weight
    noise_variance = noise_variance_of(weight, config)
    inverse = KernelInverse(kernel, weight, noise_variance, reach(kernel, weight, config.linear), config)
    if config.adaptive is None:
        return inverse
    misfit = inverse.misfit(central(image, config.window))
    return replace(inverse, doubt=doubt_of(misfit, noise_variance, config.adaptive))
