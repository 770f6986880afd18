"""What photographs look like: the numbers of blindsr.spectral.prior.ContentPrior.

python -m development.content_prior PHOTOGRAPHS

Each photograph's own averaged spectrum is fitted by the prior's terms (least squares on its log); the prior's
numbers are the means and deviations of the terms over the photographs. Harmonics of sine and slopes get mean
0: a mirrored photograph is as likely.

The windows are twice as wide as the fit's. An LR pixel is two HR pixels, so that they hold the same part of a
scene, and their own width shows below the same frequency. Windows as wide as the fit's leak into the lowest
frequencies, which reads as a power law that is too steep (alpha 2.85 for 2.3) and bends.
"""

from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from benchmarks.data.layout import images_in
from blindsr.io.photo import read_photo
from blindsr.spectral.cells import SCALE
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.periodogram import welch
from blindsr.spectral.prior import ContentPrior, content_basis
from development.pairs import SIDE, photographs
from srbase.imaging.image import central
from srbase.imaging.periodogram import frequencies

Array = npt.NDArray[np.float64]

LOW, HIGH = 0.015, 0.35
"""Cycles per HR pixel: from the fit's lowest frequency to beyond its band at x2, whence content folds into
it."""
MEANT = (2,)
"""Of the harmonics, those whose mean is kept: cos4, as horizontal and vertical edges are the commonest."""


def terms(image: Array, config: SpectralConfig) -> Array:
    """The content terms (15,) of one photograph (C, H, W) in 0..1, without the constant."""
    small = config.welch
    large = replace(small, window=SCALE * small.window, hop=SCALE * small.hop)
    spectrum = welch(image, large)
    fy, fx = frequencies(large.window)
    radius = np.hypot(fy, fx)
    used = (radius >= LOW) & (radius <= HIGH)
    basis = content_basis(fy[used], fx[used], config.prior.pivot)
    signal = np.maximum(spectrum.power[used] - spectrum.noise_variance, spectrum.noise_variance / 10)
    return np.asarray(np.linalg.lstsq(basis.T, np.log(signal), rcond=None)[0][1:], dtype=np.float64)


def prior_of(found: Array) -> ContentPrior:
    """The prior that photographs with these terms (n, 15) make."""
    spread, mean = np.asarray(found.std(axis=0, ddof=1)), found.mean(axis=0)
    correlation = np.asarray(np.corrcoef(found[:, :3].T))
    harmonic = [float(value) if place in MEANT else 0.0 for place, value in enumerate(mean[3:])]
    spread[3:] = np.sqrt(((found[:, 3:] - harmonic) ** 2).mean(axis=0))
    return ContentPrior(
        radial_mean=tuple(round(float(v), 2) for v in mean[:3]),  # type: ignore[arg-type]
        radial_std=tuple(round(float(v), 2) for v in spread[:3]),  # type: ignore[arg-type]
        radial_correlation=tuple(round(float(correlation[at]), 2) for at in ((0, 1), (0, 2), (1, 2))),  # type: ignore[arg-type]
        harmonic_mean=tuple(round(v, 2) for v in harmonic),
        harmonic_std=tuple(round(float(v), 2) for v in spread[3:]),
    )


@click.command(help=__doc__)
@photographs
def main(hr: Path, limit: int | None) -> None:
    """The command."""
    config = SpectralConfig()
    images = (central(read_photo(path).image, SIDE).numpy() for path in images_in(hr)[:limit])
    found = np.stack([terms(image, config) for image in images])
    now, learned = ContentPrior(), prior_of(found)
    for name in ("radial_mean", "radial_std", "radial_correlation", "harmonic_mean", "harmonic_std"):
        click.echo(f"{name}: {getattr(learned, name)}")
        click.echo(f"  in use {getattr(now, name)}")


if __name__ == "__main__":
    main()
