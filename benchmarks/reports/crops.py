"""The same part of a photograph as every method made it, side by side, for a person to judge."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch.nn import functional as F

from benchmarks.data.load import Item, load, read_pair
from benchmarks.reports.figure import drawn
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from srbase.imaging.metrics import score
from srbase.imaging.resample import bicubic_upscale

SIDE: Final = 96
"""HR pixels a side of what is shown."""
EVENTFUL: Final = 0.9
"""Of the places of the photograph, by the energy of their gradient, the one at this quantile is shown:
eventful, and not the single wildest."""


def write(data: Path, kept: Path, methods: Sequence[str], scale: int, out: Path, limit: int | None) -> Path:
    """``crops-DATASET-xS.png``: a row for each image, a column for each method, then the original.

    kept: the folder that 'run --keep' filled. Images that some method lacks are left out; raises
    InputError where none remains.
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; wanted at least 1")
    found = load(data, scale)
    folders = {
        name: kept / f"{found.name}_x{scale}" / name / "run_1" for name in methods if name != "bicubic"
    }
    items = [i for i in found.items if all((f / f"{i.name}.png").is_file() for f in folders.values())]
    if not items:
        raise InputError(f"{kept} has no image of {found.name} x{scale} by all of {', '.join(folders)}")
    items = items[:limit]
    names = [*methods, "original"]
    path = out / f"crops-{found.name}-x{scale}.png"
    with drawn(path, (1.9 * len(names), 2.1 * len(items))) as figure:
        grid = figure.subplots(len(items), len(names), squeeze=False)
        for line, item in zip(grid, items, strict=True):
            for axes, (name, part, words) in zip(line, _parts(item, folders, methods), strict=True):
                axes.imshow(part.permute(1, 2, 0).expand(-1, -1, 3).numpy(), interpolation="nearest")
                axes.set_xticks([])
                axes.set_yticks([])
                axes.set_title(f"{name}  {words}", fontsize=7, pad=2)
    return path


def _parts(
    item: Item, folders: dict[str, Path], methods: Sequence[str]
) -> list[tuple[str, torch.Tensor, str]]:
    """Name, the part (C, n, n) in 0..1, and dB of the whole image; the original last."""
    lr, gt = read_pair(item)
    y, x = eventful(gt, min(SIDE, *gt.shape[1:]))
    parts = []
    for name in methods:
        made = read_photo(folders[name] / f"{item.name}.png").image if name in folders else None
        whole = bicubic_upscale(lr, item.scale).clamp(0, 1) if made is None else made
        parts.append((name, whole[:, y, x], f"{score(whole, gt, item.scale).psnr_y:.2f} dB"))
    return [*parts, (f"{item.name} original", gt[:, y, x], "")]


def eventful(image: torch.Tensor, side: int) -> tuple[slice, slice]:
    """Rows and columns of the square whose gradient energy lies at the quantile EVENTFUL."""
    gray = image.mean(dim=0)
    energy = gray.diff(dim=0)[:, 1:].square() + gray.diff(dim=1)[1:].square()
    means = F.avg_pool2d(energy[None, None], side - 1, stride=max(1, side // 4))[0, 0]
    order = means.flatten().argsort()
    place = int(order[int(EVENTFUL * (len(order) - 1))])
    y, x = (max(1, side // 4) * p for p in divmod(place, means.shape[1]))
    return slice(y, y + side), slice(x, x + side)
