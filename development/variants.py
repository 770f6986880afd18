"""Which variant of KernelGAN finds the better kernel: the table of docs/deviations.md.

python -m development.variants PHOTOGRAPHS [--seeds 2] [--steps 3000]

PSNR-Y of the linear inverse (weight 3e-4) on the central 320x320 HR pixels, with the bicubic kernel, with
those that the game finds, and with the true one; and how far the covariance is off.
"""

from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import torch

from blindsr.estimation import estimate_kernel
from blindsr.estimators import estimator
from blindsr.restoration.config import InverseConfig
from blindsr.restoration.kernel_inverse import inverse_for
from development.pairs import Known, known, photographs, table
from kernelgan.config import GANConfig
from srbase.imaging import metrics
from srbase.imaging.image import central
from srbase.kernels.kernel import SRKernel

WEIGHT = 3e-4
CROP = 320
LINEAR = InverseConfig(adaptive=None)
VARIANTS = ("paper", "released")


def worth(pair: Known, kernel: SRKernel) -> float:
    """PSNR-Y of the middle of the photograph."""
    upscaled = inverse_for(pair.lr, kernel, LINEAR, weight=WEIGHT).upscale(pair.lr).clamp(0, 1)
    return metrics.score(central(upscaled, CROP), central(pair.hr, CROP), 2).psnr_y


@click.command(help=__doc__)
@photographs
@click.option("--seeds", default=2, show_default=True, help="Games for each photograph and variant.")
@click.option("--steps", type=click.IntRange(min=1), help="Fewer than the papers'.")
@click.option("--seed", default=1, show_default=True, help="Of the first photograph's kernel.")
def main(hr: Path, limit: int | None, seeds: int, steps: int | None, seed: int) -> None:
    """The command."""
    runs = [(name, number) for name in VARIANTS for number in range(seeds)]
    rows: dict[str, list[float]] = {}
    off: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for pair in known(hr, limit=limit, first=seed):
        rows[pair.name] = [worth(pair, SRKernel.bicubic(2))]
        for name, number in runs:
            config = estimator(name)
            assert isinstance(config, GANConfig)
            config = replace(config, steps=steps or config.steps)
            rng = torch.Generator().manual_seed(number)
            kernel = estimate_kernel(pair.lr, config, rng=rng).kernel
            off[name].append(float(np.linalg.norm(kernel.covariance - pair.kernel.covariance)))
            rows[pair.name].append(worth(pair, kernel))
            click.echo(f"{pair.name}: {name}, seed {number}: {rows[pair.name][-1]:.2f}", err=True)
        rows[pair.name].append(worth(pair, pair.kernel))
    columns = ["bicubic kernel", *(f"{name}, seed {number}" for name, number in runs), "true kernel"]
    mean = {"mean": list(np.mean(list(rows.values()), axis=0))}
    click.echo(table(columns, rows | mean))
    for name, values in off.items():
        click.echo(f"{name}: covariance missed by {np.mean(values):.2f} HR px^2 (Frobenius norm, mean)")


if __name__ == "__main__":
    main()
