"""The generator G: a deep linear network, and therefore one small convolution.

G is a chain of convolutions without bias, activation or padding. The last one has stride 2. All colour
channels share the same filters. Correlating with a_1, then with a_2, and so on equals one correlation with
the full convolution a_1 * a_2 * ... . So the layers are composed to one 13x13 kernel first, and the crop is
filtered once. Values and gradients are those of the layers (tests/kernelgan/test_generator.py), in a fifth
of the time.

Shapes have a leading axis of N images. Each image has its own G.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch.nn import functional as F

from kernelgan.config import KernelGANConfig

STRIDE: Final = 2
"""KernelGAN estimates the x2 kernel. The x4 kernel follows from it (paper, section 4.2)."""


def filter_shapes(config: KernelGANConfig) -> list[tuple[int, ...]]:
    """Return the shape (out, in, k, k) of the filters of each layer, first to last."""
    widths = [1, *[config.channels] * (len(config.generator_filters) - 1), 1]
    return [
        (wide_out, wide_in, size, size)
        for size, (wide_in, wide_out) in zip(config.generator_filters, pairwise(widths), strict=True)
    ]


def initial_filters(config: KernelGANConfig, rng: torch.Generator) -> list[torch.Tensor]:
    """Draw the filters of one G.

    Args:
        config: The shapes, and ``initial_gain``.
        rng: On the CPU.

    Returns:
        One tensor (out, in, k, k) a layer, float32 on the CPU: independent normal numbers of variance
        2 / ((in + out) k^2) (Xavier; Glorot and Bengio 2010), times the gain.
    """
    return [
        config.initial_gain
        * ((2.0 / ((shape[0] + shape[1]) * shape[2] ** 2)) ** 0.5 * torch.randn(shape, generator=rng))
        for shape in filter_shapes(config)
    ]


def compose(filters: Sequence[torch.Tensor]) -> torch.Tensor:
    """Compose all layers to one kernel.

    Args:
        filters: (N, out, in, k, k) for each layer, first to last.

    Returns:
        (N, K, K), K = sum of (k - 1) over the layers + 1; not normalised.
    """
    return partial_compositions(filters)[0][:, 0]


def partial_compositions(filters: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Compose each layer with all layers behind it.

    With f_l the filters of layer l and k_l its composition, k_L = f_L and

        k_l[i, p] = sum_o sum_a f_l[o, i, a] k_{l+1}[o, p - a],

    a full convolution that sums over the channels o. Each cell of k_{l+1} lays down a copy of f_l, weighted
    by its value: one matrix product over o gives all copies, and ``fold`` adds them where they overlap.

    Args:
        filters: (N, out, in, k, k) for each layer, first to last.

    Returns:
        (N, in, K_l, K_l) for each layer. The first, with in = 1, is G's kernel.
    """
    kernel = filters[-1][:, 0]
    kernels = [kernel]
    for layer in reversed(filters[:-1]):
        count, channels, size = layer.shape[0], layer.shape[2], layer.shape[-1]
        # Few rows times many columns is fast; the transposed product takes five times as long.
        copies = torch.bmm(kernel.flatten(2).mT, layer.flatten(2)).mT  # (N, in * size * size, cells)
        side = kernel.shape[-1] + size - 1
        kernel = F.fold(copies, side, size) if size > 1 else copies.reshape(count, channels, side, side)
        kernels.append(kernel)
    return kernels[::-1]


@dataclass(frozen=True, eq=False)
class UnfoldedCrops:
    """Crops x, laid out so that downscaling them with any kernel is one matrix product.

    The output y[c, i, j] = sum_{r, q} k[r, q] x[c, 2i + r, 2j + q] is linear in k. The crops are unfolded
    along their rows alone (unfolding both ways takes five times the memory):

        X[(p, q), (c, j)] = x[c, p, 2j + q]        y[i, (c, j)] = sum_{p, q} B[i, (p, q)] X[(p, q), (c, j)]

    with the banded matrix B[i, (p, q)] = k[p - 2i, q]. Row i of B holds the flattened kernel, ``2 * size``
    entries further to the right than row i - 1.

    Attributes:
        columns: X, (N, n * size, C * side) for crops of n pixels a side.
        size: Cells a side of the kernels.
        side: Pixels a side of the output.
    """

    columns: torch.Tensor
    size: int
    side: int

    @classmethod
    def of(cls, crops: torch.Tensor, size: int) -> "UnfoldedCrops":
        """Unfold crops (N, C, n, n) for kernels of ``size`` cells a side."""
        count, channels, pixels = crops.shape[:3]
        windows = crops.unfold(3, size, STRIDE)  # (N, C, n, side, size)
        columns = windows.permute(0, 2, 4, 1, 3).reshape(count, pixels * size, channels * windows.shape[3])
        return cls(columns, size, windows.shape[3])

    @property
    def period(self) -> int:
        """Entries from the kernel in one row of B to the kernel in the next, when B is read row by row: the
        length of a row, and the shift."""
        return self.columns.shape[1] + STRIDE * self.size

    def downscale(self, kernel: torch.Tensor) -> torch.Tensor:
        """Compute G's output.

        Args:
            kernel: (N, size, size).

        Returns:
            (N, C, side, side), in which the kernel is differentiable by autograd.
        """
        count, length = self.columns.shape[:2]
        # B read row by row is the kernel and zeros, repeated with a fixed period: no row has to be placed.
        padded = F.pad(kernel.flatten(1), (0, self.period - self.size**2))
        repeated = padded[:, None].expand(-1, self.side, -1).flatten(1)
        band = repeated[:, : self.side * length].view(count, self.side, length)
        return torch.bmm(band, self.columns).view(count, self.side, -1, self.side).transpose(1, 2)


def output_side(crop: int, size: int) -> int:
    """Return the pixels a side of G's output for a crop of ``crop`` pixels and a kernel of ``size`` cells."""
    return (crop - size) // STRIDE + 1
