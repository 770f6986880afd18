"""Kernels of other families than DIV2KRK's, drawn at random: what cameras and programs also do.

Disc, box and motion are drawn on a grid eight times as fine and summed into cells, their centre of mass where
the phase wants it. All are x2 kernels; an x4 kernel is the x2 one applied twice. They share no code with
the estimators that are measured on them.
"""

import numpy as np
import numpy.typing as npt

from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import PLAIN, random_kernel

Array = npt.NDArray[np.float64]

SIZE = 13  # cells a side
FINE = 8  # parts of a cell, along an axis
DISC_RADIUS = (1.2, 3.0)  # HR px: out of focus
BOX_WIDTH = (2.0, 4.0)  # HR px: area averaging has 2
MOTION_LENGTH = (3.0, 8.0)  # HR px, in any direction
LENS_DEVIATION = 0.5  # HR px: what lens and pixel add to a moving point
CAMERA_VARIANCE = (0.3, 0.5)  # LR px^2: lens and pixel
CAMERA_AMOUNT = (0.15, 0.45)  # of the unsharp mask that the camera adds
CAMERA_RADIUS = (1.5, 2.5)  # LR px: of the mask
CAMERA_REACH = 4.0  # deviations of the widest Gaussian that the window holds


def disc(rng: np.random.Generator) -> SRKernel:
    """A disc of even weight."""
    y, x = _grid()
    return _cells((np.hypot(y, x) <= rng.uniform(*DISC_RADIUS)).astype(np.float64))


def box(rng: np.random.Generator) -> SRKernel:
    """A square of even weight."""
    y, x = _grid()
    return _cells((np.maximum(np.abs(y), np.abs(x)) <= rng.uniform(*BOX_WIDTH) / 2).astype(np.float64))


def motion(rng: np.random.Generator) -> SRKernel:
    """A straight line in any direction, softened by the lens."""
    length, angle = rng.uniform(*MOTION_LENGTH), rng.uniform(0, np.pi)
    y, x = _grid()
    along, across = y * np.sin(angle) + x * np.cos(angle), y * np.cos(angle) - x * np.sin(angle)
    beyond = np.maximum(np.abs(along) - length / 2, 0)
    return _cells(np.exp(-(beyond**2 + across**2) / (2 * LENS_DEVIATION**2)))


def gaussian(variance: float) -> SRKernel:
    """A round Gaussian of this variance, HR px^2."""
    y, x = _grid()
    return _cells(np.exp(-(y**2 + x**2) / (2 * variance)))


def mixture(rng: np.random.Generator) -> SRKernel:
    """Two kernels of DIV2KRK laid on one another: no Gaussian, and no other named shape."""
    first, second = (random_kernel(rng, config=PLAIN).kernel.centred().cropped(SIZE).array for _ in range(2))
    share = rng.uniform(0.3, 0.7)
    return SRKernel(share * first + (1 - share) * second, 2).centred()


def bicubic(_: np.random.Generator) -> SRKernel:
    """Antialiased bicubic shrinking."""
    return SRKernel.bicubic(2)


def _grid() -> tuple[Array, Array]:
    """Offsets (y, x) of the fine parts from where the kernel's centre belongs, HR px."""
    axis = (np.arange(SIZE * FINE) + 0.5) / FINE - 0.5 - geometry.wanted_centre((SIZE,), 2)[0]
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return y, x


def _cells(fine: Array) -> SRKernel:
    """Summed into cells; what the window cut off is made up for by a small shift."""
    return SRKernel(fine.reshape(SIZE, FINE, SIZE, FINE).sum(axis=(1, 3)), 2).centred()


def camera(numbers: tuple[float, float, float], scale: int) -> SRKernel:
    """Lens, pixel and sharpening at one of the scales: variance, amount and radius in LR pixels.

    (1 + amount) times a Gaussian, less amount times a wider one; cells are negative around the centre.
    """
    variance, amount, radius = numbers
    wide = (variance + radius**2) * scale**2
    size = 2 * int(np.ceil(CAMERA_REACH * np.sqrt(wide))) + 1
    offset = np.arange(size) - geometry.wanted_centre((size,), scale)[0]

    def gaussian(spread: float) -> Array:
        line = np.exp(-(offset**2) / (2 * spread))
        return np.asarray(np.outer(line, line) / line.sum() ** 2)

    return SRKernel((1 + amount) * gaussian(variance * scale**2) - amount * gaussian(wide), scale).centred()
