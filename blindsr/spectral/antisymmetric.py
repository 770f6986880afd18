r"""The kernel's antisymmetric part, (k - its half turn) / 2, from the edges of the photograph.

A power spectrum does not hold it: it is the kernel's phase. Edges do. Under a kernel that leans to one
side an edge comes out steeper on one flank, whatever its own sign; photographs have no such handedness.

Take the edge-adaptive inverse x^ of the image y under the kernel at hand
(:mod:`blindsr.restoration.adaptive`). It is the mean of a photograph that is Gaussian given where its edges
lie, and the derivative of log p(y) along a change d of the kernel is known from it (Fisher's identity):

    <z, downscale(x^, d)> - (its mean under the model),      z = (y - downscale(x^, k)) / error variance

The second part, which makes the width of a kernel so hard to learn this way, vanishes for an odd d: turned
images are as likely. So the score of the pair of mirrored cells at +o and -o, of Gaussian value g and
deviation +-u, is g times the difference of two correlations of z with x^, at the offsets o and -o.

Three things decide how much a score is worth. x^ is made with a much stronger penalty than a result is
(``Settings.edges``): edges that are flat on either side leave the kernel's lean in the residual, where it
can be seen, and do not take it over. Luma alone is looked at, as edges are luma's. And the error variance is
each block's own, the mean square of its residual: texture, which x^ explains badly, counts little.

The step from the scores s_b of all blocks b to the deviations u, held to the DIV2KRK prior (KernelGAN,
section 5.1: a pair's half difference has the variance 0.25^2 / 6) and to the kernel's centre:

    (scatter sum_b s_b s_b' + doubt / variance) u = sum_b s_b

The scores' own scatter stands for the curvature, which adapts it to what each photograph says. ``doubt`` is
far above 1 because the model's certainty is not to be believed: edges are where x^ says, and x^ follows
from the kernel. A second step with x^ solved anew gains on most photographs and overshoots on some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from blindsr.analysis.jpeg_grid import JPEGGridConfig, shows_grid
from blindsr.spectral.cells import PAIR_OFFSETS, PAIRS, SCALE, SIZE, from_pairs, pair_values
from srbase.errors import InputError
from srbase.imaging.colour import to_luma
from srbase.imaging.image import central
from srbase.imaging.resample import downscale
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.upscaler import Upscaler

Array = npt.NDArray[np.float64]

ARITHMETIC: Final = 1e-8
"""Variance of an error, image in 0..1, under that of 8-bit images: what float32 leaves of a flat one."""


@dataclass(frozen=True, kw_only=True)
class AntisymmetricConfig:
    """How the antisymmetric part is learned; chosen on Kodak 13-24 and CLIC 09-20, but for the variance."""

    window: int = 384  # LR pixels: the central part that is looked at
    block: int = 16  # LR pixels a side: the scatter of the score is taken over blocks
    margin: int = 8  # LR pixels left out at the borders
    scatter: float = 0.15  # share of the scores' scatter that is the curvature
    doubt: float = 20.0  # the prior's weight: the edges' certainty is worth a twentieth
    usual_error: float = 1.0  # of the median block's error variance, which is added to each block's own
    variance: float = 0.25**2 / 6  # of a pair's half difference (KernelGAN, section 5.1)
    most: float = 0.35  # deviation of a cell
    jpeg_grid: JPEGGridConfig = field(default_factory=JPEGGridConfig)

    def __post_init__(self) -> None:
        if self.block < 1:
            raise InputError(f"antisymmetric part's block is {self.block}; wanted at least 1")
        if self.margin < 4:
            raise InputError(f"antisymmetric part's margin is {self.margin}; wanted 4 or more, half a kernel")
        if self.window < 2 * self.margin + self.block:
            raise InputError(
                f"antisymmetric part's window is {self.window}; too small for its margin and block"
            )


Inverse = Callable[[torch.Tensor, SRKernel], Upscaler]
"""From an LR image (C, h, w) and its kernel to the edge-adaptive inverse of that kernel."""


def with_antisymmetric_part(
    image: torch.Tensor, kernel: SRKernel, config: AntisymmetricConfig, inverse: Inverse
) -> SRKernel:
    """The x2 kernel (13, 13) with the antisymmetric part that the image (C, H, W) in 0..1 shows.

    The kernel comes in as its own half turn, or nearly so, and centred; its symmetric part is kept, and so is
    its centre. An image without edges leaves it as it is; of one that shows the grid of JPEG, whose edges
    lean as the compression has them, the symmetric part is returned, so that the self-ensemble may turn it.
    Deterministic on a CPU.
    """
    values = pair_values(kernel.array)
    if shows_grid(image, config.jpeg_grid):
        return SRKernel(from_pairs(values, values), SCALE)
    part = central(image if len(image) == 1 else to_luma(image), config.window)
    sharp = inverse(part, kernel).upscale(part)
    residual = part - downscale(sharp, kernel)
    scores = block_scores(sharp, residual, values, config) / error_variances(residual, config)
    deviations = _deviations(scores, values, config)
    return SRKernel(kernel.array + from_pairs(values * deviations, -values * deviations), SCALE)


def block_scores(
    sharp: torch.Tensor, residual: torch.Tensor, values: Array, config: AntisymmetricConfig
) -> Array:
    """Score of each pair's deviation in each block of the image, times the error variance, (72, blocks).

    sharp (C, 2 h, 2 w): x^. residual (C, h, w): of LR. values (72,): the pairs' Gaussian values. A margin of
    the image, where borders are mirrored, is left out.
    """
    margin, block, inner = config.margin, config.block, _inner(residual, config)
    height, width = inner.shape[-2:]

    def seen_by(y: int, x: int) -> torch.Tensor:
        """What the cell (y, x) of a kernel takes from each LR pixel's window."""
        top, left = (SCALE * margin + cell - geometry.anchor(SIZE) for cell in (y, x))
        return sharp[:, top : top + SCALE * height : SCALE, left : left + SCALE * width : SCALE]

    planes = torch.stack(
        [(inner * (seen_by(*pair[:2]) - seen_by(*pair[2:]))).sum(dim=0) for pair in PAIRS.tolist()]
    )
    sums = F.avg_pool2d(planes, block).flatten(1).cpu().double().numpy() * block**2
    return np.asarray(values[:, None] * sums, dtype=np.float64)


def error_variances(residual: torch.Tensor, config: AntisymmetricConfig) -> Array:
    """Variance of a pixel's error in each block, (blocks,): the residual's (C, h, w) there, and a share of
    the median's, so that no block counts without limit."""
    square = _inner(residual, config).square().mean(dim=0, keepdim=True)
    own = F.avg_pool2d(square, config.block).flatten().cpu().double().numpy()
    return np.asarray(own + config.usual_error * np.median(own) + ARITHMETIC, dtype=np.float64)


def _inner(planes: torch.Tensor, config: AntisymmetricConfig) -> torch.Tensor:
    """The whole blocks within the margin of planes (C, h, w)."""
    margin, block = config.margin, config.block
    height, width = ((n - 2 * margin) // block * block for n in planes.shape[-2:])
    return planes[:, margin : margin + height, margin : margin + width]


def _deviations(scores: Array, values: Array, config: AntisymmetricConfig) -> Array:
    """The step of the module's formula.

    Args:
        scores: (72, blocks), of each pair in each block.
        values: (72,), the pairs' Gaussian values.
        config: numbers of the step.

    Returns:
        (72,), the deviations u; shrunk together where one would exceed ``config.most``.
    """
    from scipy.linalg import null_space  # takes 100 ms to load

    # u moves the centre of mass by 2 sum(values * offsets * u): only what does not move it is free
    free = null_space(values * PAIR_OFFSETS)
    scores = free.T @ scores
    curvature = config.scatter * scores @ scores.T + config.doubt / config.variance * np.eye(len(scores))
    deviations = free @ np.linalg.solve(curvature, scores.sum(axis=1))
    return np.asarray(deviations * min(1.0, config.most / max(float(np.abs(deviations).max()), 1e-12)))
