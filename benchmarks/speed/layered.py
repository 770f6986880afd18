"""KernelGAN's step as one would first write it: layers, autograd, the optimisers of PyTorch."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from kernelgan.config import KernelGANConfig
from kernelgan.constraints import Constraints
from kernelgan.generator import STRIDE


class LayeredGame:
    """One game, the networks layer by layer: the oracle of the fast step's speed, not of its numbers, which
    the tests compare."""

    def __init__(self, config: KernelGANConfig, device: torch.device) -> None:
        widths = [1, *[config.channels] * (len(config.generator_filters) - 1), 1]
        last = len(config.generator_filters) - 1
        self.generator = nn.ModuleList(
            nn.Conv2d(a, b, size, stride=STRIDE if place == last else 1, bias=False)
            for place, (size, (a, b)) in enumerate(
                zip(config.generator_filters, pairwise(widths), strict=True)
            )
        ).to(device)
        self.discriminator = _discriminator(config).to(device)
        betas = (config.beta_1, config.beta_2)
        self.optimisers = [
            torch.optim.Adam(network.parameters(), config.learning_rate, betas)
            for network in (self.generator, self.discriminator)
        ]
        rng = torch.Generator().manual_seed(0)
        self.crop, self.real = (
            torch.rand((1, 3, side, side), generator=rng).to(device)
            for side in (config.generator_crop, config.discriminator_crop)
        )
        self.delta = torch.zeros(
            (1, 1, 2 * config.kernel_size - 1, 2 * config.kernel_size - 1), device=device
        )
        self.delta[0, 0, config.kernel_size - 1, config.kernel_size - 1] = 1.0
        self.constraints = Constraints(config.constraints, config.kernel_size, self.delta)
        self.late = torch.ones(1, device=device)

    def make_step(self) -> None:
        """Train G, then D."""
        fake = self._shrunk(self.crop)
        terms = self.constraints.terms(self._kernel()[None], self.late)
        loss = (1 - self.discriminator(fake)).abs().mean() + sum(term.sum() for term in terms.values())
        self._update(loss, 0)
        on_real, on_fake = self.discriminator(self.real), self.discriminator(fake.detach())
        self._update(0.5 * ((1 - on_real).abs().mean() + on_fake.abs().mean()), 1)

    def _shrunk(self, crop: torch.Tensor) -> torch.Tensor:
        planes = crop.transpose(0, 1)  # each colour by itself
        for layer in self.generator:
            planes = layer(planes)
        return planes.transpose(0, 1)

    def _kernel(self) -> torch.Tensor:
        """The kernel as G's answer to one bright pixel."""
        planes = self.delta
        for layer in self.generator:
            planes = nn.functional.conv2d(planes, layer.get_parameter("weight"))
        return planes[0, 0].flip(0, 1)

    def _update(self, loss: torch.Tensor, who: int) -> None:
        self.optimisers[who].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimisers[who].step()


def _discriminator(config: KernelGANConfig) -> nn.Sequential:
    wide = config.channels
    sizes = [config.discriminator_patch, *[1] * config.discriminator_hidden]
    layers: list[nn.Module] = []
    for channels, size in zip([3, *[wide] * config.discriminator_hidden], sizes, strict=True):
        layers += [spectral_norm(nn.Conv2d(channels, wide, size)), nn.BatchNorm2d(wide), nn.ReLU()]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(wide, 1, 1)), nn.Sigmoid())
