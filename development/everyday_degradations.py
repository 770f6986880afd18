"""Pictures as people have them, drawn at random from a large photograph, with their truth.

The mixture is the prior of what is learned from it (:mod:`development.everyday_filter`): every way to become
small, and every change afterwards, in random combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from scipy import ndimage, signal

from benchmarks.data import kernels
from benchmarks.everyday import operations as op
from benchmarks.everyday.letters import write_over
from benchmarks.everyday.operations import Pixels
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

SIDES: Final = {2: (160, 320), 4: (112, 208)}
"""Least and most LR pixels a side, by scale."""
WAYS: Final = {"filter": 0.50, "wide": 0.17, "gaussian": 0.08, "disc": 0.04, "motion": 0.03, "camera": 0.18}
"""How LR becomes small, and how often."""
SOFT: Final = {"smooth place": 0.35, "part": 0.3, "gaussian": 0.13, "disc": 0.10, "enlarged": 0.12}
"""How a picture is soft of itself, and how often; "part": only some of it is in focus."""
UNDONE: Final = ("wide", "gaussian", "disc", "motion")
"""The ways that a kernel's inverse undoes."""
SOFT_WEIGHT: Final = 0.5
SOFT_WIDE_WEIGHT: Final = 0.25
CHANGED_WEIGHT: Final = 0.2
FILTERS: Final = {
    "lanczos": 0.3, "bicubic": 0.27, "box": 0.18, "hamming": 0.08, "bilinear": 0.11, "cv-linear": 0.06,
}  # fmt: skip


MORE: Final = {"lettered": 2, "aliased": 2, "denoised": 1}
"""Further pictures of a photograph, by the way they are made: how many of each."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """LR (h, w, 3), the truth (s*h, s*w, 3), and the words for what was done, by step."""

    lr: Pixels
    hr: Pixels
    steps: dict[str, str]


def draw(photograph: Pixels, scale: int, rng: np.random.Generator) -> Drawn | None:
    """One random picture from a part of a photograph (H, W, 3); None where the photograph is too small."""
    steps: dict[str, str] = {}
    height, width = photograph.shape[:2]
    least, longest = SIDES[scale]
    most = min(height, width) / (scale * least * 0.8)
    if most < 1:
        return None
    factor = 1.0 if rng.random() < 0.2 else float(np.exp(rng.uniform(0, np.log(min(most, 2.6)))))
    room = [int(n / (factor * scale)) for n in (height, width)]
    h, w = (int(rng.integers(min(round(least * 0.8), r), min(longest, r) + 1)) for r in room)
    large = [min(n, round(factor * scale * m)) for n, m in zip((height, width), (h, w), strict=True)]
    top, left = (int(rng.integers(0, n - m + 1)) for n, m in zip((height, width), large, strict=True))
    part = np.ascontiguousarray(photograph[top : top + large[0], left : left + large[1]])
    part = _toned(part, rng, steps)
    part = _of_content(part, factor, rng, steps)
    if rng.random() < 0.05 and factor > 1.3:
        part = op.rotate(part, float(rng.uniform(-3, 3)))
        steps["turned"] = "yes"
    name = _choice(FILTERS, rng)
    hr = op.resize(part, (scale * h, scale * w), name if name != "cv-linear" else "bicubic")
    lr = _shrunk(part, hr, (h, w), scale, name, rng, steps)
    lr = _changed(lr, rng, steps)
    return Drawn(lr, hr, steps)


def _choice(shares: dict[str, float], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def _toned(part: Pixels, rng: np.random.Generator, steps: dict[str, str]) -> Pixels:
    """Gray, darker, paler or of another gamma."""
    levels = part.astype(np.float64)
    if rng.random() < 0.07:
        levels = np.repeat((levels @ op.LUMA)[..., None], 3, axis=-1)
        steps["gray"] = "yes"
    if rng.random() < 0.3:
        gamma, gain = np.exp(rng.uniform(-0.35, 0.35)), rng.uniform(0.45, 1.0)
        levels = 255 * gain * (levels / 255) ** gamma + rng.uniform(0, 255 * (1 - gain))
        return op.to_bytes(levels)
    return op.to_bytes(levels)


def _of_content(part: Pixels, factor: float, rng: np.random.Generator, steps: dict[str, str]) -> Pixels:
    """The truth itself softer or sharper, as other lenses, subjects and programs have it: what LR lacks is
    then not what the truth has. ``factor``: pixels of ``part`` for one of the truth."""
    kind = rng.random()
    if kind < 0.22:
        deviation = float(np.exp(rng.uniform(np.log(0.35), np.log(2.0))))
        steps["truth"] = f"softer by {deviation:.2f}"
        return op.blur(part, deviation * factor)
    if kind < 0.30:
        height, width = part.shape[:2]
        less = float(rng.uniform(1.2, 2.2)) * factor
        small = op.resize(part, (max(16, round(height / less)), max(16, round(width / less))), "bicubic")
        steps["truth"] = f"enlarged by {less / factor:.2f}"
        return op.resize(small, (height, width), "bicubic")
    if kind < 0.40:
        percent = int(rng.uniform(20, 130))
        steps["truth"] = f"sharpened by {percent}"
        return op.unsharp(part, float(rng.uniform(0.5, 1.5)) * factor, percent)
    return part


def _shrunk(
    part: Pixels,
    hr: Pixels,
    size: op.Size,
    scale: int,
    name: str,
    rng: np.random.Generator,
    steps: dict[str, str],
) -> Pixels:
    """LR of ``size``, before anything is done to it."""
    way = _choice(WAYS, rng)
    steps["way"] = way
    source = part if rng.random() < 0.6 else hr
    if way == "filter":
        steps["way"] = name
        if rng.random() < 0.24:
            factor = float(np.exp(rng.uniform(np.log(1.15), np.log(3.0))))
            steps["enlarged"] = f"{factor:.3f}"
            small = op.resize(
                source, (max(24, round(size[0] / factor)), max(24, round(size[1] / factor))), name
            )
            if rng.random() < 0.2:
                small = op.jpeg(small, int(rng.integers(80, 97)))
            again = _choice({"bicubic": 0.55, "lanczos": 0.25, "bilinear": 0.2}, rng)
            return op.resize(small, size, again)
        return op.resize(source, size, name)
    if way == "camera":
        return _camera(source, size, rng, steps)
    if way == "wide":
        kernel = random_kernel(rng, scale).kernel
    elif way == "gaussian":
        kernel = kernels.gaussian(float(rng.uniform(0.5, 2.4) ** 2 * (0.6 if scale == 4 else 1.0)))
    elif way == "disc":
        kernel = kernels.disc(rng)
    else:
        kernel = kernels.motion(rng)
    return by_kernel(hr, kernel if kernel.scale == scale else kernel.to_x4())


def weight(steps: dict[str, str]) -> float:
    """How often a drawn picture counts, by what was done to it.

    A truth that is soft itself, and a wide kernel whose picture was changed afterwards, are drawn more often
    than people have them, so that what they look like is learned.
    """
    wide = steps.get("way") in UNDONE
    found = 1.0
    if steps.get("truth", "").startswith(("softer", "enlarged")):
        found *= SOFT_WIDE_WEIGHT if wide else SOFT_WEIGHT
    if wide and {"stored", "unsharp", "grain", "stored before"} & set(steps):
        found *= CHANGED_WEIGHT
    return found


def part_of(photograph: Pixels, size: op.Size, rng: np.random.Generator) -> Pixels:
    """A random part (<= height, <= width, 3) of a photograph."""
    size = tuple(min(n, m) for n, m in zip(photograph.shape, size, strict=False))
    top, left = (int(rng.integers(0, n - m + 1)) for n, m in zip(photograph.shape, size, strict=False))
    return np.ascontiguousarray(photograph[top : top + size[0], left : left + size[1]])


def soft_part(
    photograph: Pixels, size: op.Size, factor: float, rng: np.random.Generator
) -> tuple[Pixels, str]:
    """A part of a photograph that is soft of itself, and in which way.

    Args:
        photograph: (H, W, 3).
        size: rows and columns of the part, at most.
        factor: pixels of the photograph for one of the truth that is made from it.
        rng: what is drawn.

    Returns:
        (<= height, <= width, 3), and one of `SOFT`.
    """
    way = _choice(SOFT, rng)
    if way == "smooth place":
        parts = [part_of(photograph, size, rng) for _ in range(6)]
        return min(parts, key=lambda part: float(np.abs(np.diff(op.luma(part[::2]), axis=1)).mean())), way
    part = part_of(photograph, size, rng)
    spread = factor * float(np.exp(rng.uniform(np.log(0.5), np.log(2.6))))
    if way == "gaussian":
        return op.blur(part, spread), way
    if way == "disc":
        return _defocused(part, 2 * spread), way
    if way == "enlarged":
        less = factor * float(rng.uniform(1.3, 2.6))
        small = op.resize(part, (round(part.shape[0] / less), round(part.shape[1] / less)), "bicubic")
        return op.resize(small, (part.shape[0], part.shape[1]), "bicubic"), way
    return _partly_defocused(part, 2.5 * spread, rng), way


def _defocused(part: Pixels, radius: float) -> Pixels:
    """A lens out of focus: the mean over a disc of this radius, px."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(y, x), 0, 1)
    planes = [
        signal.oaconvolve(
            np.pad(part[..., c].astype(np.float64), reach, mode="symmetric"), disc, mode="valid"
        )
        for c in range(3)
    ]
    return op.to_bytes(np.stack(planes, axis=-1) / disc.sum())


def _partly_defocused(part: Pixels, radius: float, rng: np.random.Generator) -> Pixels:
    """Sharp near one depth only: depth changes smoothly over the picture."""
    height, width = part.shape[:2]
    depth = ndimage.zoom(rng.standard_normal((4, 5)), (height / 4, width / 5), order=3)[:height, :width]
    depth = np.pad(depth, ((0, height - depth.shape[0]), (0, width - depth.shape[1])), mode="edge")
    limits = np.quantile(depth, sorted(rng.uniform(0.05, 0.95, 2)))
    blurs = [part, _defocused(part, radius / 3), _defocused(part, radius)]
    place = np.clip((depth - limits[0]) / max(float(limits[1] - limits[0]), 1e-6), 0, 1) * 2
    shares = [np.clip(1 - np.abs(place - i), 0, 1)[..., None] for i in range(3)]
    mixed = sum((share * blur for share, blur in zip(shares, blurs, strict=True)), np.zeros(part.shape))
    return op.to_bytes(mixed)


def draw_more(
    photograph: Pixels, way: str, size: op.Size, scale: int, rng: np.random.Generator
) -> Drawn | None:
    """One picture of a way that `draw` does not have.

    Args:
        photograph: (H, W, 3), large.
        way: one of `MORE`: "lettered" (letters over a photograph), "aliased" (shrunk without a filter that
            widens) or "denoised" (a median or a blur, and sharpening).
        size: LR rows and columns, at most.
        scale: from LR to the truth.
        rng: what is drawn.

    Returns:
        The picture and its truth; None where the photograph is too small.
    """
    room = min(n / (scale * 64) for n in photograph.shape[:2])
    if room < 1.2:
        return None
    factor = float(np.exp(rng.uniform(np.log(1.2), np.log(min(room, 2.6)))))
    part = part_of(photograph, (int(scale * factor * size[0]), int(scale * factor * size[1])), rng)
    h, w = (int(n / (scale * factor)) for n in part.shape[:2])
    if way == "lettered":
        part = write_over(part, rng)
    name = _choice({"lanczos": 0.4, "bicubic": 0.4, "box": 0.2}, rng)
    hr = op.resize(part, (scale * h, scale * w), name)
    if way == "aliased":
        name = _choice({"nearest": 0.5, "cv-linear": 0.5}, rng)
    lr = op.resize(part, (h, w), name)
    if way == "denoised":
        lr = _denoised(lr, rng)
    elif rng.random() < 0.1:
        lr = op.unsharp(lr, float(rng.uniform(0.5, 1.2)), int(rng.integers(30, 120)))
    if rng.random() < 0.5:
        lr = op.jpeg(lr, int(rng.integers(60, 97)), halved=rng.random() < 0.7)
    return Drawn(lr, hr, {"way": way})


def _denoised(lr: Pixels, rng: np.random.Generator) -> Pixels:
    """Noise, a median of 3x3 pixels or a blur, and sharpening."""
    lr = op.grain(lr, float(rng.uniform(1, 9)), float(rng.uniform(0, 0.7)), rng)
    lr = op.median(lr) if rng.random() < 0.6 else op.blur(lr, float(rng.uniform(0.4, 0.8)))
    if rng.random() < 0.75:
        lr = op.unsharp(lr, float(rng.uniform(0.5, 1.6)), int(rng.integers(30, 130)))
    return lr


def by_kernel(hr: Pixels, kernel: SRKernel) -> Pixels:
    """Shrink by a kernel, stored with 8 bits."""
    image = torch.from_numpy(np.array(hr)).permute(2, 0, 1).float()
    return op.to_bytes(downscale(image, kernel).permute(1, 2, 0).double().numpy())


def _camera(source: Pixels, size: op.Size, rng: np.random.Generator, steps: dict[str, str]) -> Pixels:
    """Lens, pixels, noise, one colour a pixel, denoising, sharpening."""
    small = op.resize(source, size, _choice({"box": 0.6, "hamming": 0.2, "lanczos": 0.2}, rng))
    lens = float(rng.uniform(0.2, 0.9))
    small = op.blur(small, lens)
    if rng.random() < 0.8:
        small = op.grain(small, float(np.exp(rng.uniform(np.log(0.4), np.log(6.0)))), 0.0, rng)
    small = op.bayer(small, gradient=rng.random() < 0.75)
    if rng.random() < 0.4:
        small = op.blur(small, float(rng.uniform(0.25, 0.6)))
    if rng.random() < 0.75:
        amount = int(rng.uniform(10, 140))
        small = op.unsharp(small, float(rng.uniform(0.6, 2.2)), amount)
        steps["camera sharpening"] = str(amount)
    return small


def _changed(lr: Pixels, rng: np.random.Generator, steps: dict[str, str]) -> Pixels:
    """Sharpening, softening, grain, storage."""
    draws = rng.random(4)
    if draws[0] < 0.30:
        radius, percent = float(np.exp(rng.uniform(np.log(0.35), np.log(3.0)))), int(rng.uniform(15, 220))
        lr = op.unsharp(lr, radius, percent, int(rng.choice([0, 0, 0, 2, 3])))
        steps["unsharp"] = f"{radius:.2f}/{percent}"
    elif draws[0] < 0.36:
        lr = op.blur(lr, float(rng.uniform(0.3, 0.8)))
        steps["softened"] = "yes"
    if draws[1] < 0.17:
        deviation, size = float(np.exp(rng.uniform(np.log(1.0), np.log(14.0)))), float(rng.uniform(0.3, 1.3))
        size = 0.0 if rng.random() < 0.5 else size
        lr = op.grain(lr, deviation, size, rng, colour=float(rng.choice([0.0, 0.5, 1.0])))
        steps["grain"] = f"{deviation:.1f}/{size:.1f}"
    if draws[2] < 0.08:
        quality = int(rng.integers(60, 97))
        y, x = (int(n) for n in rng.integers(0, 8, 2))
        lr = op.jpeg(np.pad(lr, ((y, 0), (x, 0), (0, 0)), mode="edge"), quality, halved=rng.random() < 0.7)
        lr = np.ascontiguousarray(lr[y:, x:])
        steps["stored before"] = str(quality)
    if draws[3] < 0.48:
        quality = int(rng.choice([int(rng.integers(55, 99)), int(rng.integers(80, 97))]))
        lr = op.jpeg(lr, quality, halved=rng.random() < 0.65)
        steps["stored"] = f"jpeg {quality}"
    elif draws[3] < 0.56:
        quality = int(rng.integers(55, 97))
        lr = op.webp(lr, quality)
        steps["stored"] = f"webp {quality}"
    elif draws[3] < 0.60:
        quality = int(rng.integers(35, 80))
        lr = op.video_frame(lr, quality)
        steps["stored"] = f"video {quality}"
    return lr
