"""The drawings of :mod:`development.spectra`."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from benchmarks.reports.figure import BOUND_COLOUR, OTHER_COLOUR, OURS_COLOUR, drawn
from blindsr import pipeline
from blindsr.configuration import settings_of_preset
from blindsr.io.kernel_files import picture
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from blindsr.spectral.periodogram import welch
from development.kernels import adaptive, linear, with_antisymmetric
from development.spectrum_fit import DECIBELS, Example, Spectra, profile, spectra, widest
from srbase.imaging import metrics
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]

DETAIL: Final = (slice(40, 168), slice(150, 278))
"""Rows and columns of HR that are shown: a face."""


def spectrum_picture(path: Path, given: Example, config: SpectralConfig) -> None:
    """Two-dimensional spectra of HR and LR, and LR's along and across the kernel, with the fit."""
    found = spectra(given.lr.numpy().astype(np.float64), config)
    large = welch(given.hr.numpy().astype(np.float64), replace(config.welch, window=128, hop=64))
    small = welch(given.lr.numpy().astype(np.float64), config.welch)
    with drawn(path, (11.0, 3.9)) as figure:
        panels: Any = figure.subplots(1, 3, width_ratios=[1, 1, 1.5])
        for axes, power, words in (
            (
                panels[0],
                large.power,
                "the original's spectrum; the square is\nwhat the small picture can hold",
            ),
            (panels[1], small.power, "the small picture's spectrum:\nsofter in one direction"),
        ):
            plane(axes, power)
            axes.set_title(words, fontsize=9)
        panels[0].plot([-0.25, 0.25, 0.25, -0.25, -0.25], [-0.25, -0.25, 0.25, 0.25, -0.25], "w", lw=1)
        profiles(panels[2], found, widest(given.kernel))


def plane(axes: Axes, power: Array) -> None:
    """A half spectrum (n, n//2 + 1) as a whole one, in dB, frequency 0 in the middle."""
    whole = np.concatenate([power, np.roll(power[::-1, 1:-1], 1, axis=0)[:, ::-1]], axis=1)
    whole[0, 0] = whole.max()  # the windows' mean was removed
    low, high = np.percentile(shown := np.fft.fftshift(DECIBELS * np.log(whole)), [0.5, 99.5])
    axes.imshow(shown, cmap="magma", extent=(-0.5, 0.5, 0.5, -0.5), vmin=low, vmax=high)
    axes.set_xlabel("cycles per pixel", fontsize=8)
    axes.tick_params(labelsize=7)


def profiles(axes: Axes, found: Spectra, angle: float) -> None:
    """Measured and fitted power along the kernel's widest direction and across it."""
    for words, direction, colour in (
        ("across the kernel", angle + np.pi / 2, OTHER_COLOUR),
        ("along it", angle, OURS_COLOUR),
    ):
        radii, measured = profile(found.measured, found, direction)
        axes.plot(radii, DECIBELS * measured, "o", color=colour, ms=3.5, label=f"measured, {words}")
        axes.plot(radii, DECIBELS * profile(found.fitted, found, direction)[1], color=colour, label="fitted")
        without = DECIBELS * profile(found.without, found, direction)[1]
        axes.plot(radii, without, "--", color=colour, lw=1, label="the same without the kernel")
    axes.axhline(DECIBELS * found.noise, color=BOUND_COLOUR, lw=1, label="noise")
    axes.set_xlabel("cycles per pixel of the small picture", fontsize=8)
    axes.set_ylabel("power, dB", fontsize=8)
    axes.set_title("what the kernel took away", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=7, frameon=False)


def kernel_picture(path: Path, given: Example, config: SpectralConfig) -> None:
    """The true kernel, what the spectrum says, and what the edges add."""
    even = SRKernel(estimate_spectral(given.lr.numpy(), config).kernel, 2)
    shown = {
        "the true kernel": given.kernel.cropped(),
        "the spectrum's: its own half turn": even,
        "with the antisymmetric part, from edges": with_antisymmetric(given.lr, even),
    }
    with drawn(path, (8.4, 3.4)) as figure:
        panels: Any = figure.subplots(1, len(shown))
        for axes, (words, kernel) in zip(panels, shown.items(), strict=True):
            axes.imshow(picture(kernel, 1), extent=(-0.5, 12.5, 12.5, -0.5), interpolation="nearest")
            values, vectors = np.linalg.eigh(kernel.covariance)
            angle = np.degrees(np.arctan2(vectors[0, 1], vectors[1, 1]))
            across, along = 2 * np.sqrt(values)
            axes.add_patch(Ellipse((6.5, 6.5), along, across, angle=angle, fill=False, color=OURS_COLOUR))
            axes.set_title(
                f"{words}\n{np.sqrt(values[1]):.2f} by {np.sqrt(values[0]):.2f} pixels", fontsize=9
            )
            axes.set_axis_off()


def inverse_picture(path: Path, given: Example, steps: int) -> None:
    """A detail under the true kernel: interpolation, the inverses, the network, the original."""
    trained = settings_of_preset(zssr_steps=steps)
    upscaled = pipeline.upscale(given.lr, kernel=given.kernel, settings=trained, device="cpu").image
    shown = {
        "bicubic interpolation": bicubic_upscale(given.lr, 2),
        "linear inverse": linear(given.kernel, given.lr),
        "edge-adaptive inverse": adaptive(given.kernel, given.lr),
        "and the network": upscaled,
        "the original": given.hr,
    }
    with drawn(path, (13.0, 3.2)) as figure:
        panels: Any = figure.subplots(1, len(shown))
        for axes, (words, image) in zip(panels, shown.items(), strict=True):
            image = image.clamp(0, 1)
            known = words == "the original"
            judged = " " if known else f"{metrics.score(image, given.hr, 2).psnr_y:.2f} dB"
            axes.imshow(image[:, *DETAIL].permute(1, 2, 0).numpy(), interpolation="nearest")
            axes.set_title(f"{words}\n{judged}", fontsize=9)
            axes.set_axis_off()
