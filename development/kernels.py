"""How near each way to the kernel comes to the true one: section 1 of docs/kernel-aware.md.

python -m development.kernels PHOTOGRAPHS [--scale 4]

PSNR-Y less that of the true kernel, by the linear inverse and by the edge-adaptive start, and how far the
covariance is off.
"""

from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import torch

from blindsr.configuration import SHARP
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.spectral.antisymmetric import AntisymmetricConfig, with_antisymmetric_part
from blindsr.spectral.cells import from_pairs, pair_values, symmetric_kernel
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from development.pairs import Known, known, photographs, psnr, table
from srbase.kernels.kernel import SRKernel

LINEAR = InverseConfig(adaptive=None)


def estimates(pair: Known) -> dict[str, SRKernel]:
    """The x2 kernels of each way, and what a perfect one of its kind would be."""
    spectral, image = SpectralConfig(), pair.lr.numpy()
    scale = pair.kernel.scale
    gaussian = replace(spectral, fit=replace(spectral.fit, rounds=0))
    found = {
        "Gaussian fit alone": SRKernel(estimate_spectral(image, gaussian, scale=scale).kernel, 2),
        "symmetric part by pairs": SRKernel(estimate_spectral(image, spectral, scale=scale).kernel, 2),
    }
    if scale == 4:
        one_step = estimate_spectral(image, spectral)
        found["symmetric part by pairs, taken for one step"] = SRKernel(one_step.kernel, 2)
    found["both halves"] = with_antisymmetric(pair.lr, found["symmetric part by pairs"])
    if scale == 2:
        covariance, pairs = pair.kernel.covariance, pair_values(pair.kernel.cropped().array)
        v = np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])
        found["a Gaussian of the true covariance"] = SRKernel(symmetric_kernel(v), 2)
        found["the true kernel's symmetric part"] = SRKernel(from_pairs(pairs, pairs), 2)
    return found


def with_antisymmetric(image: torch.Tensor, kernel: SRKernel) -> SRKernel:
    """The kernel with the antisymmetric part that edges show, as the default has it."""
    return with_antisymmetric_part(
        image, kernel, AntisymmetricConfig(), partial(kernel_inverse, config=SHARP)
    )


def linear(kernel: SRKernel, image: torch.Tensor) -> torch.Tensor:
    """The linear inverse of the kernel."""
    return kernel_inverse(image, kernel, LINEAR).upscale(image)


def adaptive(kernel: SRKernel, image: torch.Tensor) -> torch.Tensor:
    """What the default's network starts from."""
    return base_upscaler(image, kernel, InverseConfig()).upscale(image)


@click.command(help=__doc__)
@photographs
@click.option("--scale", type=click.Choice(["2", "4"]), default="2", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the first photograph's kernel.")
def main(hr: Path, limit: int | None, scale: str, seed: int) -> None:
    """The command."""
    lost: dict[str, list[list[float]]] = defaultdict(list)
    for pair in known(hr, scale=int(scale), limit=limit, first=seed):
        best = [psnr(pair, partial(way, pair.kernel)) for way in (linear, adaptive)]
        for name, x2 in estimates(pair).items():
            kernel = x2 if scale == "2" else x2.to_x4()
            gain = [psnr(pair, partial(way, kernel)) for way in (linear, adaptive)]
            off = kernel.covariance - pair.kernel.covariance
            figures = [gain[0] - best[0], gain[1] - best[1], float(np.linalg.norm(off)), np.trace(off) / 2]
            lost[name].append(figures)
            click.echo(f"{pair.name}: {name}: " + " ".join(f"{value:.3f}" for value in figures), err=True)
    columns = ["linear inverse", "adaptive start", "worst", "covariance off", "half the trace off"]
    rows = {}
    for name, figures in lost.items():
        every = np.array(figures)
        worst = every[:, 1].min()
        rows[name] = [*every[:, :2].mean(axis=0), worst, *every[:, 2:].mean(axis=0)]
    click.echo(table(columns, rows))


if __name__ == "__main__":
    main()
