"""What a trained network gains on a data set, alone and blended: the figures of docs/trained-network.md.

python -m development.network_guard DATA --network FILE [--scale 2] [--side 512] > guard.csv

DATA is a data set as `make-dataset` writes them. Kernels are estimated from whole images. The second stages
work on their middle with a rim; the shares of bicubic interpolation and of a camera stay what they are.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
import torch

from benchmarks.data.load import DataSet, load, read_pair
from blindsr import estimation, pipeline
from blindsr.configuration import Settings, settings_of_preset
from blindsr.restoration.blend import restore
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.guard import doubt_of_kernel, worst_misfit
from blindsr.restoration.network.restore import TrainedNetwork
from blindsr.restoration.noise import Powers, noise_variance
from srbase.imaging.image import central
from srbase.imaging.metrics import score
from srbase.imaging.pixels import PEAK, rounded
from srbase.imaging.resample import bicubic_upscale

RIM: Final = 12  # LR pixels around the part that is scored
HEAD: Final = (
    "image",
    "scale",
    "worst_misfit_levels",
    "noise_level_told",
    "bicubic_psnr_y",
    "untrained_over_bicubic",
    "network_over_untrained",
    "blend_over_untrained",
    "mean_of_both_over_untrained",
)


@dataclass(frozen=True)
class Row:
    """One image; dB of the luma, grey levels."""

    image: str
    scale: int
    misfit: float
    level: float
    bicubic: float
    untrained: float
    network: float
    blend: float
    mean: float


def rows(data: DataSet, scale: int, settings: Settings, config: NetworkConfig, side: int) -> Iterator[Row]:
    """A row of each image, on its middle of ``side`` HR pixels."""
    plain = replace(settings, restoration=replace(settings.restoration, network=None))
    limits = settings.restoration.noise
    for item in data.items:
        lr, gt = read_pair(item)
        (found,) = estimation.analyse([lr], scale, settings=plain, device="cpu")
        kernels = pipeline.kernels_for(found.kernel, scale)
        part, truth = central(lr, side // scale + 2 * RIM), central(gt, side + 2 * RIM * scale)

        def run(used: Settings) -> torch.Tensor:
            rng = torch.Generator().manual_seed(0)
            args = (part, kernels, scale, used.restoration, None, found.jpeg)  # noqa: B023
            return restore(*args, rng=rng).image

        def with_share(share: float) -> Settings:
            mixed = replace(settings.restoration, network=replace(config, share=share))
            return replace(settings, restoration=mixed)

        def quality(image: torch.Tensor) -> float:
            inner = slice(RIM * scale, -RIM * scale)
            return score(rounded(image[:, inner, inner]), truth[:, inner, inner], scale).psnr_y  # noqa: B023

        misfit = worst_misfit(part, kernels[scale], config)
        noise = noise_variance(part, Powers.of(part, limits), limits)
        level = TrainedNetwork(config).level(noise, doubt_of_kernel(misfit, noise, config))
        before, without, alone = bicubic_upscale(part, scale), run(plain), run(with_share(1.0))
        blend = torch.lerp(without, alone, config.share)
        bicubic, own = quality(before), quality(without)
        gains = [quality(image) - own for image in (alone, blend, (alone + without) / 2)]
        levels = (PEAK[8] * misfit**0.5, PEAK[8] * level)
        yield Row(item.name, scale, *levels, bicubic, own - bicubic, *gains)


@click.command(help=__doc__)
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--network", type=click.Path(path_type=Path), required=True, help="Weights of a USRNet.")
@click.option("--scale", type=click.Choice(["2", "4"]), default="2", show_default=True)
@click.option("--side", default=512, show_default=True, help="HR pixels that are scored.")
@click.option("--preset", default="default", show_default=True, help="Whose untrained result.")
@click.option("--limit", type=int, help="Only the first so many images.")
def main(data: Path, network: Path, scale: str, side: int, preset: str, limit: int | None) -> None:
    """The command."""
    torch.set_num_threads(1)
    config, writer = NetworkConfig.of(network), csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEAD)
    for row in rows(
        load(data, int(scale), limit=limit), int(scale), settings_of_preset(preset), config, side
    ):
        figures = [f"{x:.2f}" if isinstance(x, float) else x for x in vars(row).values()]
        writer.writerow(figures)


if __name__ == "__main__":
    main()
