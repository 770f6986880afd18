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

import numpy as np
import numpy.typing as npt
import torch

from blindsr.analysis.origin import Origin
from blindsr.analysis.storage import StoredJPEG
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.camera import camera_transfer
from blindsr.restoration.config import ColouredConfig, RestorationConfig
from blindsr.restoration.inverse import Power, amplitude_of, coloured_inverse, kernel_transfer, white
from blindsr.restoration.network.guard import mix_in
from blindsr.restoration.noise import Powers, noise_variance
from srbase.imaging.colour import luma as luma_of
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.range_limits import SaturationConfig, into_range
from srbase.imaging.resample import bicubic_upscale
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import Size
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.threads import side_by_side
from srbase.second_stage import SecondStage
from srbase.upscaler import bicubic_base
from zssr.second_stage import ZeroShot
from zssr.solve import Training

Array = npt.NDArray[np.float64]
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
    second_stage: SecondStage | None = None,
) -> tuple[torch.Tensor, tuple[Training, ...]]:
    """The SR image (C, s*H, s*W) in 0..1 of an LR image (C, H, W), and the trainings behind it.

    origin: None where the kernel is certain. second_stage: in place of ZSSR.
    """
    computer = 1.0 if origin is None else origin.computer
    trust = (1.0 if origin is None else origin.trust) if config.trust is None else config.trust
    by_zssr = stored is None or origin is None
    trainings: tuple[Training, ...] = ()
    parts: list[tuple[float, Part]] = []
    if trust * computer > 0 and by_zssr:
        worth = origin is None or origin.worth_training
        zssr = config.zssr if worth else replace(config.zssr, max_steps=0)
        inverse = config.inverse
        base = bicubic_base if inverse is None else partial(base_upscaler, config=inverse)
        own, network = ZeroShot(zssr, base), config.network if worth else None
        noise = QUANTISATION if second_stage is None and network is None else _noise(image, config)
        stage = second_stage or own
        result = stage.restore(image, kernels, scale, noise, rng=rng, on_step=on_step)
        trainings = tuple(own.trainings)
        if network is not None:
            mix_in(result, image, kernels[scale], network, noise, on_step)
        if trust * computer == 1:
            return result, trainings
        result *= trust * computer
    else:
        result = image.new_zeros((len(image), scale * image.shape[-2], scale * image.shape[-1]))
    if trust < 1:
        parts.append((1 - trust, partial(bicubic_upscale, scale=scale)))
    if stored is not None and trust * computer > 0 and not by_zssr:
        parts.append((trust * computer, _kernel_part(image, kernels[scale], stored, config)))
    if trust * (1 - computer) > 0:
        parts.append((trust * (1 - computer), _camera_part(image, scale, stored, config)))
    saturation = config.zssr.saturation if trust > 0 else None  # bicubic interpolation stays what it is
    _add(result, image, parts, scale, config.coloured, saturation, on_step)
    return result, trainings


def _add(
    result: torch.Tensor,
    image: torch.Tensor,
    parts: Sequence[tuple[float, Part]],
    scale: int,
    config: ColouredConfig,
    saturation: SaturationConfig | None,
    on_step: OnProgress,
) -> None:
    """Add the shares of several upscalings to an SR image, tile by tile, their mean brought into 0..1."""
    cut = tiles((image.shape[-2], image.shape[-1]), config.tile // scale, config.rim)
    total = sum(share for share, _ in parts)

    def fill(tile: Tile) -> None:
        read, place = tile.read(image), tile.place(result, scale)
        (first, begin), *others = parts
        mixed = begin(read).mul_(first / total)
        for share, upscale in others:
            mixed.add_(upscale(read), alpha=share / total)
        within = into_range(mixed, read, None, saturation) if saturation else mixed.clamp(0, 1)
        place.add_(tile.core(within, scale), alpha=total).clamp_(0, 1)

    def tell(done: int) -> None:
        on_step(Progress(f"{STAGE} x{scale}", done, len(cut), done=done == len(cut)))

    side_by_side(fill, cut, image.device, tell)


def _noise(image: torch.Tensor, config: RestorationConfig) -> float:
    """Variance of the white noise on each channel."""
    return noise_variance(image, Powers.of(image, config.noise), config.noise)


def _kernel_part(
    image: torch.Tensor, kernel: SRKernel, stored: StoredJPEG, config: RestorationConfig
) -> Part:
    """A kernel undone under the noise of storage."""
    inverse = coloured_inverse(
        luma_of(image)[0],
        partial(kernel_transfer, kernel=kernel),
        stored.noise.power,
        kernel.scale,
        config.coloured,
        variance=stored.noise.variance,
        chroma="bicubic" if stored.tables.chroma_halved else "linear",
    )
    return inverse.upscale


def _camera_part(
    image: torch.Tensor, scale: int, stored: StoredJPEG | None, config: RestorationConfig
) -> Part:
    """A camera's blur undone, under the noise of storage or that of its quiet parts, and what is unknown of
    cameras.

    What is unknown grows with the image's detail; along edges it is that of ordinary detail.
    """
    luma, camera = luma_of(image), config.camera
    transfer = partial(camera_transfer, config=camera)
    if stored is None:
        known = noise_variance(luma, Powers.of(luma, config.noise), config.noise)
        noise: Power = partial(white, variance=known)
    else:
        known, noise = stored.noise.variance, stored.noise.power
    amplitude = amplitude_of(luma[0], transfer, noise, scale, config.coloured)

    def power(size: Size) -> Array:
        return noise(size) + amplitude * camera.weight

    inverse = coloured_inverse(
        luma[0],
        transfer,
        power,
        scale,
        config.coloured,
        amplitude=amplitude,
        variance=known + QUANTISATION / config.ordinary * camera.weight,
        chroma="bicubic" if stored is not None and stored.tables.chroma_halved else "linear",
    )
    return inverse.upscale
