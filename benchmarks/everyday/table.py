"""Rows of the everyday pictures, and the table of a method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from benchmarks.data.layout import images_in
from benchmarks.everyday.anchor import anchors, tensor
from benchmarks.everyday.drawings import DRAWINGS, draw_pair
from benchmarks.everyday.kinds import KINDS, Pair, make_pair
from blindsr.io.photo import read_photo
from blindsr.restoration.filter_bank import local_range
from srbase.imaging.colour import TO_YCC, to_luma
from srbase.imaging.metrics import luma, psnr, shave
from srbase.imaging.pixels import levels, quantise
from srbase.imaging.resample import bicubic_upscale, nearest, resize
from srbase.kernels.kernel import SCALES

Upscale = Callable[[torch.Tensor, float], torch.Tensor]
"""LR (3, h, w) of 8 bits in 0..1 and the scale to SR (3, s*h, s*w) in 0..1."""

LOSS: Final = -0.3
"""dB under which a picture counts as lost."""
OUTSIDE: Final = 10 / 255
"""Beyond the local range: a rim or a speck that can be seen."""
BORDER: Final = 2
"""LR pixels shaved off each border before scoring."""


@dataclass(frozen=True)
class Row:
    """One picture by one method: PSNR-Y of bicubic interpolation and of the method, dB.

    outside: percent of the result's pixels whose luma lies more than `OUTSIDE` beyond the range of the 3x3 LR
    pixels around.
    """

    kind: str
    picture: str
    method: str
    scale: float
    bicubic: float
    psnr: float
    outside: float

    @property
    def gain(self) -> float:
        """DB over bicubic interpolation."""
        return self.psnr - self.bicubic


def photographs(folder: Path, limit: int | None = None) -> dict[str, np.ndarray]:
    """The photographs of a folder by name, (H, W, 3) of 8 bits, in natural order."""
    found = {}
    for path in images_in(folder)[:limit]:
        image = read_photo(path).image.expand(3, -1, -1)
        found[path.stem] = quantise(image, 8)
    return found


def score(sr: torch.Tensor, truth: torch.Tensor, scale: float) -> float:
    """PSNR-Y of (3, H, W) in 0..1, stored with 8 bits, a rim of the scale times `BORDER` shaved; dB."""
    ours, known = (shave(np.asarray(levels(x).numpy()), int(BORDER * scale)) for x in (sr.cpu(), truth))
    return psnr(luma(ours), luma(known))


def outside(sr: torch.Tensor, lr: torch.Tensor) -> float:
    """Percent of the pixels (3, s*h, s*w) whose luma lies `OUTSIDE` beyond the local range of (3, h, w)."""
    large, small = to_luma(sr.cpu()), to_luma(lr)
    low, high = (nearest(bound, (large.shape[-2], large.shape[-1])) for bound in local_range(small, 1))
    return 100 * float(((large < low - OUTSIDE) | (large > high + OUTSIDE)).float().mean())


def rows(
    pictures: Mapping[str, np.ndarray],
    methods: Mapping[str, Upscale],
    scale: float,
    *,
    kinds: Iterable[str] = KINDS,
    anchor: bool = True,
) -> Iterator[Row]:
    """Rows of every kind of photograph, method and picture; at x2 and x4 of `ANCHOR` too."""
    for kind in kinds:
        pairs = {name: make_pair(pixels, kind, scale) for name, pixels in pictures.items()}
        yield from _of_pairs(kind, pairs, methods, scale)
        if anchor and len(pairs) > 1 and scale in SCALES:
            whole = int(scale)
            for (name, pair), large in zip(pairs.items(), anchors(list(pairs.values()), whole), strict=True):
                yield _anchor_row(kind, name, pair, large, whole)


def drawing_rows(methods: Mapping[str, Upscale], scale: float, *, seeds: int = 3) -> Iterator[Row]:
    """Rows of what is drawn by code, as PNG and as JPEG of quality 88 (no anchor)."""
    for name in DRAWINGS:
        for quality in (None, 88):
            kind = name if quality is None else f"{name}, JPEG {quality}"
            pairs = {str(seed): draw_pair(name, scale, quality=quality, seed=seed) for seed in range(seeds)}
            yield from _of_pairs(kind, pairs, methods, scale)


def _of_pairs(
    kind: str, pairs: Mapping[str, Pair], methods: Mapping[str, Upscale], scale: float
) -> Iterator[Row]:
    for name, pair in pairs.items():
        lr, truth = tensor(pair.lr), tensor(pair.hr)
        base = score(resize(lr, (truth.shape[-2], truth.shape[-1])).clamp(0, 1), truth, scale)
        for words, method in methods.items():
            made = method(lr, scale)
            yield Row(kind, name, words, scale, base, score(made, truth, scale), outside(made, lr))


def _anchor_row(kind: str, name: str, pair: Pair, large: torch.Tensor, scale: int) -> Row:
    """Colours as bicubic interpolation has them, luma by the filter of the kind."""
    lr, truth = tensor(pair.lr), tensor(pair.hr)
    base = bicubic_upscale(lr, scale)
    own = (TO_YCC[0].to(base)[:, None, None] * base).sum(dim=0, keepdim=True)
    made = (base + large - own).clamp(0, 1)
    before = score(base.clamp(0, 1), truth, scale)
    return Row(kind, name, ANCHOR, scale, before, score(made, truth, scale), outside(made, lr))


ANCHOR: Final = "linear filter of the kind"


def markdown(found: Sequence[Row]) -> str:
    """The table: for each kind and method mean, worst, share better, share under `LOSS`, pixels outside."""
    methods = list(dict.fromkeys(row.method for row in found))
    head = "| kind | pictures | " + " | ".join(methods) + " |"
    lines = [head, "|---" * (len(methods) + 2) + "|"]
    for kind in dict.fromkeys(row.kind for row in found):
        cells = []
        for method in methods:
            cells.append(_cell([row for row in found if (row.kind, row.method) == (kind, method)]))
        number = len({row.picture for row in found if row.kind == kind})
        lines.append(f"| {kind} | {number} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: Sequence[Row]) -> str:
    if not found:
        return ""
    gains, beyond = (np.array([getattr(row, name) for row in found]) for name in ("gain", "outside"))
    better, lost = 100 * (gains > 0).mean(), 100 * (gains < LOSS).mean()
    return (
        f"{gains.mean():+.2f}, worst {gains.min():+.2f}, better {better:.0f} %, lost {lost:.0f} %, "
        f"outside {beyond.mean():.1f} %"
    )
