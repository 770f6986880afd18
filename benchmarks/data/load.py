"""Reading a data set: ours, the real DIV2KRK, or pairs that a camera took."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.data.layout import by_number, by_stem, images_in, listed, numbered
from blindsr.io.kernel_files import read_kernel
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from srbase.kernels.kernel import SCALES, SRKernel


@dataclass(frozen=True)
class Item:
    """One image of a data set at one scale; ``kernels`` are the files of true kernels by scale.

    ``name`` is what the CSV calls it: ``im_7``, or the stem where files hold no single number.
    """

    name: str
    scale: int
    lr: Path
    gt: Path
    kernels: Mapping[int, Path]
    turned: bool = False  # the stored kernels are turned by 180 degrees


@dataclass(frozen=True)
class DataSet:
    """A data set of one scale."""

    name: str
    items: tuple[Item, ...]


def load(root: Path, scale: int, *, limit: int | None = None, turned: bool = False) -> DataSet:
    """Find a data set's images, paired by number, else by stem. No image is decoded yet.

    Numbers pair where each file has one of its own; elsewhere (``Canon_001_LR4.png``) the stem does, without
    what tells the role. Folders of kernels may be absent. Raises InputError where a folder of images is
    missing or empty, or images have no partner (named).
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted one of {', '.join(map(str, SCALES))}")
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; wanted a data set (see make-dataset)")
    folders = [images_in(root / "gt"), images_in(root / f"lr_x{scale}")]
    named = _by_number if all(map(numbered, folders)) else by_stem
    gts, lrs = map(named, folders)
    lonely = [gts[n].name for n in gts.keys() - lrs.keys()] + [lrs[n].name for n in lrs.keys() - gts.keys()]
    if lonely:
        raise InputError(f"{root} has images without a partner at x{scale}: {listed(sorted(lonely))}")
    kernels = {s: _kernels(root / f"gt_k_x{s}", lrs, named) for s in SCALES if s <= scale}
    return DataSet(
        root.resolve().name,
        tuple(
            Item(n, scale, lrs[n], gts[n], {s: k[n] for s, k in kernels.items() if n in k}, turned)
            for n in list(gts)[:limit]
        ),
    )


def read_pair(item: Item) -> tuple[torch.Tensor, torch.Tensor]:
    """LR (C, h, w) and GT (C, s*h, s*w), float32 in 0..1; alpha is dropped, odd sizes are cropped.

    A gray image beside a colour one is widened to three channels. Raises InputError where the sizes
    differ by more than the scale explains.
    """
    lr, gt = read_photo(item.lr).image, read_photo(item.gt).image
    s = item.scale
    for got, full in zip(lr.shape[1:], gt.shape[1:], strict=True):
        if abs(full - s * got) >= s:
            raise InputError(
                f"{item.gt.name} is {gt.shape[2]}x{gt.shape[1]} and {item.lr.name} is "
                f"{lr.shape[2]}x{lr.shape[1]}; wanted {s} times as much"
            )
    height, width = (min(a, b // s) for a, b in zip(lr.shape[1:], gt.shape[1:], strict=True))
    channels = max(lr.shape[0], gt.shape[0])
    lr, gt = lr.expand(channels, -1, -1), gt.expand(channels, -1, -1)
    return lr[:, :height, :width].contiguous(), gt[:, : s * height, : s * width].contiguous()


def read_true_kernels(item: Item) -> dict[int, SRKernel]:
    """The true kernels by scale, centred; empty where the data set has none."""
    kernels = {scale: read_kernel(path, scale) for scale, path in item.kernels.items()}
    if not item.turned:
        return kernels
    return {scale: SRKernel(np.rot90(k.array, 2), scale).centred() for scale, k in kernels.items()}


Naming = Callable[[Iterable[Path]], dict[str, Path]]


def _by_number(paths: Iterable[Path]) -> dict[str, Path]:
    return {f"im_{number}": path for number, path in by_number(paths).items()}


def _kernels(folder: Path, lrs: Mapping[str, Path], named: Naming) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    found = named(path for path in folder.iterdir() if path.suffix == ".mat")
    missing = [lrs[n].name for n in lrs if n not in found]
    if found and missing:
        raise InputError(f"{folder} has no kernel for {listed(missing)}")
    return found
