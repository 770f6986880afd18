"""The figures of a photograph's page: its kernel, its spectrum and the fit, the curves of the training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.ticker import MultipleLocator

from blindsr.io.kernel_files import picture
from blindsr.report.blur_ellipse import BlurEllipse, blur_ellipse, errors_along
from blindsr.report.svg import COLOURS, svg
from kernelgan.training import REPORT_INTERVAL
from srbase.kernels import geometry

if TYPE_CHECKING:
    from blindsr.estimation import Analysis
    from blindsr.spectral.fitted import FittedSpectrum
    from srbase.kernels.kernel import SRKernel
    from zssr.solve import Training

Array = npt.NDArray[np.float64]

FOUND, OTHER = COLOURS[0], COLOURS[1]
ERRORS: Final = 2.0
"""Standard errors that the outer and inner ellipse of a kernel lie apart from it."""
HALF_SECTOR: Final = math.pi / 8
"""Radians to each side of a direction that count as along it."""
BINS: Final = 32
"""Of the radii at which a spectrum is averaged, up to the highest."""
DECIBELS: Final = 10 / math.log(10)
"""Of a natural logarithm of power."""
LEAST_POINTS: Final = 3
LEAST_SPAN: Final = 0.2
"""dB. A curve of fewer points or of a smaller range shows nothing."""


def kernel_figure(kernels: Mapping[str, SRKernel], posterior: Array | None) -> Markup:
    """The kernels by name, side by side; the first is the one found, with its width and how far that is
    known. posterior: see :func:`blindsr.report.blur_ellipse.blur_ellipse`, None where unknown."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(kernels), squeeze=False)[0]
        for number, (axes, (name, kernel)) in enumerate(zip(panels, kernels.items(), strict=True)):
            _kernel(axes, kernel, posterior if number == 0 else None)
            axes.set_title(name)

    text = (
        "White is the largest weight, black none, red negative. The ellipse is the blur's width (one "
        "standard deviation); between the dashed ones it lies with 95 % probability."
    )
    size = (0.5 + 2.4 * len(kernels), 3.1)
    return svg(draw, size, name="kernel", title=f"Picture of {' and '.join(kernels)}", text=text)


def spectrum_figure(spectrum: FittedSpectrum, ellipse: BlurEllipse) -> Markup:
    """The photograph's power spectrum and the one that the kernel explains, along the blur's main axis and
    across it, or over all directions where it is round."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        top = float(spectrum.measured.max())
        directions: dict[str, float | None] = {"all directions": None}
        if ellipse.direction is not None:
            directions = {ellipse.direction: ellipse.angle, "across that": ellipse.angle + math.pi / 2}
        for colour, (words, angle) in zip((FOUND, OTHER), directions.items(), strict=False):
            radii, measured, explained = _profile(spectrum, angle)
            axes.plot(
                radii, DECIBELS * (measured - top), "o", color=colour, ms=3.5, label=f"{words}, measured"
            )
            axes.plot(radii, DECIBELS * (explained - top), color=colour, lw=1.6, label=f"{words}, the fit")
        axes.set_xlabel("cycles per pixel of the photograph: coarse left, fine right")
        axes.set_ylabel("power, dB")
        axes.grid(visible=True)
        axes.legend(fontsize=8)

    text = "Dots are measured, lines are what photographs of this kind have after a blur by the kernel found."
    return svg(draw, (4.0, 2.8), name="spectrum", title="The photograph's spectrum, and its fit", text=text)


def curves_figure(analysis: Analysis | None, trainings: Sequence[Training]) -> Markup | None:
    """How the networks learned.

    Args:
        analysis: its KernelGAN's losses are shown, where it has any.
        trainings: ZSSR's; a curve that hardly changes is left out.

    Returns:
        The figure; None where nothing is worth one.
    """
    losses = {} if analysis is None or analysis.gan is None else dict(analysis.gan.history)
    losses = losses if min(map(len, losses.values()), default=0) >= LEAST_POINTS else {}
    learned = [training for training in trainings if _spans(training)]
    count = bool(losses) + len(learned)
    if not count:
        return None

    def draw(figure: Figure) -> None:
        panels = list(figure.subplots(count, 1, squeeze=False)[:, 0])
        if losses:
            _losses(panels.pop(0), losses)
        for axes, training in zip(panels, learned, strict=True):
            _reconstruction(axes, training)

    text = (
        "The last value is what the result was made with; a curve that still climbs would gain by more steps."
    )
    return svg(draw, (4.0, 2.1 * count), name="curves", title="How the networks learned", text=text)


def _kernel(axes: Any, kernel: SRKernel, posterior: Array | None) -> None:
    rows, columns = kernel.shape
    down, right = geometry.centre_of_mass(kernel.array)
    edges = (-0.5 - right, columns - 0.5 - right, rows - 0.5 - down, -0.5 - down)
    axes.imshow(picture(kernel), extent=edges, interpolation="none")
    ellipse = blur_ellipse(kernel, posterior)
    errors = (0.0, 0.0) if posterior is None else errors_along(posterior, ellipse)
    sides = ((0, "-"),) if posterior is None else ((0, "-"), (ERRORS, "--"), (-ERRORS, "--"))
    for side, line in sides:
        wide, narrow = (
            2 * max(0.0, s + side * e) for s, e in zip((ellipse.wide, ellipse.narrow), errors, strict=True)
        )
        turn = -math.degrees(ellipse.angle)  # rows count downward
        axes.add_patch(Ellipse((0, 0), wide, narrow, angle=turn, fill=False, ec=FOUND, lw=1.4, ls=line))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(kernel.scale))
    axes.set_xlabel("pixels of the enlarged picture")


def _profile(spectrum: FittedSpectrum, angle: float | None) -> tuple[Array, Array, Array]:
    """Radius, measured and explained log power, averaged in rings of the cells along the angle (radians,
    counter-clockwise as one sees it; None: all cells)."""
    down, right = spectrum.frequencies
    radius = np.hypot(down, right)
    chosen = np.ones(len(radius), bool)
    if angle is not None:
        off = (np.arctan2(-down, right) - angle + math.pi / 2) % math.pi - math.pi / 2
        chosen = np.abs(off) <= HALF_SECTOR
    ring = np.minimum((radius / radius.max() * BINS).astype(int), BINS - 1)
    rings = [chosen & (ring == number) for number in range(BINS)]
    means = [[values[one].mean() for one in rings if one.any()] for values in (radius, spectrum.measured)]
    explained = [spectrum.explained[one].mean() for one in rings if one.any()]
    return np.array(means[0]), np.array(means[1]), np.array(explained)


def _losses(axes: Any, history: Mapping[str, Sequence[float]]) -> None:
    for colour, (name, words) in zip(
        COLOURS, {"g_loss": "generator", "d_loss": "discriminator"}.items(), strict=False
    ):
        values = history.get(name, ())
        axes.plot(
            [REPORT_INTERVAL * (n + 1) for n in range(len(values))],
            values,
            ".-",
            color=colour,
            ms=4,
            label=words,
        )
    axes.set_title("KernelGAN: the loss of each player")
    axes.set_xlabel("step")
    axes.grid(visible=True)
    axes.legend(fontsize=8)


def _spans(training: Training) -> bool:
    """Whether the curve of a training has something to show."""
    errors = np.asarray(training.history.get("error", ()))
    return len(errors) >= LEAST_POINTS and float(np.ptp(_decibels(errors))) >= LEAST_SPAN


def _decibels(errors: Array) -> Array:
    return np.asarray(-10 * np.log10(np.maximum(errors, 1e-12)))


def _reconstruction(axes: Any, training: Training) -> None:
    steps, errors = training.history["step"], np.asarray(training.history["error"])
    axes.plot(steps, _decibels(errors), ".-", color=FOUND, ms=4)
    axes.set_title(f"ZSSR x{training.scale}: rebuilding the photograph")
    axes.set_xlabel("step")
    axes.set_ylabel("PSNR, dB")
    axes.grid(visible=True)
