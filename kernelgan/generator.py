"""The generator: deep, linear, and therefore one small convolution.

G is six convolutions without bias, activation or padding, the last with stride 2, the same for each
colour channel. A chain of correlations with a_1, a_2, ... is one correlation with the full
convolution a_1 * a_2 * ..., so that the layers are composed to a 13x13 kernel first and that kernel is
applied once: the same values and gradients (tests/kernelgan/test_generator.py) for a fifth of the
time. Every tensor carries a leading axis R of restarts, trained side by side and independently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch.nn import functional as F

from kernelgan.config import GANConfig
from srbase.kernels import geometry

STRIDE = 2
"""KernelGAN estimates the x2 kernel; x4 follows from it (paper, section 4.2)."""


def filter_shapes(config: GANConfig) -> list[tuple[int, ...]]:
    """(out, in, k, k) of each layer."""
    widths = [1, *[config.channels] * (len(config.generator_filters) - 1), 1]
    return [
        (wide_out, wide_in, size, size)
        for size, (wide_in, wide_out) in zip(config.generator_filters, pairwise(widths), strict=True)
    ]


def initial_filters(config: GANConfig, rng: torch.Generator) -> list[torch.Tensor]:
    """Filters to start from, one tensor (R, out, in, k, k) a layer, on the CPU.

    Xavier-normal cells, or, where the settings name a variance, smooth in space: then the composed kernel is
    one centred Gaussian of sum 1. Either way every layer is scaled by the settings' gain. What follows from
    the start: docs/deviations.md.
    """
    filters = _smooth_filters(config, rng) if config.initial_variance else _random_filters(config, rng)
    return [config.initial_gain * layer for layer in filters]


def _random_filters(config: GANConfig, rng: torch.Generator) -> list[torch.Tensor]:
    """Every cell for itself, of variance 2 / ((in + out) k^2) (Glorot and Bengio 2010)."""
    return [
        (2.0 / ((wide_in + wide_out) * size**2)) ** 0.5
        * torch.randn((config.restarts, wide_out, wide_in, size, size), generator=rng)
        for wide_out, wide_in, size, _ in filter_shapes(config)
    ]


def _smooth_filters(config: GANConfig, rng: torch.Generator) -> list[torch.Tensor]:
    """Random from channel to channel, each filter a Gaussian window times a Xavier-normal number."""
    filters = []
    for window, (wide_out, wide_in, *_) in zip(_windows(config), filter_shapes(config), strict=True):
        deviation = (2.0 / (wide_in + wide_out)) ** 0.5
        mixing = deviation * torch.randn((config.restarts, wide_out, wide_in), generator=rng)
        filters.append(mixing[..., None, None] * window)
    responses = _sums(filters[:-1])  # (R, channels): the answer of each last channel to constant 1
    towards_one = responses / responses.square().sum(dim=1, keepdim=True)
    correction = 1.0 - (filters[-1][:, 0, :, 0, 0] * responses).sum(dim=1, keepdim=True)
    filters[-1] = filters[-1] + (correction * towards_one)[:, None, :, None, None]
    return filters


def compose(filters: Sequence[torch.Tensor]) -> torch.Tensor:
    """The one kernel (R, k, k) that the layers amount to."""
    return compositions(filters)[0][:, 0]


def compositions(filters: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """What each layer and those behind it amount to, (R, in, k, k) each; G's kernel is the first, in = 1.

    Runs from the last layer to the first. Each step is a full convolution over the channels: every cell of
    the kernel so far lays down the layer's filter, a matrix product and a folding of overlapping windows.
    (Few rows times many columns: the transposed product takes five times as long.)
    """
    kernel = filters[-1][:, 0]
    kernels = [kernel]
    for layer in reversed(filters[:-1]):
        restarts, channels, size = layer.shape[0], layer.shape[2], layer.shape[-1]
        laid = torch.bmm(kernel.flatten(2).mT, layer.flatten(2)).mT  # (R, channels * size * size, cells)
        side = kernel.shape[-1] + size - 1
        kernel = F.fold(laid, side, size) if size > 1 else laid.reshape(restarts, channels, side, side)
        kernels.append(kernel)
    return kernels[::-1]


def by_filters(
    filters: Sequence[torch.Tensor], kernels: Sequence[torch.Tensor], by_kernel: torch.Tensor
) -> list[torch.Tensor]:
    """The gradient by each layer's filters, from that by G's kernel (R, k, k). kernels: :func:`compositions`.

    Written out, as autograd takes twice as long; tested against it.
    """
    push, gradients = by_kernel[:, None], []
    for layer, behind in zip(filters[:-1], kernels[1:], strict=True):
        size = layer.shape[-1]
        laid = (F.unfold(push, size) if size > 1 else push.flatten(2)).mT  # (R, cells, in * size * size)
        gradients.append(torch.bmm(behind.flatten(2), laid).view_as(layer))
        push = torch.bmm(laid, layer.flatten(2).mT).mT.reshape(behind.shape)
    return [*gradients, push[:, None]]


@dataclass(frozen=True, eq=False)
class Unfolded:
    """Crops to downscale, laid out for products with kernels of ``size`` cells a side.

    Unfolded along their rows alone, as unfolding both ways takes five times the memory; the other way the
    kernel becomes a banded matrix, of which each row lies ``STRIDE`` pixels further than the one before.
    columns: (R, n*size, C*side), for each row and each of the kernel's columns what the output's columns see.
    """

    columns: torch.Tensor
    size: int
    side: int

    @classmethod
    def of(cls, crops: torch.Tensor, size: int) -> "Unfolded":
        """Of crops (R, C, n, n)."""
        games, channels, pixels = crops.shape[:3]
        windows = crops.unfold(3, size, STRIDE)  # (R, C, n, side, size)
        columns = windows.permute(0, 2, 4, 1, 3).reshape(games, pixels * size, channels * windows.shape[3])
        return cls(columns, size, windows.shape[3])

    @property
    def _period(self) -> int:
        """From a kernel to the next one in the band, laid out as one row: a row and the shift."""
        return self.columns.shape[1] + STRIDE * self.size

    def downscale(self, kernel: torch.Tensor) -> torch.Tensor:
        """G's output (R, C, side, side) for kernels (R, size, size), in which it is differentiable."""
        games, length = self.columns.shape[:2]
        padded = F.pad(kernel.flatten(1), (0, self._period - self.size**2))
        tape = padded[:, None].expand(-1, self.side, -1).flatten(1)
        band = tape[:, : self.side * length].view(games, self.side, length)
        return torch.bmm(band, self.columns).view(games, self.side, -1, self.side).transpose(1, 2)

    def at_kernel(self, at_output: torch.Tensor) -> torch.Tensor:
        """The adjoint: gradients by the output (R, C, side, side) to those by the kernel."""
        rows = at_output.transpose(1, 2).flatten(2)
        at_band = torch.bmm(rows, self.columns.mT).flatten(1)
        tape = F.pad(at_band, (0, self.side * STRIDE * self.size)).view(-1, self.side, self._period)
        return tape[:, :, : self.size**2].sum(dim=1).view(-1, self.size, self.size)


def output_side(crop: int, size: int) -> int:
    """Pixels a side of G's output for a crop of ``crop`` pixels and a kernel of ``size`` cells."""
    return (crop - size) // STRIDE + 1


def apply_layers(crop: torch.Tensor, filters: Sequence[torch.Tensor]) -> torch.Tensor:
    """G layer by layer for one restart: the obvious slow form, kept as the oracle of the fast one.

    crop: (C, n, n); filters: the layers of one restart, (out, in, k, k) each. Returns (C, m, m).
    """
    planes = crop[:, None]
    for layer in filters[:-1]:
        planes = F.conv2d(planes, layer)
    return F.conv2d(planes, filters[-1], stride=STRIDE)[:, 0]


def _sums(filters: Sequence[torch.Tensor]) -> torch.Tensor:
    response = filters[0].sum(dim=(-2, -1))[:, :, 0]
    for layer in filters[1:]:
        response = (layer.sum(dim=(-2, -1)) @ response[..., None])[..., 0]
    return response


def _windows(config: GANConfig) -> list[torch.Tensor]:
    """Gaussian windows (k, k) of sum 1, one a layer, whose composition has the wanted centre and the
    configured variance."""
    sizes = config.generator_filters
    wide = sum(size > 1 for size in sizes)
    total = config.kernel_size
    offset = float(geometry.wanted_centre((total,), STRIDE)[0] - (total - 1) / 2) / wide
    windows = []
    for size in sizes:
        distance = torch.arange(size) - (size - 1) / 2 - (offset if size > 1 else 0.0)
        profile = torch.exp(-0.5 * distance.square() / (config.initial_variance / wide))
        window = torch.outer(profile, profile)
        windows.append(window / window.sum())
    return windows
