"""What the start of the network is worth, kernel known: section 2 of docs/kernel-aware.md.

python -m development.inverse PHOTOGRAPHS [--steps 300]

PSNR-Y on crops of 320x400 HR pixels of bicubic interpolation, the linear inverse, the edge-adaptive start,
and the network on top of it.
"""

from pathlib import Path

import click
import torch

from blindsr import pipeline
from blindsr.configuration import settings_of_preset
from development.kernels import adaptive, linear
from development.pairs import Known, known, photographs, table
from srbase.imaging import metrics
from srbase.imaging.pixels import rounded
from srbase.imaging.resample import bicubic_upscale, downscale

ROWS, COLUMNS = 320, 400


def cut(pair: Known) -> tuple[torch.Tensor, torch.Tensor]:
    """The middle of the photograph, and its LR image."""
    height, width = pair.hr.shape[1:]
    rows, columns = min(ROWS, height), min(COLUMNS, width)
    top, left = (height - rows) // 2, (width - columns) // 2
    hr = pair.hr[:, top : top + rows, left : left + columns]
    return hr, rounded(downscale(hr, pair.kernel).clamp(0, 1))


@click.command(help=__doc__)
@photographs
@click.option("--steps", default=300, show_default=True, help="Of training.")
@click.option("--seed", default=1, show_default=True, help="Of the first photograph's kernel.")
def main(hr: Path, limit: int | None, steps: int, seed: int) -> None:
    """The command."""
    names: list[str] = []
    rows: dict[str, list[float]] = {}
    trained = settings_of_preset(zssr_steps=steps)
    for pair in known(hr, limit=limit, first=seed):
        truth, lr = cut(pair)
        results = {
            "bicubic interpolation": bicubic_upscale(lr, 2),
            "linear inverse": linear(pair.kernel, lr),
            "adaptive, share by father and son": adaptive(pair.kernel, lr),
            f"and the network, {steps} steps": pipeline.upscale(
                lr, kernel=pair.kernel, settings=trained, device="cpu"
            ).image,
        }
        names.append(pair.name)
        for name, image in results.items():
            rows.setdefault(name, []).append(metrics.score(image.clamp(0, 1), truth, 2).psnr_y)
        click.echo(pair.name, err=True)
    click.echo(table(names, rows))


if __name__ == "__main__":
    main()
