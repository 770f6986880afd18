"""Learn again what everyday pictures need: docs/everyday.md.

python -m development.everyday_filter PHOTOGRAPHS --pairs SET --pairs SET [--scale 2] --cache FOLDER

PHOTOGRAPHS: large ones, from which pictures of every kind and random ones are made. SET: real pairs (``gt``,
``lr_x2`` or ``lr_x4``), as cameras took them; at x2, sets of x4 are used with their truth at half the size.
The numbers go to ``blindsr/restoration/assets``; first, a table of what they gain on photographs that they
have not seen, by folds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import numpy as np
import numpy.typing as npt
import torch

from benchmarks.data.layout import images_in
from benchmarks.data.load import load, read_pair
from benchmarks.everyday import operations as op
from benchmarks.everyday.drawings import DRAWINGS
from benchmarks.everyday.drawings import LR as LR_OF_DRAWINGS
from benchmarks.everyday.kinds import FACTOR_SMALL, KINDS, make_pair
from benchmarks.everyday.operations import Pixels
from blindsr.io import atomic
from blindsr.io.photo import read_photo
from blindsr.restoration import expected_loss
from blindsr.restoration.config import ExpectedLossConfig
from development.everyday_degradations import MORE, by_kernel, draw, draw_more, part_of, soft_part, weight
from development.everyday_learning import LearningConfig, Trained, folds, gains, grouped, learn
from development.everyday_statistics import Statistics, statistics
from srbase.errors import InputError
from srbase.imaging.image import central
from srbase.imaging.pixels import quantise
from srbase.kernels.random_kernels import random_kernel

Array = npt.NDArray[np.float64]

PAIR_WEIGHT: Final = 2.0
STORED_WEIGHT: Final = 0.7
"""How often a real pair counts beside one that was stored as JPEG besides."""
PAIRS_SHARE: Final = 0.16
"""Of all weight, what real pairs have together, however many pictures are simulated: no simulation has what
cameras do."""
PAIR: Final = "pair "
"""How a real pair's photograph is named, before its own name."""
STORED_QUALITY: Final = 92
KERNELS: Final = 6
"""Kernels of the DIV2KRK protocol a photograph, with nothing done afterwards."""
KERNEL_WEIGHT: Final = 1.5
SOFT_PARTS: Final = 12
"""Soft parts of a photograph."""
SOFT_WEIGHT: Final = 1.0
WHOLLY_SOFT_WEIGHT: Final = 0.5
"""How often these count; where all is equally soft, a wide kernel may look the same."""
MORE_WEIGHT: Final = 0.5
"""How often letters over a photograph, aliased and denoised pictures count."""
CAUSES: Final = {
    "wide kernel": (0.0, 0.0, 0.0),
    "lettered": (np.nan, 0.0, 1.0),
    "aliased": (np.nan, 1.0, 0.0),
    "denoised": (np.nan, 0.0, 0.0),
    "drawn": (np.nan, 0.0, 1.0),
}
"""Whether pictures that are of none of `KINDS` were sharpened, are aliased, and have letters or lines; see
`causes_of`."""
DRAWN: Final = 60
"""Pages, screens and line drawings, of each."""
DRAWN_WEIGHT: Final = 0.5
FIRST_DRAWING: Final = 100
"""Seed of the first: those of ``make everyday`` begin at 0."""
SIDES: Final = {2: (208, 272), 4: (144, 192)}
"""LR rows and columns of what is made from photographs, at most."""
LEARNING: Final = {2: LearningConfig(), 4: LearningConfig(width=0.35, penalty=0.02, prototypes=700)}
"""By scale. At x4 there were fewer pictures: a wider posterior kept more on cameras that were left out."""
LEAST_ERROR: Final = 2e-7
ASSETS: Final = Path(expected_loss.__file__).parent / "assets"
MOST: Final = {2: 288, 4: 208}
"""LR pixels a side of a pair that are used, the central ones."""


@dataclass(frozen=True, eq=False)
class Example:
    """LR (h, w, 3) and its truth; the photograph; what it is; how often it counts; whether inverses follow
    edges."""

    lr: Pixels
    hr: Pixels
    photograph: str
    kind: str
    weight: float
    steered: bool = False

    def measured(self, scale: int) -> Picture:
        """Its statistics."""
        made = statistics(self.lr, self.hr, scale, steered=self.steered)
        return Picture(made, self.photograph, self.kind, self.weight)


@dataclass(frozen=True, eq=False)
class Picture:
    """Statistics of one picture; the photograph that it came from; what it is; how often it counts."""

    statistics: Statistics
    photograph: str
    kind: str
    weight: float


Photographs = Sequence[tuple[str, Pixels]]


def of_kinds(photographs: Photographs, scale: int) -> Iterator[Example]:
    """Every second kind of every photograph, in turn."""
    kinds = list(KINDS)
    for start in range(0, len(kinds), 2):
        for i, (name, pixels) in enumerate(photographs):
            if start + i % 2 >= len(kinds):
                continue
            kind = kinds[start + i % 2]
            try:
                pair = make_pair(pixels, kind, scale)
            except InputError:
                continue
            h, w = (min(n, m) for n, m in zip(pair.lr.shape, SIDES[scale], strict=False))
            lr, hr = pair.lr[:h, :w], pair.hr[: scale * h, : scale * w]
            yield Example(np.ascontiguousarray(lr), np.ascontiguousarray(hr), name, kind, 1.0)


def of_soft(photographs: Photographs, scale: int, rng: np.random.Generator) -> Iterator[Example]:
    """Parts of photographs that are soft of themselves, each as a random kind."""
    kinds = list(KINDS)
    for name, pixels in SOFT_PARTS * list(photographs):
        size = tuple(int(scale * FACTOR_SMALL * n) for n in SIDES[scale])
        part, way = soft_part(pixels, (size[0], size[1]), FACTOR_SMALL, rng)
        kind = kinds[int(rng.integers(len(kinds)))]
        try:
            pair = make_pair(part, kind, scale)
        except InputError:
            continue
        weight = SOFT_WEIGHT if way in ("smooth place", "part") else WHOLLY_SOFT_WEIGHT
        yield Example(pair.lr, np.ascontiguousarray(pair.hr), name, f"soft: {way}", weight)


def of_kernels(photographs: Photographs, scale: int, rng: np.random.Generator) -> Iterator[Example]:
    """Parts of photographs that a wide kernel made small, with nothing done afterwards."""
    for name, pixels in KERNELS * list(photographs):
        size = [scale * min(most, n // scale) for n, most in zip(pixels.shape, SIDES[scale], strict=False)]
        hr = part_of(pixels, (size[0], size[1]), rng)
        lr = by_kernel(hr, random_kernel(rng, scale).kernel)
        yield Example(lr, hr, name, "wide kernel", KERNEL_WEIGHT)


def of_random(
    photographs: Photographs, scale: int, draws: int, rng: np.random.Generator
) -> Iterator[Example]:
    """Random pictures, from photographs in turn."""
    made = tried = 0
    while made < draws and tried < 2 * draws:
        name, pixels = photographs[tried % len(photographs)]
        tried += 1
        drawn = draw(pixels, scale, rng)
        if drawn is not None:
            made += 1
            yield Example(drawn.lr, drawn.hr, name, "random", weight(drawn.steps))


def of_more(photographs: Photographs, scale: int, rng: np.random.Generator) -> Iterator[Example]:
    """Letters over photographs, aliased and denoised pictures."""
    for way, count in MORE.items():
        for name, pixels in count * list(photographs):
            drawn = draw_more(pixels, way, SIDES[scale], scale, rng)
            if drawn is not None:
                yield Example(drawn.lr, drawn.hr, name, way, MORE_WEIGHT)


def of_drawings(scale: int, count: int, rng: np.random.Generator) -> Iterator[Example]:
    """Pages, screens and line art that may not be recognised: tilted, of gray paper, noisy, stored as JPEG.

    Taken for sharpened photographs they would be softened.
    """
    names = [name for name in DRAWINGS if name != "pixel art"]
    for seed in range(FIRST_DRAWING, FIRST_DRAWING + count):
        for name in names:
            large = DRAWINGS[name](np.random.default_rng(seed))
            if name == "page" and rng.random() < 0.5:
                ink, paper = rng.uniform(0, 0.35), rng.uniform(0.75, 1)
                large = (255 * (ink + (paper - ink) * large / 255.0)).astype(np.uint8)
            if rng.random() < 1 / 3:
                large = op.rotate(large, float(rng.uniform(-4, 4)))
            shrink = str(rng.choice(["lanczos", "bicubic", "box"]))
            rows, columns = (int(n * rng.choice([1.0, 1.4, 1.8])) for n in LR_OF_DRAWINGS)
            lr = op.resize(large, (rows, columns), shrink)
            hr = op.resize(large, (scale * rows, scale * columns), shrink)
            h, w = (min(n, m) for n, m in zip((rows, columns), SIDES[scale], strict=True))
            top, left = int(rng.integers(rows - h + 1)), int(rng.integers(columns - w + 1))
            lr = np.ascontiguousarray(lr[top : top + h, left : left + w])
            hr = hr[scale * top : scale * (top + h), scale * left : scale * (left + w)]
            if rng.random() < 0.25:
                lr = op.unsharp(lr, float(rng.uniform(0.5, 1.2)), int(rng.integers(40, 150)))
            if rng.random() < 0.3:
                lr = op.grain(lr, float(rng.uniform(1, 6)), 0.0, rng)
            if rng.random() < 0.6:
                lr = op.jpeg(lr, int(rng.integers(72, 96)))
            yield Example(lr, np.ascontiguousarray(hr), f"{name} {seed}", f"drawn: {name}", DRAWN_WEIGHT)


def of_pairs(folder: Path, scale: int) -> Iterator[Example]:
    """Real pairs, as they are, and every third stored as JPEG as well."""
    own = scale if (folder / f"lr_x{scale}").is_dir() else 4
    for i, item in enumerate(load(folder, own).items):
        lr, gt = (quantise(x.expand(3, -1, -1), 8).astype(np.uint8) for x in read_pair(item))
        if own != scale:
            gt = op.resize(gt, (lr.shape[0] * scale, lr.shape[1] * scale), "bicubic")
        small = central(torch.from_numpy(lr).permute(2, 0, 1), MOST[scale])
        top, left = ((n - m) // 2 for n, m in zip(lr.shape[:2], small.shape[1:], strict=True))
        h, w = small.shape[1:]
        lr = np.ascontiguousarray(lr[top : top + h, left : left + w])
        gt = gt[scale * top : scale * (top + h), scale * left : scale * (left + w)]
        name = PAIR + item.name  # the scenes of one set may be those of another
        yield Example(lr, gt, name, folder.name, PAIR_WEIGHT, steered=True)
        if i % 3 == 0:
            stored = op.jpeg(lr, STORED_QUALITY)
            kind = f"{folder.name}, JPEG {STORED_QUALITY}"
            yield Example(stored, gt, name, kind, STORED_WEIGHT, steered=True)


def sources(
    hr: Path, pairs: Sequence[Path], scale: int, draws: int, seed: int
) -> Iterator[tuple[str, Iterator[Example]]]:
    """Names of caches, and what is in them."""
    photographs = [(path.stem, _pixels(path)) for path in images_in(hr)]
    rngs = [np.random.default_rng([seed, i, scale]) for i in range(5)]
    yield f"kinds-x{scale}", of_kinds(photographs, scale)
    yield f"soft-x{scale}", of_soft(photographs, scale, rngs[0])
    yield f"kernels-x{scale}", of_kernels(photographs, scale, rngs[1])
    yield f"random-x{scale}", of_random(photographs, scale, draws, rngs[2])
    yield f"drawn-x{scale}", of_drawings(scale, DRAWN, rngs[3])
    yield f"more-x{scale}", of_more(photographs, scale, rngs[4])
    for folder in pairs:
        yield f"{folder.parent.name}-{folder.name}-x{scale}", of_pairs(folder, scale)


def _pixels(path: Path) -> Pixels:
    return np.asarray(quantise(read_photo(path).image.expand(3, -1, -1), 8), dtype=np.uint8)


def save(path: Path, pictures: Sequence[Picture]) -> None:
    """Write pictures' statistics (.npz), so that a run that was interrupted goes on."""
    memory = BytesIO()
    np.savez(
        memory,
        about=np.array([json.dumps([p.photograph, p.kind, p.weight]) for p in pictures]),
        names=np.array(pictures[0].statistics.names),
        features=np.stack([p.statistics.features for p in pictures]),
        gram=np.stack([p.statistics.gram for p in pictures]).astype(np.float32),
        cross=np.stack([p.statistics.cross for p in pictures]).astype(np.float32),
        error=np.array([p.statistics.error for p in pictures]),
    )
    atomic.write(path, memory.getvalue())


def saved(path: Path) -> list[Picture]:
    """Read what `save` wrote."""
    with np.load(path) as data:
        names = tuple(str(name) for name in data["names"])
        about = [json.loads(str(line)) for line in data["about"]]
        rows = zip(about, data["features"], data["gram"], data["cross"], data["error"], strict=True)
        return [
            Picture(
                Statistics(names, features, gram.astype(np.float64), cross.astype(np.float64), float(error)),
                str(photograph),
                str(kind),
                float(weight),
            )
            for (photograph, kind, weight), features, gram, cross, error in rows
        ]


def balanced(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures, real pairs weighted so that they have `PAIRS_SHARE` of all."""
    real = [p.photograph.startswith(PAIR) for p in pictures]
    theirs, others = (
        sum(p.weight for p, r in zip(pictures, real, strict=True) if r is w) for w in (True, False)
    )
    if not theirs or not others:
        return list(pictures)
    times = PAIRS_SHARE / (1 - PAIRS_SHARE) * others / theirs
    return [replace(p, weight=p.weight * times) if r else p for p, r in zip(pictures, real, strict=True)]


def validated(
    pictures: Sequence[Picture], scale: int, learning: LearningConfig, rule: ExpectedLossConfig, count: int
) -> tuple[Array, Array]:
    """Gains (n,) of pictures by rules that have not seen their photographs, and the gains stated (n,)."""
    fold = folds([p.photograph for p in pictures], count)
    gained, stated = np.zeros(len(pictures)), np.zeros(len(pictures))
    for i in range(count):
        own = [p for p, f in zip(pictures, fold, strict=True) if f != i]
        known = grouped(_learned(own, scale, learning), learning)
        others = [p.statistics for p, f in zip(pictures, fold, strict=True) if f == i]
        gained[fold == i], made = gains(known, others, rule)
        stated[fold == i] = [combination.gain for combination in made]
    return gained, stated


def _learned(pictures: Sequence[Picture], scale: int, learning: LearningConfig) -> Trained:
    return learn(
        [p.statistics for p in pictures],
        [p.photograph for p in pictures],
        np.array([p.weight for p in pictures]),
        np.array([causes_of(p.kind) for p in pictures]),
        scale,
        learning,
    )


def causes_of(kind: str) -> tuple[float, float, float]:
    """Whether pictures of a kind were sharpened, are aliased, and have letters or lines drawn by a program.

    Returns:
        1 or 0 of each, or NaN where that differs from picture to picture or is not known.
    """
    if kind in KINDS:
        made = KINDS[kind]
        sharpened = np.nan if "denoised" in kind else float("sharpened" in kind)
        return sharpened, float(made.shrink_lr is not None), float(made.lettered)
    return CAUSES.get(kind.partition(":")[0], (np.nan, np.nan, np.nan))


def summary(pictures: Sequence[Picture], gained: Array) -> str:
    """Markdown: by kind, how many, mean, worst, share better, share under -0.3 dB."""
    lines = ["| kind | pictures | mean | worst | better | under -0.3 |", "|---|---|---|---|---|---|"]
    kinds = np.array([p.kind for p in pictures])
    for kind in dict.fromkeys(kinds):
        own = gained[kinds == kind]
        better, lost = 100 * (own > 0).mean(), 100 * (own < -0.3).mean()
        lines.append(
            f"| {kind} | {len(own)} | {own.mean():+.2f} | {own.min():+.2f} | {better:.0f} % | {lost:.1f} % |"
        )
    return "\n".join(lines)


def reliability(gained: Array, stated: Array) -> str:
    """Markdown: of pictures with a stated gain in a range, what they gain."""
    limits = (-1.0, 0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 20.0)
    lines = ["| stated gain | pictures | mean stated | mean gain | better |", "|---|---|---|---|---|"]
    for low, high in pairwise(limits):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            own = gained[inside]
            means = f"{stated[inside].mean():+.2f} | {own.mean():+.2f}"
            better = 100 * (own > 0).mean()
            lines.append(f"| {low:g} to {high:g} | {inside.sum()} | {means} | {better:.0f} % |")
    return "\n".join(lines)


@click.command(help=__doc__)
@click.argument("hr", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pairs", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--scale", type=click.Choice(["2", "4"]), default="2", show_default=True)
@click.option("--draws", default=500, show_default=True, help="Random pictures.")
@click.option("--seed", default=1, show_default=True)
@click.option("--folds", "count", default=4, show_default=True, help="Of the table; 0: no table.")
@click.option("--cache", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=ASSETS, show_default=True)
def main(
    hr: Path, pairs: tuple[Path, ...], scale: str, draws: int, seed: int, count: int, cache: Path, out: Path
) -> None:
    """The command."""
    torch.set_num_threads(1)
    cache.mkdir(parents=True, exist_ok=True)
    own = int(scale)
    pictures: list[Picture] = []
    for name, examples in sources(hr, pairs, own, draws, seed):
        path = cache / f"{name}.npz"
        if not path.is_file():
            save(path, [example.measured(own) for example in examples])
        pictures += saved(path)
        click.echo(f"{name}: {len(pictures)} pictures so far", err=True)
    pictures = balanced([p for p in pictures if usable(p.statistics)])
    learning, rule = LEARNING[own], ExpectedLossConfig()
    if count:
        gained, stated = validated(pictures, own, learning, rule, count)
        click.echo(summary(pictures, gained))
        click.echo()
        click.echo(reliability(gained, stated))
    known = grouped(_learned(pictures, own, learning), learning)
    memory = BytesIO()
    np.savez_compressed(memory, **known.arrays())  # type: ignore[arg-type]
    out.mkdir(parents=True, exist_ok=True)
    atomic.write(out / expected_loss.ASSET.format(scale=own), memory.getvalue())


def usable(one: Statistics) -> bool:
    """Whether the picture says anything: bicubic interpolation is not exact to 67 dB, all is finite."""
    return one.error > LEAST_ERROR and bool(np.isfinite(one.gram).all())


if __name__ == "__main__":
    main()
