"""Crops for a network that adds detail: pictures as people have them, and what the program makes of them.

Pictures are drawn as the rule's are (:mod:`development.everyday_degradations`), or are of one of the
benchmark's kinds, and restored by the preset ``instant``; the network learns what is missing in that. Pairs
that a camera took may join them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from benchmarks.everyday.kinds import KINDS, Pair, make_pair
from benchmarks.everyday.operations import Pixels
from blindsr import pipeline
from blindsr.configuration import settings_of_preset
from development.everyday_degradations import draw
from development.everyday_filter import of_pairs
from srbase.errors import InputError

POOL: Final = 2000
"""Pictures that are held, at about 4 MB each at x2, 6 at x4; the oldest leave."""
REUSE: Final = 96
"""Crops that are taken from the pool for each new picture: a picture takes as long as fifteen steps of eight
crops, so that about half of the time is spent on either."""
FIRST: Final = 16
"""Pictures that are made before the first crop."""
TRIES: Final = 100
"""Photographs that are tried for one of sufficient size."""
KINDS_SHARE: Final = 0.45
"""Of the pictures that are of one of the benchmark's kinds; the others are random."""
PAIRS_SHARE: Final = 0.1
"""Of the crops that are of pairs, where there are any."""
PART: Final = {2: (240, 380), 4: (160, 240)}
"""Least and most LR pixels of a kind's picture, about, by scale."""


@dataclass(frozen=True, eq=False)
class Restored:
    """LR (3, h, w), what the program makes of it and the truth (3, s*h, s*w), in 0..1."""

    lr: torch.Tensor
    made: torch.Tensor
    truth: torch.Tensor


@dataclass(frozen=True, eq=False)
class Picture:
    """The same of a whole picture, as it is held: LR and truth in 8 bits, what is made of it as float16."""

    lr: torch.Tensor
    made: torch.Tensor
    truth: torch.Tensor

    def crop(self, side: int, rng: np.random.Generator) -> Restored:
        """A random part of ``side`` LR pixels, flipped and turned at random."""
        scale = self.truth.shape[-1] // self.lr.shape[-1]
        top, left = (int(rng.integers(0, n - side + 1)) for n in self.lr.shape[-2:])
        flips = [axis for axis in (-2, -1) if rng.random() < 0.5]
        turned = bool(rng.random() < 0.5)

        def part(image: torch.Tensor, times: int) -> torch.Tensor:
            y, x, n = times * top, times * left, times * side
            cut = image[:, y : y + n, x : x + n].flip(flips)
            cut = cut.float() / 255 if cut.dtype == torch.uint8 else cut.float()
            return cut.transpose(-2, -1) if turned else cut

        return Restored(part(self.lr, 1), part(self.made, scale), part(self.truth, scale))


def restored(photograph: Pixels, scale: int, side: int, rng: np.random.Generator) -> Picture | None:
    """A random picture and its restoration.

    Args:
        photograph: (H, W, 3), 8 bits.
        scale: from LR to the truth, 2 or 4.
        side: LR pixels that the picture has at least.
        rng: draws everything.

    Returns:
        The picture; None where the photograph is too small.
    """
    drawn = _of_kind(photograph, scale, rng) if rng.random() < KINDS_SHARE else draw(photograph, scale, rng)
    if drawn is None or min(drawn.lr.shape[:2]) < side:
        return None
    return _restored(drawn.lr, drawn.hr, scale)


def restored_pairs(folders: Sequence[Path], scale: int) -> list[Picture]:
    """Pairs that a camera took, restored.

    Args:
        folders: data sets of pairs.
        scale: from LR to the truth.
    """
    found = (pair for folder in folders for pair in of_pairs(folder, scale))
    return [_restored(pair.lr, pair.hr, scale) for pair in found]


def _of_kind(photograph: Pixels, scale: int, rng: np.random.Generator) -> Pair | None:
    """A picture of a random kind from a random part of a photograph; None where it is too small."""
    height, width = photograph.shape[:2]
    side = scale * int(rng.integers(*PART[scale]))
    factor = float(rng.uniform(1.0, max(1.0, min(height, width) / side)))
    size = [min(n, int(side * factor)) for n in (height, width)]
    top, left = (int(rng.integers(0, n - m + 1)) for n, m in zip((height, width), size, strict=True))
    part = np.ascontiguousarray(photograph[top : top + size[0], left : left + size[1]])
    name = list(KINDS)[int(rng.integers(len(KINDS)))]
    try:
        return make_pair(part, name, scale, seed=int(rng.integers(1 << 30)))
    except InputError:
        return None


def _restored(lr: Pixels, truth: Pixels, scale: int) -> Picture:
    small, large = (torch.from_numpy(np.array(pixels)).permute(2, 0, 1) for pixels in (lr, truth))
    made = pipeline.upscale(small.float() / 255, scale, settings=settings_of_preset("instant")).image.cpu()
    return Picture(small, made.half(), large)


class Pool:
    """Restored pictures of photographs, from which crops are taken."""

    def __init__(
        self,
        photographs: Sequence[Pixels],
        scale: int,
        side: int,
        rng: np.random.Generator,
        pairs: Sequence[Picture] = (),
    ) -> None:
        self.pairs = pairs
        self.photographs, self.scale, self.side, self.rng = photographs, scale, side, rng
        self.pictures: deque[Picture] = deque(maxlen=POOL)
        self.taken = 0

    def crop(self) -> Restored:
        """The next crop.

        Raises:
            InputError: where no photograph is large enough.
        """
        while len(self.pictures) < FIRST or self.taken >= REUSE:
            self.pictures.append(self._picture())
            self.taken = 0
        self.taken += 1
        if self.pairs and self.rng.random() < PAIRS_SHARE:
            return self.pairs[int(self.rng.integers(len(self.pairs)))].crop(self.side, self.rng)
        return self.pictures[int(self.rng.integers(len(self.pictures)))].crop(self.side, self.rng)

    def _picture(self) -> Picture:
        for _ in range(TRIES):
            photograph = self.photographs[int(self.rng.integers(len(self.photographs)))]
            found = restored(photograph, self.scale, self.side, self.rng)
            if found is not None:
                return found
        raise InputError(f"no photograph gives pictures of {self.side} LR pixels a side; wanted larger ones")
