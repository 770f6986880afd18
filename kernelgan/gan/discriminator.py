"""The discriminator: one probability of being real for each 7x7 patch, in one pass.

D is a 7x7 convolution followed by 1x1 convolutions, that is one small perceptron applied to every
patch: one unfold and seven matrix products. Each weight is divided by its largest singular value
(spectral norm, Miyato et al. 2018, by power iteration); batch norm and ReLU follow all but the last.
Batch statistics are those of the crop at hand, as in training; D is never used after it.
"""

from itertools import pairwise

import torch
from torch.nn import functional as F

from kernelgan.gan.config import GANConfig


class Discriminator:
    """R discriminators side by side; ``parameters`` are leaves for an optimiser."""

    def __init__(self, config: GANConfig, channels: int, rng: torch.Generator, device: torch.device) -> None:
        self.patch = config.discriminator_patch
        self.restarts = config.restarts
        widths = [channels * self.patch**2, *[config.channels] * (config.discriminator_hidden + 1), 1]
        self.weights = []
        self.left: list[torch.Tensor] = []
        for wide_in, wide_out in pairwise(widths):
            deviation = (2.0 / (wide_in + wide_out)) ** 0.5
            shape = (self.restarts, wide_out, wide_in)
            weight = deviation * torch.randn(shape, generator=rng)
            left = torch.randn((self.restarts, wide_out, 1), generator=rng)
            self.weights.append(weight.to(device).requires_grad_())
            self.left.append(F.normalize(left, dim=1).to(device))
        zeros = torch.zeros(self.restarts * config.channels, device=device)
        self.gains = [(zeros + 1).requires_grad_() for _ in self.weights[:-1]]
        self.shifts = [zeros.clone().requires_grad_() for _ in self.weights[:-1]]
        self.bias = torch.zeros((self.restarts, 1, 1), device=device, requires_grad=True)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What trains."""
        return [*self.weights, *self.gains, *self.shifts, self.bias]

    def normalised(self, *, iterate: bool = True) -> list[torch.Tensor]:
        """The weights over their largest singular values; one power iteration first, if asked."""
        result = []
        for index, weight in enumerate(self.weights):
            with torch.no_grad():
                right = F.normalize(weight.mT @ self.left[index], dim=1)
                left = F.normalize(weight @ right, dim=1) if iterate else self.left[index]
                self.left[index] = left
            sigma = (left * (weight @ right)).sum(dim=1, keepdim=True)
            result.append(weight / sigma)
        return result

    def d_map(self, images: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
        """Images (R, C, n, n) to the D-map (R, n - 6, n - 6) of probabilities."""
        side = images.shape[-1] - self.patch + 1
        planes = F.unfold(images, self.patch)  # (R, C * 49, side * side)
        for weight, gain, shift in zip(weights[:-1], self.gains, self.shifts, strict=True):
            flat = (weight @ planes).reshape(1, -1, side * side)
            normal = F.batch_norm(flat, None, None, gain, shift, training=True)
            planes = F.relu(normal).reshape(self.restarts, -1, side * side)
        logits = weights[-1] @ planes + self.bias
        return torch.sigmoid(logits).reshape(self.restarts, side, side)
