"""Are the stated uncertainties of the spectral estimate right? Section 1 of docs/kernel-aware.md.

python -m development.calibration FOLDER... [--kernels 4] [--out docs/images/calibration.png]

Each photograph of each folder is made small by random kernels, two of DIV2KRK's making to a plain one.
An error is the estimate less the truth over the stated deviation. Errors of width (half the trace),
elongation (half the difference of the variances along the estimate's own axes) and direction (the mixed
moment there) have mean 0 and deviation 1 if the posterior is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import numpy.typing as npt

from benchmarks.data.layout import images_in
from benchmarks.data.protocols import PROTOCOLS
from benchmarks.reports.figure import OTHER_COLOUR, OURS_COLOUR, drawn
from blindsr.io.photo import read_photo
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import GAUSSIAN, SpectralEstimate, estimate_spectral
from development.pairs import SIDE, table
from srbase.imaging.image import central

Array = npt.NDArray[np.float64]

MAKERS: Final = ("div2krk", "plain", "div2krk")
"""Protocols, by turns."""
NAMES: Final = ("width", "elongation", "direction")
REACH: Final = 4.0
"""Standard errors that are drawn."""
BINS: Final = 24


@dataclass(frozen=True, eq=False)
class Errors:
    """Of one picture: where it comes from, who made its kernel; errors (3,), HR px^2, of width, elongation
    and direction, and their stated deviations (3,)."""

    source: str
    maker: str
    error: Array
    deviation: Array

    @property
    def standardised(self) -> Array:
        """Errors in stated deviations, (3,)."""
        return np.asarray(self.error / self.deviation)


def to_axes(covariance: Array) -> Array:
    """Matrix (3, 3) from moments (yy, xx, xy) to width, elongation and direction in the axes of a covariance
    (2, 2)."""
    _, vectors = np.linalg.eigh(covariance)
    (minor_y, minor_x), (major_y, major_x) = vectors.T

    def product(a: tuple[float, float], b: tuple[float, float]) -> list[float]:
        return [a[0] * b[0], a[1] * b[1], a[0] * b[1] + a[1] * b[0]]

    major, minor = (major_y, major_x), (minor_y, minor_x)
    along, across = np.array(product(major, major)), np.array(product(minor, minor))
    return np.stack([np.array([0.5, 0.5, 0.0]), (along - across) / 2, np.array(product(major, minor))])


def errors_of(found: SpectralEstimate, truth: Array) -> tuple[Array, Array]:
    """Errors (3,) of an estimate against the true covariance (2, 2), and their stated deviations (3,)."""
    turn = to_axes(found.covariance)
    off = found.covariance - truth
    error = turn @ np.array([off[0, 0], off[1, 1], off[0, 1]])
    return error, np.sqrt(np.diag(turn @ found.posterior @ turn.T))


def simulated(folders: Sequence[Path], kernels: int, limit: int | None) -> Iterator[Errors]:
    """The errors on each folder's photographs under so many kernels each; pictures whose kernel is taken for
    another shape have no posterior and are left out."""
    config = SpectralConfig()
    for place, folder in enumerate(folders):
        for number, path in enumerate(images_in(folder)[:limit]):
            hr = central(read_photo(path).image, SIDE, multiple=2).double()
            for again in range(kernels):
                maker = MAKERS[(number + again) % len(MAKERS)]
                rng = np.random.default_rng([place, number, again])
                drawn_kernel = PROTOCOLS[maker].draw(rng)
                lr = PROTOCOLS[maker].shrink(hr, drawn_kernel.kernel, rng, drawn_kernel.total)
                found = estimate_spectral(lr.numpy(), config)
                if found.family == GAUSSIAN:
                    error, deviation = errors_of(found, drawn_kernel.kernel.covariance)
                    yield Errors(folder.name, maker, error, deviation)


def rows_of(found: Sequence[Errors]) -> dict[str, list[float]]:
    """By source, by maker and of all: how many; of width, elongation and direction the mean and deviation of
    the standardised errors, and the error's root mean square."""
    groups = {name: [x for x in found if name in (x.source, x.maker)] for name in _names(found)}
    rows = {}
    for name, group in {**groups, "all": list(found)}.items():
        standardised = np.stack([x.standardised for x in group])
        rms = np.sqrt(np.mean(np.stack([x.error for x in group]) ** 2, axis=0))
        by_name = zip(standardised.mean(axis=0), standardised.std(axis=0), rms, strict=True)
        rows[name] = [len(group), *(float(value) for figures in by_name for value in figures)]
    return rows


def _names(found: Sequence[Errors]) -> list[str]:
    return [*dict.fromkeys(x.source for x in found), *dict.fromkeys(x.maker for x in found)]


def picture(path: Path, found: Sequence[Errors]) -> None:
    """Histograms of the standardised errors beside the normal distribution."""
    standardised = np.stack([x.standardised for x in found])
    axis = np.linspace(-REACH, REACH, 200)
    normal = np.exp(-(axis**2) / 2) / np.sqrt(2 * np.pi)
    with drawn(path, (9.0, 2.8)) as figure:
        panels: Any = figure.subplots(1, len(NAMES), sharey=True)
        for axes, name, values in zip(panels, NAMES, standardised.T, strict=True):
            shown = np.clip(values, -REACH, REACH)
            axes.hist(shown, bins=BINS, range=(-REACH, REACH), density=True, color=OURS_COLOUR, alpha=0.6)
            axes.plot(axis, normal, color=OTHER_COLOUR, lw=1.5)
            axes.set_title(f"{name}: {values.mean():+.2f} ± {values.std():.2f}", fontsize=9)
            axes.set_xlabel("error, in stated deviations", fontsize=8)
            axes.tick_params(labelsize=7)


@click.command(help=__doc__)
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--kernels", default=4, show_default=True, help="Of each photograph.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many of each folder.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The picture.")
def main(folders: tuple[Path, ...], kernels: int, limit: int | None, out: Path | None) -> None:
    """The command."""
    found = []
    for errors in simulated(folders, kernels, limit):
        found.append(errors)
        figures = " ".join(f"{value:+.2f}" for value in errors.standardised)
        click.echo(f"{errors.source} {errors.maker}: {figures}", err=True)
    columns = ["pictures", *(f"{name}: {what}" for name in NAMES for what in ("mean", "deviation", "rms"))]
    click.echo(table(columns, rows_of(found)))
    if out is not None:
        picture(out, found)


if __name__ == "__main__":
    main()
