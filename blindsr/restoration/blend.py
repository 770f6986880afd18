"""From what is believed of a photograph's origin to its SR image.

The answer is the mean over what may be true:

    bicubic + trust * (computer * (its kernel undone) + (1 - computer) * (a camera undone) - bicubic)

which has the least expected squared error if the probabilities are right. A kernel is undone by ZSSR; under
the noise of a JPEG, and for a camera, by the inverse under coloured noise
(:mod:`blindsr.restoration.inverse`), since networks trained on such images learn their noise: on three of
four real pairs they lost 0.1 to 0.4 dB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import torch

from blindsr.analysis.origin import Origin
from blindsr.analysis.storage import StoredJPEG
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.candidates import camera_candidate, kernel_candidate
from blindsr.restoration.config import ColouredConfig, RestorationConfig
from srbase.imaging.range_limits import RangeLimits, SaturationConfig, into_range
from srbase.imaging.resample import bicubic_upscale
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.threads import side_by_side
from srbase.upscaler import bicubic_base
from zssr.solve import Training, super_resolve

Part = Callable[[torch.Tensor], torch.Tensor]
"""LR (C, h, w), a tile with its rim, to SR (C, s*h, s*w), not clipped."""

STAGE: Final = "image"
"""The name under which progress is told."""


def restored(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    config: RestorationConfig,
    origin: Origin | None,
    stored: StoredJPEG | None,
    *,
    rng: torch.Generator,
    on_step: OnProgress = silent,
    limits: RangeLimits = RangeLimits(),  # noqa: B008 - frozen
) -> tuple[torch.Tensor, tuple[Training, ...]]:
    """The SR image (C, s*H, s*W) within the limits of an LR image (C, H, W), and the trainings behind it.

    origin: None where the kernel is certain.
    """
    computer = 1.0 if origin is None else origin.computer
    trust = 1.0 if origin is None else origin.trust
    if config.trust is not None and trust > 0:  # 0: the image shows nothing of its kernel
        trust = config.trust
    by_zssr = stored is None or origin is None
    trainings: tuple[Training, ...] = ()
    parts: list[tuple[float, Part]] = []
    if trust * computer > 0 and by_zssr:
        worth = origin is None or origin.worth_training
        zssr = config.zssr if worth else replace(config.zssr, max_steps=0)
        inverse = config.inverse
        base = bicubic_base if inverse is None else partial(base_upscaler, config=inverse)
        made = super_resolve(image, kernels, scale, zssr, base=base, rng=rng, on_step=on_step, limits=limits)
        result, trainings = made.image, made.trainings
        if trust * computer == 1:
            return result, trainings
        result *= trust * computer
    else:
        result = image.new_zeros((len(image), scale * image.shape[-2], scale * image.shape[-1]))
    if trust < 1:
        parts.append((1 - trust, partial(bicubic_upscale, scale=scale)))
    if stored is not None and trust * computer > 0 and not by_zssr:
        parts.append((trust * computer, kernel_candidate(image, kernels[scale], stored, config).upscale))
    if trust * (1 - computer) > 0:
        parts.append((trust * (1 - computer), camera_candidate(image, scale, stored, config).upscale))
    saturation = config.zssr.saturation if trust > 0 else None  # bicubic interpolation stays what it is
    _add(result, image, parts, scale, config.coloured, saturation, on_step, limits)
    return result, trainings


def _add(
    result: torch.Tensor,
    image: torch.Tensor,
    parts: Sequence[tuple[float, Part]],
    scale: int,
    config: ColouredConfig,
    saturation: SaturationConfig | None,
    on_step: OnProgress,
    limits: RangeLimits,
) -> None:
    """Add the shares of several upscalings to an SR image, tile by tile, their mean brought into the
    limits."""
    cut = tiles((image.shape[-2], image.shape[-1]), config.tile // scale, config.rim)
    total = sum(share for share, _ in parts)

    def fill(tile: Tile) -> None:
        read, place = tile.read(image), tile.place(result, scale)
        (first, begin), *others = parts
        mixed = begin(read).mul_(first / total)
        for share, upscale in others:
            mixed.add_(upscale(read), alpha=share / total)
        within = (
            into_range(mixed, read, None, saturation, limits) if saturation else mixed.clamp(0, limits.most)
        )
        place.add_(tile.core(within, scale), alpha=total).clamp_(0, limits.most)

    def tell(done: int) -> None:
        on_step(Progress(f"{STAGE} x{scale}", done, len(cut), done=done == len(cut)))

    side_by_side(fill, cut, image.device, tell)
