"""What can be seen of found kernels without the truth: lobes, mass far out, games that disagree.

A downscaling kernel has one lobe near its centre. A game that runs away makes two, spreads, or ends
elsewhere than another on the same image. A kernel that is too wide or too narrow, in games that agree, cannot
be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from kernelgan.config import WatchConfig
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]

SMOOTHING = np.outer([1.0, 2.0, 1.0], [1.0, 2.0, 1.0]) / 16
"""Laid over a kernel before its maxima are looked for, so that noise makes none."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """The kernel made of an image's games, and what is to be said against it; ``games``: how many agree."""

    kernel: SRKernel
    doubts: tuple[str, ...]
    games: int


def second_lobe(kernel: Array) -> float:
    """How far the strongest other maximum rises above the saddle towards the highest, in shares of the
    highest; 0 where there is no other. The saddle is the least value on the straight line between both."""
    smooth = ndimage.convolve(kernel, SMOOTHING, mode="constant")
    top = np.unravel_index(int(smooth.argmax()), smooth.shape)
    peaks = (smooth == ndimage.maximum_filter(smooth, 3, mode="constant")) & (smooth > 0)
    rises = [
        smooth[tuple(p)] - _least_between(smooth, np.array(top, float), p.astype(float))
        for p in np.argwhere(peaks)
    ]
    return float(max(rises, default=0.0) / smooth[top])


def far_share(kernel: Array, cells: float) -> float:
    """The share of the sum of absolute values that lies farther than so many cells from the centre."""
    centre = geometry.centre_of_mass(kernel)
    rows, columns = np.indices(kernel.shape)
    far = np.hypot(rows - centre[0], columns - centre[1]) > cells
    return float(np.abs(kernel[far]).sum() / np.abs(kernel).sum())


def doubts(kernel: SRKernel, config: WatchConfig) -> tuple[str, ...]:
    """What is to be said against one kernel, in words; empty for most."""
    said = []
    lobe, far = second_lobe(kernel.array), far_share(kernel.array, config.far)
    if lobe > config.lobe:
        said.append(f"a second lobe of {round(100 * lobe)} %")
    if far > config.far_share:
        said.append(f"{round(100 * far)} % lie farther than {config.far:g} pixels from the centre")
    return tuple(said)


def verdict(kernels: Sequence[SRKernel], played: int, config: WatchConfig) -> Verdict:
    """The mean of the largest group of sound kernels that agree with one among them.

    kernels: those of the games that did not diverge, at least one, of ``played``. Where none is sound, the
    one with the smallest second lobe. A lone kernel of a lone game agrees with itself.
    """
    sound = [kernel for kernel in kernels if not doubts(kernel, config)]
    if not sound:
        least = min(kernels, key=lambda kernel: second_lobe(kernel.array))
        return Verdict(least, doubts(least, config), 0)
    alike = _cosines(sound)
    agree = alike >= config.agreement
    first = int(np.lexsort((alike.mean(axis=1), agree.sum(axis=1)))[-1])
    group = [kernel.array for kernel, near in zip(sound, agree[first], strict=True) if near]
    kernel = SRKernel(np.mean(group, axis=0), sound[0].scale)
    apart = played > 1 and 2 * len(group) <= played
    words = f"only {len(group)} of {played} games agree"
    return Verdict(kernel, (words,) if apart else (), len(group))


def _cosines(kernels: Sequence[SRKernel]) -> Array:
    """Of every pair of kernels as vectors."""
    flat = np.stack([kernel.array.ravel() for kernel in kernels])
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat @ flat.T, dtype=np.float64)


def _least_between(field: Array, start: Array, end: Array, places: int = 33) -> float:
    way = np.linspace(0.0, 1.0, places)[:, None]
    points = (1 - way) * start + way * end
    return float(ndimage.map_coordinates(field, points.T, order=1).min())
