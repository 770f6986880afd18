"""The network: eight 3x3 convolutions that add what interpolation lacks (ZSSR, section 4)."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from srbase.runtime.device import has_fast_bfloat16
from zssr.config import Precision, ZSSRConfig


class ResidualNet(nn.Module):
    """Image (N, C, H, W) in 0..1 to the same shape: the input plus a learned residual.

    Zero padding; ReLU between the layers. H and W are multiples of ``config.shuffle``. ``radius`` is how many
    pixels away an output pixel sees, at most.
    """

    def __init__(self, config: ZSSRConfig, image_channels: int, rng: torch.Generator) -> None:
        super().__init__()
        ends = image_channels * config.shuffle**2
        widths = [ends, *[config.channels] * (config.layers - 1), ends]
        self.shuffle = config.shuffle
        self.radius = config.layers * config.shuffle
        self.precision: Precision = config.precision
        self.layers = nn.ModuleList(_unfilled(a, b) for a, b in pairwise(widths))
        for layer in self.layers:
            _initialise(layer, rng)
        if config.zero_residual:
            nn.init.zeros_(self.layers[-1].get_parameter("weight"))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """The image with its residual added; not clipped."""
        fast = self.precision == "auto" and has_fast_bfloat16(image.device)
        reduced = fast or self.precision == "bfloat16"
        planes = F.pixel_unshuffle(image, self.shuffle) if self.shuffle > 1 else image
        planes = planes.contiguous(memory_format=torch.channels_last)
        with torch.autocast(image.device.type, dtype=torch.bfloat16, enabled=reduced):
            for layer in self.layers[:-1]:
                planes = F.relu(layer(planes), inplace=True)
            residual = self.layers[-1](planes)
        if self.shuffle > 1:
            residual = F.pixel_shuffle(residual, self.shuffle)
        restored: torch.Tensor = image + residual.to(image.dtype)
        return restored


def build(config: ZSSRConfig, image_channels: int, rng: torch.Generator, device: torch.device) -> ResidualNet:
    """A network with random weights from ``rng`` (on the CPU), on the device.

    Weights lie channels-last, which the convolutions of CPUs and GPUs alike run faster.
    """
    network = ResidualNet(config, image_channels, rng).to(device)
    return network.to(memory_format=torch.channels_last)


def _unfilled(channels_in: int, channels_out: int) -> nn.Conv2d:
    """A 3x3 convolution whose values are still to come; those that it draws do not count for the global
    generator. (PyTorch's ``skip_init`` draws none and loads sympy, a third of a second.)
    """
    with torch.random.fork_rng(devices=[]):
        return nn.Conv2d(channels_in, channels_out, 3, padding=1)


def _initialise(layer: nn.Module, rng: torch.Generator) -> None:
    """He-normal weights (He et al. 2015), zero biases."""
    assert isinstance(layer, nn.Conv2d)
    with torch.no_grad():
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=rng)
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
