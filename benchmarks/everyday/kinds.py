"""The kinds of everyday picture, each made from a large photograph.

LR and the truth are both shrunk from one large photograph by one program's filter, as a web site makes its
sizes; then LR alone is changed as the kind says.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from benchmarks.everyday import operations as op
from benchmarks.everyday.letters import write_over
from benchmarks.everyday.operations import Pixels
from srbase.errors import InputError

Change = Callable[[Pixels, np.random.Generator], Pixels]

LARGE: Final = 1000
"""Pixels of the longer side from which a photograph is shrunk by `FACTOR_LARGE` to be the truth."""
FACTOR_LARGE: Final = 1.9
FACTOR_SMALL: Final = 1.28
"""The truth is smaller than the photograph by one of these: no whole numbers, as a web site's sizes."""
MOST: Final[Mapping[float, tuple[int, int]]] = {1.5: (272, 368), 2: (272, 368), 3: (224, 304), 4: (176, 240)}
"""LR rows and columns that are used, the central ones, by scale."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind is made.

    shrink: the filter that makes both sizes. shrink_lr: another that makes LR. earlier_factor: LR was shrunk
    by this factor more and enlarged again. change: what happens to LR afterwards. turned: degrees by which
    the photograph is rotated before. lettered: whether lines of letters are written over it before.
    """

    shrink: str = "lanczos"
    shrink_lr: str | None = None
    earlier_factor: float = 1.0
    change: tuple[Change, ...] = ()
    turned: float = 0.0
    lettered: bool = False


@dataclass(frozen=True, eq=False)
class Pair:
    """LR (h, w, 3) and the truth (s*h, s*w, 3), 8 bits."""

    lr: Pixels
    hr: Pixels


def _jpeg(pixels: Pixels, _: np.random.Generator, *, quality: int, halved: bool = True) -> Pixels:
    return op.jpeg(pixels, quality, halved=halved)


def _webp(pixels: Pixels, _: np.random.Generator, *, quality: int) -> Pixels:
    return op.webp(pixels, quality)


def _unsharp(pixels: Pixels, _: np.random.Generator, *, radius: float, percent: int) -> Pixels:
    return op.unsharp(pixels, radius, percent)


def _grain(pixels: Pixels, rng: np.random.Generator, *, deviation: float, size: float = 0.0) -> Pixels:
    return op.grain(pixels, deviation, size, rng)


def _video(pixels: Pixels, _: np.random.Generator) -> Pixels:
    return op.video_frame(pixels)


def _twice(pixels: Pixels, _: np.random.Generator) -> Pixels:
    first = op.jpeg(np.pad(pixels, ((3, 0), (5, 0), (0, 0)), mode="edge"), 85)[3:, 5:]
    return op.jpeg(np.ascontiguousarray(first), 92)


def _camera(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    mosaic = op.bayer(op.grain(op.blur(pixels, 0.55), 1.5, 0.0, rng))
    return op.jpeg(op.unsharp(mosaic, 1.0, 60), 93)


def _denoised(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return op.unsharp(op.median(op.grain(pixels, 5.0, 0.5, rng)), 0.8, 80)


def _made() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for name in ("lanczos", "bicubic", "box"):
        kinds[f"{name} PNG"] = Kind(shrink=name)
        for quality in (78, 88, 95):
            stored = partial(_jpeg, quality=quality)
            kinds[f"{name} JPEG {quality}"] = Kind(shrink=name, change=(stored,))
    fine = partial(_jpeg, quality=90, halved=False)
    kinds["JPEG 90, full colour"] = Kind(change=(fine,))
    kinds["WebP 85"] = Kind(change=(partial(_webp, quality=85),))
    usual = partial(_jpeg, quality=88)
    for words, radius, percent in (("a little", 0.6, 80), ("strongly", 1.0, 100)):
        mask = partial(_unsharp, radius=radius, percent=percent)
        kinds[f"sharpened {words}, PNG"] = Kind(change=(mask,))
        kinds[f"sharpened {words}, JPEG 88"] = Kind(change=(mask, usual))
    for factor in (1.3, 1.5, 2.0):
        kinds[f"enlarged before by {factor:g}"] = Kind(shrink="bicubic", earlier_factor=factor)
    stored = partial(_jpeg, quality=90)
    kinds["enlarged before by 1.5, JPEG 90"] = Kind(shrink="bicubic", earlier_factor=1.5, change=(stored,))
    kinds["turned by 1.3 degrees"] = Kind(turned=1.3)
    kinds["grain 9, white"] = Kind(change=(partial(_grain, deviation=9.0),))
    kinds["grain 9 of 0.8 px"] = Kind(change=(partial(_grain, deviation=9.0, size=0.8),))
    noisy = partial(_grain, deviation=8.0)
    kinds["noise 8, JPEG 92"] = Kind(change=(noisy, partial(_jpeg, quality=92)))
    kinds["video frame"] = Kind(change=(_video,))
    kinds["stored twice as JPEG"] = Kind(change=(_twice,))
    kinds["simulated camera, JPEG 93"] = Kind(change=(_camera,))
    kinds["nearest neighbour, PNG"] = Kind(shrink_lr="nearest")
    kinds["bilinear of a fixed width, PNG"] = Kind(shrink_lr="cv-linear")
    kinds["letters over it, PNG"] = Kind(lettered=True)
    kinds["letters over it, JPEG 80"] = Kind(lettered=True, change=(partial(_jpeg, quality=80),))
    kinds["denoised by a median, JPEG 90"] = Kind(change=(_denoised, partial(_jpeg, quality=90)))
    return kinds


KINDS: Final[Mapping[str, Kind]] = _made()
"""By name, in the order of the table."""


def make_pair(photograph: Pixels, name: str, scale: float, *, seed: int = 0) -> Pair:
    """One kind of LR picture and its truth from a large photograph.

    Args:
        photograph: (H, W, 3), 8 bits.
        name: of the kind, one of `KINDS`.
        scale: from LR to the truth, one of `MOST`.
        seed: of what is random in the kind.

    Returns:
        LR of at most `MOST` rows and columns, and the truth.

    Raises:
        InputError: where the kind is unknown or the photograph is too small.
    """
    if name not in KINDS:
        raise InputError(f"kind '{name}' is unknown; wanted one of {', '.join(KINDS)}")
    kind = KINDS[name]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if kind.turned:
        photograph = op.rotate(photograph, kind.turned)
    if kind.lettered:
        photograph = write_over(photograph, rng)
    factor = FACTOR_LARGE if max(photograph.shape[:2]) >= LARGE else FACTOR_SMALL
    step = 1 if float(scale).is_integer() else 2  # x1.5 of an even number of pixels is whole
    lr_size = _times(photograph.shape[:2], 1 / (factor * scale * step), step)
    if min(lr_size) < 64:
        raise InputError(
            f"photograph is {photograph.shape[1]}x{photograph.shape[0]}; wanted at least "
            f"{int(64 * factor * scale)} pixels a side"
        )
    hr_size = (int(scale * lr_size[0]), int(scale * lr_size[1]))
    # exact geometry: the part of the photograph that is a whole multiple of neither size is kept as it is
    hr = op.resize(photograph, hr_size, kind.shrink)
    if kind.earlier_factor > 1:
        smaller = op.resize(photograph, _times(lr_size, 1 / kind.earlier_factor), kind.shrink)
        lr = op.resize(smaller, lr_size, kind.shrink)
    else:
        lr = op.resize(photograph, lr_size, kind.shrink_lr or kind.shrink)
    top, left = (max(0, (n - m) // 2) // step * step for n, m in zip(lr_size, MOST[scale], strict=True))
    lr = np.ascontiguousarray(lr[top : top + MOST[scale][0], left : left + MOST[scale][1]])
    for change in kind.change:
        lr = change(lr, rng)
    h, w = lr.shape[:2]
    rows, columns = (slice(int(scale * a), int(scale * (a + n))) for a, n in ((top, h), (left, w)))
    return Pair(lr, hr[rows, columns])


def _times(size: tuple[int, ...], factor: float, step: int = 1) -> tuple[int, int]:
    """A size times a factor and ``step``, in whole steps."""
    return max(1, round(size[0] * factor)) * step, max(1, round(size[1] * factor)) * step
