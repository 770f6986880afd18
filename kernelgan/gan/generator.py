"""The generator: deep, linear, and therefore one small convolution.

G is six convolutions without bias, activation or padding, the last with stride 2, the same for each
colour channel. A chain of correlations with a_1, a_2, ... is one correlation with the full
convolution a_1 * a_2 * ..., so that the layers are composed to a 13x13 kernel first and that kernel is
applied once: the same values and gradients (tests/kernelgan/test_generator.py) for a fifth of the
time. Every tensor carries a leading axis R of restarts, trained side by side and independently.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch.nn import functional as F

from blindsr.imaging import geometry
from kernelgan.gan.config import GANConfig

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
    """The one kernel (R, k, k) that the layers amount to; differentiable.

    Runs from the last layer to the first. Each step is a full convolution over the channels: every cell of
    the kernel so far lays down the layer's filter, a matrix product and a folding of overlapping windows.
    """
    kernel = filters[-1][:, 0]
    for layer in reversed(filters[:-1]):
        restarts, channels, size = layer.shape[0], layer.shape[2], layer.shape[-1]
        laid = layer.flatten(2).mT @ kernel.flatten(2)  # (R, channels * size * size, cells)
        side = kernel.shape[-1] + size - 1
        kernel = F.fold(laid, side, size) if size > 1 else laid.reshape(restarts, channels, side, side)
    return kernel[:, 0]


def apply_kernel(patches: torch.Tensor, kernel: torch.Tensor, side: int) -> torch.Tensor:
    """Downscale crops: patches (R, k*k, C*side*side) of :func:`kernel_patches`, kernel (R, k, k).

    Returns (R, C, side, side): G's output, differentiable in the kernel.
    """
    fake = kernel.flatten(1)[:, None] @ patches
    return fake.reshape(patches.shape[0], -1, side, side)


def kernel_patches(crops: torch.Tensor, size: int) -> torch.Tensor:
    """What each output pixel of each channel sees: crops (R, C, n, n) to (R, size*size, C*side*side)."""
    restarts, channels = crops.shape[:2]
    windows = crops.unfold(2, size, STRIDE).unfold(3, size, STRIDE)  # (R, C, side, side, k, k)
    return windows.permute(0, 4, 5, 1, 2, 3).reshape(restarts, size * size, channels * windows.shape[2] ** 2)


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
