"""What `instant` gains on LR that a program's own filter made (docs/everyday.md).

python -m development.filters PHOTOGRAPHS [--scale 4]

PSNR-Y over bicubic interpolation, blind, by the filters of Pillow's resize. Photographs' central parts.
"""

from pathlib import Path
from typing import Final

import click
import numpy as np
import torch
from PIL import Image

from benchmarks.data.layout import images_in
from blindsr.configuration import PRESETS
from blindsr.io.photo import read_photo
from blindsr.pipeline import upscale
from development.pairs import photographs, table
from srbase.imaging.image import central
from srbase.imaging.metrics import score
from srbase.imaging.pixels import quantise, to_tensors
from srbase.imaging.resample import bicubic_upscale

FILTERS: Final = ("LANCZOS", "BICUBIC", "BILINEAR", "HAMMING", "BOX")
SIDE: Final = 768
"""HR pixels a side that are used, the central ones."""


def shrunk(hr: torch.Tensor, scale: int, name: str) -> torch.Tensor:
    """(C, H, W) in 0..1 made small by a filter of Pillow, in 8 bits."""
    picture = Image.fromarray(quantise(hr, 8))
    size = (picture.width // scale, picture.height // scale)
    small, _ = to_tensors(np.asarray(picture.resize(size, Image.Resampling[name])))
    return small


@click.command(help=__doc__)
@photographs
@click.option("--scale", type=click.Choice([2, 4]), default=2, show_default=True)
def main(hr: Path, limit: int | None, scale: int) -> None:
    """The command."""
    names: list[str] = []
    rows: dict[str, list[float]] = {}
    for path in images_in(hr)[:limit]:
        large = central(read_photo(path).image, SIDE, multiple=scale)
        names.append(path.stem)
        for name in FILTERS:
            small = shrunk(large, scale, name)
            sr = upscale(small, scale, settings=PRESETS["instant"], device="cpu").image
            plain = bicubic_upscale(small, scale).clamp(0, 1)
            gain = score(sr, large, scale).psnr_y - score(plain, large, scale).psnr_y
            rows.setdefault(name.lower(), []).append(gain)
        click.echo(path.stem, err=True)
    means = {name: [*values, min(values), sum(values) / len(values)] for name, values in rows.items()}
    click.echo(table([*names, "least", "mean"], means))


if __name__ == "__main__":
    main()
