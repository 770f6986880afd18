"""Features of a picture, and the squared error of every combination of its candidates as one quadratic.

With d_j the candidates less bicubic interpolation B and t the truth less B, the error of B + sum z_j d_j is

    |t|^2 - 2 z . (d . t) + z (d . d) z,   and relative to bicubic's    1 - 2 b . z + z A z

so that A and b of each picture are all that is needed to learn on the error itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.everyday.operations import Pixels
from blindsr.analysis.features import FeatureConfig, picture_features
from blindsr.analysis.jpeg_history import JPEGHistoryConfig
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import PRESETS
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.restoration.candidates import camera_candidate, kernel_candidate
from blindsr.restoration.expected_loss import kernel_features
from blindsr.restoration.filter_bank import deviations
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from srbase.imaging.colour import to_luma
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]

SHAVED: Final = 6
"""LR pixels at the borders that do not count."""
SETTINGS: Final = PRESETS["instant"]
RULES: Final = SETTINGS.restoration
LINEAR: Final = replace(RULES, coloured=replace(RULES.coloured, adaptive=None))
FEATURES: Final = FeatureConfig(history=JPEGHistoryConfig(most_blocks=324))
"""Fewer blocks are searched for the tables of a JPEG: pictures are small here."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """features (n,) with names; gram (m, m) and cross (m,) over bicubic's mean square error, which is
    ``error`` (images in 0..1); the last two candidates are the kernel undone and the camera undone."""

    names: tuple[str, ...]
    features: Array
    gram: Array
    cross: Array
    error: float


def statistics(
    lr: Pixels, hr: Pixels, scale: int, *, jpeg: JPEGTables | None = None, steered: bool = False
) -> Statistics:
    """Of one pair (h, w, 3) and (s*h, s*w, 3) of 8 bits. steered: inverses under coloured noise follow edges,
    as the program's do; without, they are linear, which is several times as fast and a little worse."""
    image, truth = (torch.from_numpy(np.array(x)).permute(2, 0, 1).float() / 255 for x in (lr, hr))
    seen = picture_features(image, FEATURES, jpeg=jpeg)
    luma, target = to_luma(image), to_luma(truth)
    base = bicubic_upscale(luma, scale)
    rules = RULES if steered else LINEAR
    assert SETTINGS.analysis is not None
    assert isinstance(SETTINGS.estimator, SpectralConfig)
    stored = None if seen.jpeg is None else stored_jpeg(image, seen.jpeg, SETTINGS.analysis)
    estimate = estimate_spectral(
        image.numpy(), SETTINGS.estimator, scale=scale, jpeg=None if stored is None else stored.tables
    )
    kernel = SRKernel(estimate.kernel, 2)
    kernel = kernel.to_x4() if scale == 4 else kernel
    named = kernel_features(estimate)
    by_kernel = kernel_candidate(image if stored is None else luma, kernel, stored, rules)
    computer = by_kernel.linear(luma) if stored is None else by_kernel.upscale(luma)
    camera = camera_candidate(luma, scale, stored, rules).upscale(luma)
    rim = SHAVED * scale
    inner = (slice(rim, -rim), slice(rim, -rim))
    bank = [plane[inner].reshape(-1) for plane in deviations(luma[0], scale)]
    bank += [(other - base)[0][inner].reshape(-1) for other in (computer, camera)]
    rows = torch.stack(bank)
    goal = (target - base)[0][inner].reshape(-1)
    error = float(goal.double().square().mean()) + 1e-9
    count = goal.numel() * error
    gram = (rows @ rows.T).double().numpy() / count
    cross = (rows @ goal).double().numpy() / count
    return Statistics(
        seen.names + tuple(named),
        np.concatenate([seen.values, np.array(list(named.values()))]),
        gram,
        cross,
        error,
    )
