"""Making a data set from HR photographs by a protocol (:mod:`benchmarks.data.protocols`).

The same seed gives the same pixels and kernels on any machine: every image draws from its own
generator, kernels are rounded to 12 decimals, and the shrinking is done in float64.
"""

import csv
import hashlib
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import io as scipy_io

from benchmarks.data import layout
from benchmarks.data.protocols import Protocol, protocol
from blindsr.io.atomic import written
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from srbase.imaging.pixels import quantise
from srbase.kernels.kernel import SRKernel

KERNEL_DECIMALS = 12
"""Rounding that hides the last bits, where mathematics libraries differ, and moves no LR pixel."""
SMALLEST_LR = 32
"""Pixels a side: less leaves SSIM's window hardly any room after the shave."""
_MAT_TEXT = b"MATLAB 5.0 MAT-file, blindsr benchmarks".ljust(116)
COLUMNS = (
    *("image", "source", "scale", "protocol", "seed", "variance_1", "variance_2", "angle"),
    *("amount", "radius", "kernel_sum", "kernel_size"),
    *("gt_width", "gt_height", "lr_width", "lr_height", "gt_sha256", "lr_sha256", "kernel_sha256"),
)


@dataclass(frozen=True, kw_only=True)
class MakeConfig:
    """What a data set is made by."""

    scales: tuple[int, ...] = (2, 4)
    seed: int = 0
    protocol: str = "div2krk"

    def __post_init__(self) -> None:
        protocol(self.protocol)


@dataclass(frozen=True)
class Source:
    """One HR image: its number, where it comes from, and how to get its (C, H, W) in 0..1."""

    number: int
    name: str
    read: Callable[[], torch.Tensor]


def from_folder(folder: Path, limit: int | None = None) -> list[Source]:
    """The images of a folder (of a data set: its ``gt``), numbered by their names where those say."""
    paths = layout.images_in(folder / "gt" if (folder / "gt").is_dir() else folder)
    numbers = [layout.number_of(path.stem) for path in paths]
    if None in numbers or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(paths) + 1))
    pairs = sorted(zip((n for n in numbers if n is not None), paths, strict=True))[:limit]
    return [Source(n, path.name, partial(_read, path)) for n, path in pairs]


def _read(path: Path) -> torch.Tensor:
    return read_photo(path).image


def make(sources: Sequence[Source], out: Path, config: MakeConfig) -> Iterator[str]:
    """Write the data set into a new folder, yielding each image's name when it is done.

    The folder appears whole or not at all. The hashes in ``manifest.csv`` are of pixels and kernel
    values, not of files, so that they do not depend on the PNG encoder. Raises InputError.
    """
    if not sources:
        raise InputError("no HR image is given; wanted at least one")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} exists and is not an empty folder; wanted a new one")
    partial_out = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial_out, ignore_errors=True)
    try:
        yield from _make(sources, partial_out, config)
        if out.exists():
            out.rmdir()
        partial_out.rename(out)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial_out, ignore_errors=True)


def _make(sources: Sequence[Source], out: Path, config: MakeConfig) -> Iterator[str]:
    rows: list[dict[str, object]] = []
    for source in sources:
        image = source.read().to(torch.float64)
        image = torch.round(image * 255) / 255
        smallest = SMALLEST_LR * max(config.scales)
        if min(image.shape[1:]) < smallest:
            size = f"{image.shape[2]}x{image.shape[1]}"
            raise InputError(f"{source.name} is {size}; wanted at least {smallest}x{smallest}")
        made_by, key = protocol(config.protocol), [config.seed, source.number]
        kernels, totals, numbers = _kernels(made_by, np.random.default_rng(key))
        gt_hash = _write_image(layout.gt_path(out, source.number), image)
        for scale in config.scales:
            rng = np.random.default_rng([*key, scale])
            lr = made_by.shrink(image, kernels[scale], rng, totals[scale])
            rows.append(
                {
                    "image": f"im_{source.number}",
                    "source": source.name,
                    "scale": scale,
                    "protocol": config.protocol,
                    "seed": config.seed,
                    **numbers,
                    "kernel_size": kernels[scale].shape[0],
                    "gt_width": image.shape[2],
                    "gt_height": image.shape[1],
                    "lr_width": lr.shape[2],
                    "lr_height": lr.shape[1],
                    "gt_sha256": gt_hash,
                    "lr_sha256": _write_image(layout.lr_path(out, source.number, scale), lr),
                    "kernel_sha256": _write_kernel(
                        layout.kernel_path(out, source.number, scale), kernels[scale]
                    ),
                }
            )
        yield source.name
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with written(out / layout.MANIFEST) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")


def _kernels(
    made_by: Protocol, rng: np.random.Generator
) -> tuple[dict[int, SRKernel], dict[int, float], dict[str, str]]:
    """The kernels and their sums by scale, rounded, and the numbers that the x2 one was drawn with."""
    drawn = made_by.draw(rng)
    two = SRKernel(np.round(drawn.kernel.array, KERNEL_DECIMALS), 2)
    four = made_by.four(replace(drawn, kernel=two))
    kernels = {2: two, 4: SRKernel(np.round(four.array, KERNEL_DECIMALS), 4)}
    totals = {2: float(np.round(drawn.total, KERNEL_DECIMALS)), 4: 1.0}
    return kernels, totals, {name: f"{value:.6f}" for name, value in drawn.numbers.items()}


def _write_image(path: Path, image: torch.Tensor) -> str:
    pixels = quantise(image, 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG")
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def _write_kernel(path: Path, kernel: SRKernel) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as temporary:
        scipy_io.savemat(temporary, {"Kernel": kernel.array})
        with temporary.open("r+b") as file:
            file.write(_MAT_TEXT)  # the header that would tell the time of day
    return hashlib.sha256(np.round(kernel.array, KERNEL_DECIMALS).tobytes()).hexdigest()
