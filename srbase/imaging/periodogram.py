"""Power spectra of small windows of an image."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Starts = npt.NDArray[np.int64]


def window_starts(length: int, window: int, hop: int) -> Starts:
    """Where windows begin along an axis of ``length`` pixels; the last one ends at the border."""
    last = length - window
    return np.unique(np.append(np.arange(0, last + 1, hop), last))


def bounded_hop(size: tuple[int, int], window: int, hop: int, most: int) -> int:
    """The least hop, ``hop`` or more, that cuts an image of ``size`` (h, w) in at most ``most`` windows."""
    while len(window_starts(size[0], window, hop)) * len(window_starts(size[1], window, hop)) > most:
        hop += max(1, hop // 8)
    return hop


def cut_windows(plane: Array, window: int, rows: Starts, columns: Starts) -> Array:
    """The windows (m, n, n) of a plane (H, W) that begin at each of the rows and columns."""
    return np.stack([plane[i : i + window, j : j + window] for i in rows for j in columns])


def periodograms(windows: Array) -> Array:
    """Power of each window, Hann weighted, its weighted mean removed; white noise gives its variance.

    Shape: (m, n, n) to half spectra (m, n, n//2 + 1), of the frequencies of :func:`frequencies`.
    """
    n = windows.shape[-1]
    hann = np.hanning(n + 1)[:-1]
    weight = np.outer(hann, hann)
    mean = np.einsum("mij,ij->m", windows, weight / weight.sum())
    weight /= np.sqrt((weight**2).sum())
    return np.abs(np.fft.rfft2((windows - mean[:, None, None]) * weight)) ** 2


def frequencies(window: int) -> tuple[Array, Array]:
    """(fy, fx) of the cells of a half spectrum, cycles per pixel, fx >= 0."""
    fy, fx = np.meshgrid(np.fft.fftfreq(window), np.fft.rfftfreq(window), indexing="ij")
    return fy, fx
