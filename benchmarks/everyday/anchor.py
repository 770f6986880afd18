"""What one linear filter reaches on a kind: learned for this very kind, on other photographs.

It is the anchor of the table: a rule that does not know the kind cannot do much better linearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.everyday.kinds import Pair
from blindsr.restoration.filter_bank import deviations, upscale
from srbase.imaging.colour import to_luma
from srbase.imaging.resample import bicubic_upscale

Array = npt.NDArray[np.float64]

RIM: Final = 6
"""LR pixels at the borders that do not count."""
SHRINKAGE: Final = 1e-4
"""Share of the mean energy that is added to the diagonal."""


def tensor(pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
    """(H, W, 3) of 8 bits to (3, H, W) in 0..1."""
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 255


def moments(pair: Pair, scale: int) -> tuple[Array, Array]:
    """Gram matrix (n, n) of the filters' deviations in luma, and their products (n,) with what is missing.

    Both are over bicubic interpolation's squared error, so that every picture counts the same.
    """
    luma, truth = to_luma(tensor(pair.lr)), to_luma(tensor(pair.hr))
    rim = RIM * scale
    inner = (slice(rim, -rim), slice(rim, -rim))
    rows = torch.stack([plane[inner].reshape(-1) for plane in deviations(luma[0], scale)]).double()
    goal = (truth - bicubic_upscale(luma, scale))[0][inner].reshape(-1).double()
    energy = float(goal @ goal) + 1e-9
    return (rows @ rows.T).numpy() / energy, (rows @ goal).numpy() / energy


def anchors(pairs: Sequence[Pair], scale: int) -> list[torch.Tensor]:
    """The SR luma (1, s*h, s*w) of each LR picture by the filter learned from the other half.

    Args:
        pairs: of one kind, at least two; even and odd places are the halves.
        scale: 2 or 4.

    Returns:
        One SR luma a pair, not clipped.
    """
    seen = [moments(pair, scale) for pair in pairs]
    found = []
    for i, pair in enumerate(pairs):
        others = seen[1 - i % 2 :: 2]
        gram, cross = (np.sum([moment[k] for moment in others], axis=0) for k in range(2))
        gram = gram + SHRINKAGE * np.trace(gram) / len(gram) * np.eye(len(gram))
        found.append(upscale(to_luma(tensor(pair.lr)), np.linalg.solve(gram, cross), scale))
    return found
