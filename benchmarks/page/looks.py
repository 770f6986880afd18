"""What there is to see of an image: the same crop by every method, and the kernels; files beside the page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image

from benchmarks.data.load import Item, load, read_pair
from benchmarks.kernel_store import TRUE
from benchmarks.reports.crops import eventful
from benchmarks.reports.kernels import finders, read_kernels
from benchmarks.reports.results import Chosen
from blindsr.io import atomic
from blindsr.io.kernel_files import picture
from blindsr.io.photo import Photo, read_photo
from blindsr.report.pixels import exact, shown
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale

SIDE: Final = 192
"""HR pixels a side of a crop."""
CELL: Final = 8
"""Pixels a side of a kernel's cell."""
ORIGINAL: Final = "original"
UNSAFE: Final = re.compile(r"[^\w+.-]", re.ASCII)
"""What a file's name, and a part of an address, may not hold."""


@dataclass(frozen=True)
class Look:
    """Addresses of files, relative to the page: crops of (width, height) pixels by method, the original
    last; kernels by method, the true one first."""

    size: tuple[int, int] = (0, 0)
    crops: Mapping[str, str] = field(default_factory=dict)
    kernels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    """Where files go: ``folder`` beside the page, and where images come from: data sets by name, and the
    folder that 'run --keep' filled."""

    folder: Path
    sets: Mapping[str, Path]
    kept: Path | None

    def looks(self, results: Chosen, scale: int, images: Sequence[str]) -> dict[str, Look]:
        """A look at each image, as far as its files are there."""
        items = self._items(results.dataset, scale)
        kernels = read_kernels(results, images, scale)
        names = [TRUE, *finders(results)]
        found = {}
        for image in images:
            place = Path(f"{results.dataset}_x{scale}") / image
            size, crops = self._crops(results, items[image], place) if image in items else ((0, 0), {})
            own = {}
            for name in names:
                if (image, name) in kernels:
                    buffer = BytesIO()
                    Image.fromarray(picture(kernels[image, name], CELL)).save(buffer, format="PNG")
                    own[name] = self._lay(place / f"kernel-{name}.png", buffer.getvalue())
            found[image] = Look(size, crops, own)
        return found

    def _items(self, dataset: str, scale: int) -> dict[str, Item]:
        """The images of the data set, where it is at hand at this scale."""
        if dataset not in self.sets:
            return {}
        try:
            return {item.name: item for item in load(self.sets[dataset], scale).items}
        except InputError:
            return {}

    def _crops(self, results: Chosen, item: Item, place: Path) -> tuple[tuple[int, int], dict[str, str]]:
        lr, gt = read_pair(item)
        y, x = eventful(gt, min(SIDE, *gt.shape[1:]))
        laid = {}
        for name in results.methods:
            whole = self._made(results.dataset, name, item, lr)
            if whole is not None and whole.shape[1:] == gt.shape[1:]:
                laid[name] = self._picture(place / f"{name}.webp", whole[:, y, x])
        laid[ORIGINAL] = self._picture(place / f"{ORIGINAL}.webp", gt[:, y, x])
        return (x.stop - x.start, y.stop - y.start), laid

    def _made(self, dataset: str, method: str, item: Item, lr: torch.Tensor) -> torch.Tensor | None:
        """What a method made of an image in the first run, (C, H, W), where it was kept."""
        if method == "bicubic":
            return bicubic_upscale(lr, item.scale).clamp(0, 1)
        if self.kept is None:
            return None
        path = self.kept / f"{dataset}_x{item.scale}" / method / "run_1" / f"{item.name}.png"
        return read_photo(path).image if path.is_file() else None

    def _picture(self, place: Path, image: torch.Tensor) -> str:
        return self._lay(place, exact(np.ascontiguousarray(shown(Photo(image)))))

    def _lay(self, place: Path, data: bytes) -> str:
        path = self.folder.joinpath(*(UNSAFE.sub("_", part) for part in place.parts))
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, data)
        return path.relative_to(self.folder.parent).as_posix()
