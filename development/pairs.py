"""Photographs with known kernels, and what a kernel found for them is worth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch

from benchmarks.data.layout import images_in
from blindsr.io.photo import read_photo
from srbase.imaging import metrics
from srbase.imaging.image import central
from srbase.imaging.pixels import rounded
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

SIDE: Final = 1024
"""HR pixels of a photograph that are used, the central ones."""
JUDGED: Final = 384
"""HR pixels a side, the central ones, on which results are compared."""
RIM: Final = 64
"""HR pixels around them that are made too."""


@dataclass(frozen=True, eq=False)
class Known:
    """A photograph (3, H, W) in 0..1, the kernel drawn for it, and the LR image that both give, of 8 bits."""

    name: str
    hr: torch.Tensor
    kernel: SRKernel
    lr: torch.Tensor


def known(folder: Path, *, scale: int = 2, limit: int | None = None, first: int = 1) -> Iterator[Known]:
    """The photographs of a folder in natural order, each with a kernel of the DIV2KRK protocol.

    The n-th draws its kernel from seed ``first + n - 1``.
    """
    for seed, path in enumerate(images_in(folder)[:limit], first):
        hr = central(read_photo(path).image, SIDE, multiple=scale)
        hr = hr.expand(3, -1, -1)
        kernel = random_kernel(np.random.default_rng(seed), scale).kernel
        yield Known(path.stem, hr, kernel, rounded(downscale(hr, kernel).clamp(0, 1)))


def psnr(pair: Known, upscale: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """PSNR-Y of the central pixels as ``upscale`` makes them: (3, h, w) to (3, s*h, s*w)."""
    scale = pair.kernel.scale
    part = central(pair.lr, (JUDGED + 2 * RIM) // scale)
    result = upscale(part).clamp(0, 1)
    truth = central(pair.hr, SIDE, multiple=scale)
    top, left = (scale * ((n - m) // 2) for n, m in zip(pair.lr.shape[1:], part.shape[1:], strict=True))
    truth = truth[:, top : top + result.shape[1], left : left + result.shape[2]]
    return metrics.score(central(result, JUDGED), central(truth, JUDGED), scale).psnr_y


def photographs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument HR and the option ``--limit``, which the scripts share."""
    command = click.option("--limit", type=click.IntRange(min=1), help="Only the first so many.")(command)
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.argument("hr", type=folder)(command)


def table(columns: list[str], rows: dict[str, list[float]], decimals: int = 2) -> str:
    """Markdown; the first column holds the names of the rows."""
    lines = ["| " + " | ".join(["", *columns]) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(f"{value:.{decimals}f}" for value in values) + " |"
        for name, values in rows.items()
    ]
    return "\n".join(lines)
