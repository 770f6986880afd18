"""How far the adaptive inverse may go under a kernel that was found: section 2 of docs/kernel-aware.md.

python -m development.doubt PHOTOGRAPHS [--doubt 2 --doubt 8]

PSNR-Y of the default over the linear inverse of the same kernel, by ``AdaptiveConfig.doubt``.
"""

from dataclasses import replace
from pathlib import Path

import click

from blindsr import estimation, pipeline
from blindsr.configuration import Settings, settings_of_preset
from development.kernels import linear
from development.pairs import known, photographs, table
from srbase.imaging import metrics


def with_doubt(doubt: float) -> Settings:
    """The default, another ``doubt`` in its inverse."""
    settings = settings_of_preset()
    inverse = settings.restoration.inverse
    assert inverse is not None
    assert inverse.adaptive is not None
    adaptive = replace(inverse.adaptive, doubt=doubt)
    restoration = replace(settings.restoration, inverse=replace(inverse, adaptive=adaptive))
    return replace(settings, restoration=restoration)


@click.command(help=__doc__)
@photographs
@click.option("--doubt", "doubts", type=float, multiple=True, default=(2.0, 3.0, 4.0, 8.0), show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the first photograph's kernel.")
def main(hr: Path, limit: int | None, doubts: tuple[float, ...], seed: int) -> None:
    """The command."""
    names: list[str] = []
    rows: dict[str, list[float]] = {}
    for pair in known(hr, limit=limit, first=seed):
        (analysis,) = estimation.analyse([pair.lr], settings=settings_of_preset(real="off"), device="cpu")
        kernel = analysis.kernel
        least = metrics.score(linear(kernel, pair.lr).clamp(0, 1), pair.hr, 2).psnr_y
        names.append(pair.name)
        for doubt in doubts:
            sr = pipeline.upscale(pair.lr, kernel=kernel, settings=with_doubt(doubt), device="cpu").image
            rows.setdefault(f"{doubt:g}", []).append(metrics.score(sr, pair.hr, 2).psnr_y - least)
        click.echo(pair.name, err=True)
    means = {name: [*values, sum(values) / len(values)] for name, values in rows.items()}
    click.echo(table([*names, "mean"], means))


if __name__ == "__main__":
    main()
