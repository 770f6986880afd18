"""Kernels that are no Gaussians, recognised by how well they explain the spectrum.

Every candidate is a fixed 13x13 kernel; content is refitted under it by the same model and the
same priors as under the Gaussian, so that the costs can be compared. ``evidence[family]`` is half
the drop of the cost against the Gaussian, less a handicap: an approximate log odds. The handicaps
pay for each family's free numbers and were set on development photographs, where none of 152 DIV2KRK
kernels was mistaken for a shape. Bicubic shrinking is told from a narrow round Gaussian by little: on ten
photographs at two sizes it was recognised on 18 of 20, and Gaussians with both variances under 1.5 HR px^2
(one in 25 of DIV2KRK's) were taken for it on 30 of 80, which cost 0.25 dB on those; with a handicap of -0.9
it would be 16 of 20 and 14 of 80. Since the Gaussian's outermost cells are halved: bicubic on 23 of 24,
and two of 72 DIV2KRK kernels, their variances at most 1, taken for it. Discs, boxes and motion show by
the zeros of their spectra; bicubic by passing more than any Gaussian does up to
the LR Nyquist frequency and then nothing. A small disc or box differs from a Gaussian by nothing
that can be seen, and does not need to be told from one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from blindsr.imaging.kernel import SRKernel
from kernelgan.spectral.cells import SCALE, offsets
from kernelgan.spectral.fit import Fit, FitConfig, fit_content
from kernelgan.spectral.model import FoldedModel

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FamilyConfig:
    """Candidates and handicaps."""

    bicubic_handicap: float = -2.0  # negative: the commonest resize of all is believed sooner
    disc_handicap: float = 7.0
    box_handicap: float = 7.0
    motion_handicap: float = 8.0  # two numbers are free, and straight edges look like motion
    disc_radius: tuple[float, float, float] = (1.2, 4.0, 0.2)  # HR px: first, last, step
    box_width: tuple[float, float, float] = (2.0, 6.0, 0.5)  # HR px
    motion_length: tuple[float, float, float] = (3.0, 9.0, 1.0)  # HR px
    motion_angles: int = 12  # over half a turn
    motion_blur: float = 0.35  # HR px^2: variance across the path (a pixel is 1/12, a lens the rest)
    cells_split: int = 8  # a cell is cut in n x n for the share a disc or a box covers
    screen_steps: int = 2  # fit steps for every candidate
    final_steps: int = 6  # for the best of each family and its neighbours


def recognise(
    model: FoldedModel,
    log_power: Array,
    noise: float,
    gaussian: Fit,
    config: FamilyConfig,
    fit: FitConfig,
    *,
    confidence: float = 1.0,
) -> tuple[dict[str, float], dict[str, Array]]:
    """Evidence of each family against the Gaussian, and each family's best kernel.

    log_power (cells,), noise and fit as the fit of the Gaussian took them; confidence (0..1) scales the drop
    of the cost, for spectra averaged over few windows.
    Positive evidence: the family explains the image better than any Gaussian.
    """
    evidence, best = {}, {}
    for family, handicap, steps in _families(config):

        def cost(kernel: Array, count: int) -> float:
            power = model.kernel_power(kernel, fit.eta_shape)
            return fit_content(
                model, log_power, noise, power, start=gaussian.content, steps=count, config=fit
            ).cost

        numbers = list(_grid(family, config))
        screened = [cost(kernel_of(family, n, config), config.screen_steps) for n in numbers]
        centre = numbers[int(np.argmin(screened))]
        near = product(*((x - d / 2, x, x + d / 2) for x, d in zip(centre, steps, strict=True)))
        refined = {n: cost(kernel_of(family, n, config), config.final_steps) for n in near}
        winner = min(refined, key=lambda n: refined[n])
        evidence[family] = confidence * (gaussian.cost - refined[winner]) / 2 - handicap
        best[family] = kernel_of(family, winner, config)
    return evidence, best


def kernel_of(family: str, numbers: tuple[float, ...], config: FamilyConfig) -> Array:
    """A family's kernel (13, 13), sum 1, centred. disc: (radius,); box: (width,); motion: (length,
    angle from the x axis in radians); bicubic: ()."""
    if family == "bicubic":
        return np.array(SRKernel.bicubic(SCALE).array)
    axis = offsets()
    if family == "motion":
        length, angle = numbers
        y, x = np.meshgrid(axis, axis, indexing="ij")
        path = np.linspace(-length / 2, length / 2, 8 * len(axis))[:, None, None]
        distance = (y - path * np.sin(angle)) ** 2 + (x - path * np.cos(angle)) ** 2
        kernel = np.exp(-distance / (2 * config.motion_blur)).sum(axis=0)
        inside = np.abs(axis) <= axis[-1]
        kernel *= np.outer(inside, inside)
    else:
        n = config.cells_split
        fine = (axis[:, None] + (np.arange(n) + 0.5) / n - 0.5).ravel()
        y, x = np.meshgrid(fine, fine, indexing="ij")
        reach = np.hypot(y, x) if family == "disc" else 2 * np.maximum(np.abs(y), np.abs(x))
        kernel = (reach <= numbers[0]).reshape(len(axis), n, len(axis), n).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def _families(config: FamilyConfig) -> Iterator[tuple[str, float, tuple[float, ...]]]:
    """Name, handicap and grid steps of each family."""
    yield "bicubic", config.bicubic_handicap, ()
    yield "disc", config.disc_handicap, (config.disc_radius[2],)
    yield "box", config.box_handicap, (config.box_width[2],)
    yield "motion", config.motion_handicap, (config.motion_length[2], np.pi / config.motion_angles)


def _grid(family: str, config: FamilyConfig) -> Iterator[tuple[float, ...]]:
    """The candidates' numbers."""
    if family == "bicubic":
        yield ()
        return
    first, last, step = {"disc": config.disc_radius, "box": config.box_width, "motion": config.motion_length}[
        family
    ]
    angles = np.arange(config.motion_angles) * np.pi / config.motion_angles
    for value in np.arange(first, last + step / 2, step):
        yield from ((float(value), float(a)) for a in angles) if family == "motion" else ((float(value),),)
