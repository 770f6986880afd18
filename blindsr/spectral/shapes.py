"""Kernels that are no Gaussians, each a family with few numbers: bicubic, disc, box, straight motion.

A family is a small frozen class: its fields are its grid and its handicap, ``grid`` lists the candidates'
numbers, ``steps`` tells how far apart they are, and ``kernel`` makes the 13x13 kernel of some numbers. A new
family is one more class here, named in ``ShapesConfig.shapes``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from blindsr.spectral.cells import SCALE, offsets
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]
Numbers = tuple[float, ...]
Range = tuple[float, float, float]
"""First, last, step."""

SUBCELLS = 8
"""A cell is cut in n x n for the share of it that a disc or a box covers."""
PATH_POINTS = 8
"""Points of a motion's path for each cell of the window."""


class Shape(Protocol):
    """A family of kernels."""

    name: ClassVar[str]

    @property
    def handicap(self) -> float:
        """What the log odds against the Gaussian must exceed: it pays for the family's free numbers."""

    @property
    def steps(self) -> Numbers:
        """Distance of neighbouring candidates, one entry for each number."""

    def grid(self) -> Iterator[Numbers]:
        """The candidates' numbers."""

    def kernel(self, numbers: Numbers) -> Array:
        """The kernel (13, 13), float64, sum 1, centred, of these numbers."""


@dataclass(frozen=True, kw_only=True)
class Bicubic:
    """Antialiased bicubic shrinking; no free number."""

    name: ClassVar[str] = "bicubic"
    handicap: float = -2.0  # negative: the commonest resize of all is believed sooner

    @property
    def steps(self) -> Numbers:
        """No number, no step."""
        return ()

    def grid(self) -> Iterator[Numbers]:
        """The one candidate."""
        yield ()

    def kernel(self, numbers: Numbers) -> Array:
        """MATLAB's imresize as a kernel."""
        del numbers
        return np.array(SRKernel.bicubic(SCALE).array)


@dataclass(frozen=True, kw_only=True)
class Disc:
    """A lens out of focus; its number is the radius, HR pixels."""

    name: ClassVar[str] = "disc"
    handicap: float = 7.0
    radius: Range = (1.2, 4.0, 0.2)  # HR px

    @property
    def steps(self) -> Numbers:
        """Distance of neighbouring radii."""
        return self.radius[2:]

    def grid(self) -> Iterator[Numbers]:
        """Every radius."""
        return product(_values(self.radius))

    def kernel(self, numbers: Numbers) -> Array:
        """Each cell holds the share of it that the disc covers."""
        y, x = _subcells()
        return _covered(np.hypot(y, x) <= numbers[0])


@dataclass(frozen=True, kw_only=True)
class Box:
    """The mean over a square; its number is the width, HR pixels."""

    name: ClassVar[str] = "box"
    handicap: float = 7.0
    width: Range = (2.0, 6.0, 0.5)  # HR px

    @property
    def steps(self) -> Numbers:
        """Distance of neighbouring widths."""
        return self.width[2:]

    def grid(self) -> Iterator[Numbers]:
        """Every width."""
        return product(_values(self.width))

    def kernel(self, numbers: Numbers) -> Array:
        """Each cell holds the share of it that the square covers."""
        y, x = _subcells()
        return _covered(2 * np.maximum(np.abs(y), np.abs(x)) <= numbers[0])


@dataclass(frozen=True, kw_only=True)
class Motion:
    """A straight path, blurred; its numbers are the length, HR pixels, and the angle from the x axis."""

    name: ClassVar[str] = "motion"
    handicap: float = 8.0  # two numbers are free, and straight edges look like motion
    length: Range = (3.0, 9.0, 1.0)  # HR px
    angles: int = 12  # over half a turn
    blur: float = 0.35  # HR px^2: variance across the path (a pixel is 1/12, a lens the rest)

    @property
    def steps(self) -> Numbers:
        """Distance of neighbouring lengths and angles."""
        return self.length[2], np.pi / self.angles

    def grid(self) -> Iterator[Numbers]:
        """Every length at every angle."""
        turns = np.arange(self.angles) * np.pi / self.angles
        return product(_values(self.length), [float(turn) for turn in turns])

    def kernel(self, numbers: Numbers) -> Array:
        """The sum of Gaussians along the path, within the window's even part."""
        length, angle = numbers
        axis = offsets()
        y, x = np.meshgrid(axis, axis, indexing="ij")
        path = np.linspace(-length / 2, length / 2, PATH_POINTS * len(axis))[:, None, None]
        distance = (y - path * np.sin(angle)) ** 2 + (x - path * np.cos(angle)) ** 2
        kernel = np.exp(-distance / (2 * self.blur)).sum(axis=0)
        inside = np.abs(axis) <= axis[-1]
        kernel *= np.outer(inside, inside)
        return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def _values(span: Range) -> list[float]:
    first, last, step = span
    return [float(value) for value in np.arange(first, last + step / 2, step)]


def _subcells() -> tuple[Array, Array]:
    """(y, x) of the middles of all parts of all cells, HR pixels from the centre."""
    axis = offsets()
    fine = (axis[:, None] + (np.arange(SUBCELLS) + 0.5) / SUBCELLS - 0.5).ravel()
    y, x = np.meshgrid(fine, fine, indexing="ij")
    return y, x


def _covered(inside: npt.NDArray[np.bool_]) -> Array:
    """The kernel of the parts of cells that lie inside."""
    size = len(offsets())
    kernel = inside.reshape(size, SUBCELLS, size, SUBCELLS).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)
