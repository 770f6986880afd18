"""The inverse of one kernel at one noise, for images of any size: the door of this room."""

from dataclasses import dataclass, replace

import torch

from blindsr.imaging.image import central
from blindsr.imaging.kernel import SRKernel
from blindsr.inverse.adaptive import AdaptiveInverse, doubt_of
from blindsr.inverse.config import InverseConfig
from blindsr.inverse.linear import LinearInverse, linear_inverse, reach
from blindsr.inverse.noise import choose_weight, noise_variance_of
from blindsr.inverse.padding import Padding
from blindsr.inverse.periodic import PeriodicDownscaling


@dataclass(frozen=True, eq=False)
class KernelInverse:
    """An upscaling for one image's kernel and noise; make it by :func:`inverse_for`.

    weight: of the penalty. noise_variance: of each channel, images in 0..1. reach: LR pixels that an HR pixel
    sees on each side. doubt: how many times stronger the edges' penalty is. share: of the way from the linear
    to the edge-adaptive inverse, 0..1.
    """

    kernel: SRKernel
    weight: float
    noise_variance: float
    reach: int
    config: InverseConfig
    doubt: float = 1.0
    share: float = 1.0

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        """LR (1 or 3, h, w) in 0..1 to (1 or 3, s*h, s*w), not clipped; only read. Deterministic.

        Memory is many times that of the result: large images are done in tiles.
        """
        padding = self._padding(image)
        padded, linear = padding.pad(image), self._linear(image, padding)
        adaptive = self.config.adaptive
        if adaptive is None or self.share == 0:
            return padding.cut(linear.upscale(padded), self.kernel.scale)
        operator = PeriodicDownscaling.of(self.kernel, padding.size, image)
        sharp = AdaptiveInverse.of(
            operator, linear, self.weight, self.doubt * self.noise_variance, adaptive
        ).upscale(padded)
        if self.share < 1:
            sharp = torch.lerp(linear.upscale(padded), sharp, self.share)
        return padding.cut(sharp, self.kernel.scale)

    def linear(self, image: torch.Tensor) -> torch.Tensor:
        """The linear inverse alone, likewise."""
        padding = self._padding(image)
        upscaled = self._linear(image, padding).upscale(padding.pad(image))
        return padding.cut(upscaled, self.kernel.scale)

    def misfit(self, image: torch.Tensor) -> float:
        """Mean square of what the linear inverse, downscaled, leaves of the LR image."""
        padding = self._padding(image)
        padded = padding.pad(image)
        large = self._linear(image, padding).upscale(padded)
        again = PeriodicDownscaling.of(self.kernel, padding.size, image).downscale(large)
        return float(padding.cut(again - padded).square().mean())

    def _padding(self, image: torch.Tensor) -> Padding:
        return Padding.of((image.shape[-2], image.shape[-1]), self.reach)

    def _linear(self, image: torch.Tensor, padding: Padding) -> LinearInverse:
        return linear_inverse(self.kernel, self.weight, padding.size, self.config.linear, image)


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
