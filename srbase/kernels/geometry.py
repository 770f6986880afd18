"""Where a kernel's centre is. No other module knows it.

LR pixel ``i`` lies at HR coordinate ``s*i + (s-1)/2``, the centre of its s-by-s block, so that a
plain bicubic resize of LR is aligned with HR. A kernel of k cells is applied as a correlation
around its *anchor* cell ``k // 2`` and kept at every s-th pixel::

    LR[i] = sum_j kernel[j] * HR[s*i + j - k//2]

On the ramp HR[x] = x this gives ``s*i + c - k//2`` with c the kernel's centre of mass, so the wanted
centre is ``k//2 + (s-1)/2``: 6.5 for 13 cells at x2 and 13.5 for 25 cells at x4.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from srbase.errors import InputError

Array = npt.NDArray[np.float64]

SPLINE_MARGIN = 8
"""Cells of zeros around a kernel while it is shifted: the cubic spline's tails fall by 0.27 a cell
and are under 1e-4 of a cell's weight here."""


RECENTRE_PASSES = 40
RECENTRE_TOLERANCE = 1e-9  # cells
"""A kernel that fits its window needs two passes; a flat one that fills it loses half of each shift
over the edge and gains one binary digit a pass."""


def hr_coordinate(lr_index: float, scale: int) -> float:
    """HR coordinate of the centre of an LR pixel."""
    return scale * lr_index + (scale - 1) / 2


def anchor(size: int) -> int:
    """The cell that a correlation lays on the sampled pixel."""
    return size // 2


def wanted_centre(shape: Sequence[int], scale: int) -> Array:
    """Centre of mass (in cells, one entry an axis) that a kernel of this shape must have."""
    return np.array([anchor(size) + (scale - 1) / 2 for size in shape])


def padding(size: int, scale: int) -> tuple[int, int]:
    """Pixels wanted before and after an axis so that each LR pixel's window is covered.

    The axis has a whole number n of s-pixel blocks; exactly n samples come out. The last window begins at
    ``s (n - 1) - anchor`` and so ends ``size - anchor - s`` pixels behind the axis.
    """
    return anchor(size), max(0, size - anchor(size) - scale)


def centre_of_mass(array: Array) -> Array:
    """Centre of mass in cells, shape (ndim,), float64. Negative cells count with their sign."""
    total = array.sum()
    if not np.isfinite(total) or abs(total) < np.finfo(np.float64).eps:
        raise InputError(f"kernel sums to {total:g}; wanted a sum other than 0")
    axes = np.meshgrid(*(np.arange(n) for n in array.shape), indexing="ij")
    return np.array([(axis * array).sum() / total for axis in axes])


def covariance(array: Array) -> Array:
    """Second central moments in HR pixels squared, shape (2, 2), order (y, x)."""
    centre = centre_of_mass(array)
    axes = np.meshgrid(*(np.arange(n) - c for n, c in zip(array.shape, centre, strict=True)), indexing="ij")
    weight = array / array.sum()
    return np.array([[(a * b * weight).sum() for b in axes] for a in axes])


def crop_or_pad(array: Array, size: int) -> Array:
    """Crop or zero-pad a kernel to size x size cells, keeping the anchor cell the anchor."""
    for axis in range(array.ndim):
        offset = anchor(size) - anchor(array.shape[axis])
        source = np.arange(size) - offset
        inside = (source >= 0) & (source < array.shape[axis])
        taken = np.take(array, np.clip(source, 0, array.shape[axis] - 1), axis=axis)
        array = taken * np.expand_dims(inside, [a for a in range(array.ndim) if a != axis])
    return array


def recentre(array: Array, scale: int) -> Array:
    """Shift a kernel so that its centre of mass is the wanted one; the shape and the sum are kept.

    A shift by whole cells copies them; any other is by a cubic spline. Mass that leaves the window is
    lost and moves the centre, so the shift is found by repetition: each pass adds what is still off.
    """
    centre = wanted_centre(array.shape, scale)
    shift = centre - centre_of_mass(array)
    moved = array
    for _ in range(RECENTRE_PASSES):
        moved = _moved(array, shift)
        off = centre - centre_of_mass(moved)
        if np.abs(off).max() < RECENTRE_TOLERANCE:
            break
        shift = shift + off
    return np.asarray(moved * (array.sum() / moved.sum()), dtype=np.float64)


def _moved(array: Array, shift: Array) -> Array:
    """The array (rows, columns) moved by ``shift`` (y, x) cells within its window: by whole cells exactly, by
    the rest with a cubic spline, on a margin of zeros that is cut off again."""
    whole = np.rint(shift).astype(int)
    margin = SPLINE_MARGIN + int(np.abs(whole).max())
    wide = np.roll(np.pad(array, margin), tuple(whole), axis=(0, 1))
    rest = shift - whole
    if np.abs(rest).max() > RECENTRE_TOLERANCE:
        wide = ndimage.shift(wide, rest, order=3, mode="constant")
    return np.asarray(wide[margin:-margin, margin:-margin], dtype=np.float64)


def half_turn(array: Array) -> Array:
    """The kernel with which a convolution around the middle cell does what ``array`` does as a correlation.

    LR[i] = sum_m turned[m] HR[s i - (m - side // 2)]. Even sides get a row and a column of zeros first,
    so that the middle cell is the anchor.
    """
    odd = max(array.shape) + 1 - max(array.shape) % 2
    return crop_or_pad(array, odd)[::-1, ::-1].copy()


def turn(array: Array, scale: int, quarter_turns: int, *, flip: bool) -> Array:
    """Mirror a kernel left to right (if ``flip``), then turn it counter-clockwise, about its wanted centre.

    This is what the kernel of an image becomes when the image is mirrored and turned, because the
    wanted centre is the centre of an s-by-s block. The array must be square; the outermost cells on
    the far side of the centre fall out of the window.
    """
    size = array.shape[0]
    whole = 2 * anchor(size) + scale  # cells of the smallest window that is centred on the wanted centre
    wide = np.zeros((max(whole, size), max(whole, size)))
    wide[:size, :size] = array
    wide = wide[:whole, :whole]
    turned = np.rot90(wide[:, ::-1] if flip else wide, quarter_turns)
    return np.array(turned[:size, :size])
