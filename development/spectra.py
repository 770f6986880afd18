"""The pictures of docs/how.md: spectra, kernels and inverses of a photograph that comes with scikit-image.

python -m development.spectra --out docs/images [--steps 300]
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from skimage import data

from benchmarks.reports.figure import BOUND_COLOUR, OTHER_COLOUR, OURS_COLOUR, drawn
from blindsr import pipeline
from blindsr.imaging import metrics
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.kernel_files import picture
from blindsr.imaging.periodogram import frequencies
from blindsr.imaging.pixels import rounded
from blindsr.imaging.random_kernels import random_kernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from blindsr.presets import Settings
from development.kernels import adaptive, linear
from kernelgan.config import GuidedConfig
from kernelgan.odd_half import with_odd_half
from kernelgan.spectral.config import SpectralConfig
from kernelgan.spectral.estimate import estimate_spectral
from kernelgan.spectral.fit import fit_cells, fit_gaussian
from kernelgan.spectral.model import FoldedModel
from kernelgan.spectral.periodogram import welch
from zssr.config import kernel_aware

Array = npt.NDArray[np.float64]

SEED: Final = 11
"""Of the kernel: an ellipse, so that both of its directions show."""
DETAIL: Final = (slice(40, 168), slice(150, 278))
"""Rows and columns of HR that are shown: a face."""
SECTOR: Final = np.pi / 8
"""Radians to each side of a direction that count as along it."""
BINS: Final = 18
"""Of the radii at which a spectrum is averaged."""
DECIBELS: Final = 10 / np.log(10)
"""Of a natural logarithm of power."""


@dataclass(frozen=True, eq=False)
class Example:
    """A photograph (3, H, W) in 0..1, a kernel, and the LR image of 8 bits that both give."""

    hr: torch.Tensor
    kernel: SRKernel
    lr: torch.Tensor


@dataclass(frozen=True, eq=False)
class Spectra:
    """Log power at the cells of a fit: measured on LR, as fitted, and as the same content has it without a
    kernel. fy, fx (cells,): cycles per LR pixel. noise: the log power of white noise."""

    fy: Array
    fx: Array
    measured: Array
    fitted: Array
    without: Array
    noise: float


def example() -> Example:
    """The astronaut (NASA, public domain) under a random kernel of the DIV2KRK protocol."""
    hr = torch.from_numpy(data.astronaut().transpose(2, 0, 1).astype(np.float32) / 255)
    kernel = random_kernel(np.random.default_rng(SEED)).kernel
    return Example(hr, kernel, rounded(downscale(hr, kernel).clamp(0, 1)))


def spectra(image: Array, config: SpectralConfig) -> Spectra:
    """The fit of an LR image (C, h, w), as :func:`kernelgan.spectral.estimate.estimate_spectral` makes it."""
    found = welch(image, config.welch)
    model = FoldedModel(config.welch.window, config.prior, low=config.fit.low, high=config.fit.high)
    measured = model.log_cells(found.power)
    gaussian = fit_gaussian(model, measured, found.noise_variance, config.fit)
    fit = fit_cells(model, measured, found.noise_variance, gaussian, config.fit)
    sharp = np.log(np.exp(np.tensordot(fit.content[:-1], model.basis, 1)).sum(axis=0))
    fy, fx = (plane[model.cells] for plane in frequencies(config.welch.window))
    return Spectra(fy, fx, measured, fit.log_power, sharp, float(np.log(found.noise_variance)))


def profile(values: Array, spectra: Spectra, angle: float) -> tuple[Array, Array]:
    """Radii and means of the values at the cells that lie along a direction (from x, y down)."""
    radius, at = np.hypot(spectra.fy, spectra.fx), np.arctan2(spectra.fy, spectra.fx)
    along = np.abs((at - angle + np.pi / 2) % np.pi - np.pi / 2) < SECTOR
    edges = np.linspace(radius.min(), radius.max(), BINS + 1)
    place = np.clip(np.digitize(radius, edges) - 1, 0, BINS - 1)
    kept = [bin for bin in range(BINS) if (along & (place == bin)).any()]
    means = [float(values[along & (place == bin)].mean()) for bin in kept]
    return (edges[:-1] + edges[1:])[kept] / 2, np.array(means)


def widest(kernel: SRKernel) -> float:
    """The direction in which a kernel is widest, radians from x, y down."""
    values, vectors = np.linalg.eigh(kernel.covariance)
    y, x = vectors[:, np.argmax(values)]
    return float(np.arctan2(y, x))


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


def kernel_picture(path: Path, given: Example, config: GuidedConfig) -> None:
    """The true kernel, what the spectrum says, and what the edges add."""
    even = SRKernel(estimate_spectral(given.lr.numpy(), config.spectral).kernel, 2)
    shown = {
        "the true kernel": given.kernel.cropped(),
        "the spectrum's: its own half turn": even,
        "with the odd half, from edges": with_odd_half(given.lr, even, config.odd),
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
    trained = Settings(zssr=replace(kernel_aware(), max_steps=steps))
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


@click.command(help=__doc__)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
@click.option("--steps", default=300, show_default=True, help="Of training.")
def main(out: Path, steps: int) -> None:
    """The command."""
    out.mkdir(parents=True, exist_ok=True)
    given, config = example(), GuidedConfig()
    spectrum_picture(out / "spectrum.png", given, config.spectral)
    kernel_picture(out / "kernels.png", given, config)
    inverse_picture(out / "inverses.png", given, steps)
    for name in ("spectrum", "kernels", "inverses"):
        click.echo(out / f"{name}.png")


if __name__ == "__main__":
    main()
