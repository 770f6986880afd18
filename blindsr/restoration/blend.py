"""From what is believed of a photograph's origin to its SR image.

The answer is the mean over what may be true:

    bicubic + trust * (computer * (its kernel undone) + (1 - computer) * (a camera undone) - bicubic)

which has the least expected squared error if the probabilities are right. A kernel is undone by ZSSR; under
the noise of a JPEG, and for a camera, by the inverse under coloured noise
(:mod:`blindsr.restoration.coloured`), since networks trained on such images learn their noise: on three of
four real pairs they lost 0.1 to 0.4 dB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from blindsr.analysis.jpeg_history import find_tables
from blindsr.analysis.jpeg_noise import NoiseSpectrum, quantisation_noise
from blindsr.analysis.origin import Origin
from blindsr.configuration import RestoreConfig, Settings
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.restoration.camera import transfer_of, white
from blindsr.restoration.coloured import ColouredInverse, Transfer, amplitude_of
from blindsr.restoration.config import QUANTISATION, ColouredConfig
from blindsr.restoration.noise import Powers, noise_variance
from srbase.imaging.colour import to_luma, to_rgb, to_ycc
from srbase.imaging.range_limits import RangeLimits, SaturationConfig, into_range
from srbase.imaging.resample import bicubic_upscale
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import Size, half_transfer
from srbase.progress import OnProgress, Progress
from srbase.runtime.threads import side_by_side
from zssr.solve import Training, super_resolve

Array = npt.NDArray[np.float64]
Part = Callable[[torch.Tensor], torch.Tensor]
"""LR (C, h, w), a tile with its rim, to SR (C, s*h, s*w), not clipped."""

STAGE: Final = "image"
"""The name under which progress is told."""


@dataclass(frozen=True, eq=False)
class Stored:
    """An image's JPEG: its tables, and the noise that they left in the luma."""

    tables: JPEGTables
    noise: NoiseSpectrum


def storage_of(image: torch.Tensor, tables: JPEGTables | None, config: RestoreConfig) -> Stored | None:
    """How the image (C, H, W) in 0..1 was stored: by the tables of its file, or of the JPEG that it once was.

    None where it was no JPEG, or one as fine as rounding.
    """
    luma = _luma(image).cpu().numpy()[0]
    if tables is None and config.history is not None:
        tables = find_tables(luma, config.history)
    if tables is None:
        return None
    noise = quantisation_noise(luma, tables, config.quantisation)
    return Stored(tables, noise) if noise.variance > config.noisy * QUANTISATION else None


def restored(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    settings: Settings,
    origin: Origin | None,
    stored: Stored | None,
    *,
    rng: torch.Generator,
    on_step: OnProgress,
    limits: RangeLimits = RangeLimits(),  # noqa: B008 - frozen
) -> tuple[torch.Tensor, tuple[Training, ...]]:
    """The SR image (C, s*H, s*W) within the limits of an LR image (C, H, W), and the trainings behind it.

    origin: None where the kernel is certain.
    """
    computer = 1.0 if origin is None else origin.computer
    trust = 1.0 if origin is None else origin.trust
    by_zssr = stored is None or origin is None
    trainings: tuple[Training, ...] = ()
    parts: list[tuple[float, Part]] = []
    if trust * computer > 0 and by_zssr:
        worth = origin is None or origin.worth_training
        config = settings.zssr if worth else replace(settings.zssr, max_steps=0)
        made = super_resolve(image, kernels, scale, config, rng=rng, on_step=on_step, limits=limits)
        result, trainings = made.image, made.trainings
        if trust * computer == 1:
            return result, trainings
        result *= trust * computer
    else:
        result = image.new_zeros((len(image), scale * image.shape[-2], scale * image.shape[-1]))
    if trust < 1:
        parts.append((1 - trust, partial(bicubic_upscale, scale=scale)))
    if stored is not None and trust * computer > 0 and not by_zssr:
        parts.append((trust * computer, _computers(image, kernels[scale], stored, settings.restore)))
    if trust * (1 - computer) > 0:
        parts.append((trust * (1 - computer), _cameras(image, scale, stored, settings.restore)))
    saturation = settings.zssr.saturation if trust > 0 else None  # bicubic interpolation stays what it is
    _add(result, image, parts, scale, settings.restore.coloured, saturation, on_step, limits)
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


def _computers(image: torch.Tensor, kernel: SRKernel, stored: Stored, config: RestoreConfig) -> Part:
    """A kernel undone under the noise of storage."""
    through = _transfer_of(kernel)
    luma, noise = _luma(image)[0], stored.noise.power
    amplitude = amplitude_of(luma, through, noise, kernel.scale, config.coloured)
    variance = stored.noise.variance
    inverse = ColouredInverse(through, noise, amplitude, variance, kernel.scale, config.coloured)
    return partial(_in_colour, inverse=inverse, halved=stored.tables.chroma_halved)


def _cameras(image: torch.Tensor, scale: int, stored: Stored | None, config: RestoreConfig) -> Part:
    """A camera undone, under the noise of storage or that of its quiet parts, and what is unknown of cameras.

    What is unknown grows with the image's detail; along edges it is that of ordinary detail.
    """
    through, luma = transfer_of(config.camera), _luma(image)
    known = (
        noise_variance(luma, Powers.of(luma, config.noise), config.noise)
        if stored is None
        else stored.noise.variance
    )
    noise = white(known) if stored is None else stored.noise.power
    own = amplitude_of(luma[0], through, noise, scale, config.coloured)

    def power(size: Size) -> Array:
        return noise(size) + own * config.camera.weight

    variance = known + QUANTISATION / config.ordinary * config.camera.weight
    inverse = ColouredInverse(through, power, own, variance, scale, config.coloured)
    return partial(_in_colour, inverse=inverse, halved=stored is not None and stored.tables.chroma_halved)


def _in_colour(image: torch.Tensor, inverse: ColouredInverse, *, halved: bool) -> torch.Tensor:
    """Luma along edges and colour differences linearly; those stored at half the size are interpolated, as
    they hold nothing that could be lifted."""
    if len(image) == 1:
        return inverse.upscale(image)
    planes = to_ycc(image)
    luma, chroma = inverse.upscale(planes[:1]), planes[1:]
    large = bicubic_upscale(chroma, inverse.scale) if halved else inverse.upscale(chroma, steered=False)
    return to_rgb(torch.cat([luma, large]))


def _transfer_of(kernel: SRKernel) -> Transfer:
    """A kernel's transfer function as one of the size."""

    def through(size: Size, scale: int) -> npt.NDArray[np.complex128]:
        assert scale == kernel.scale
        return half_transfer(kernel, size)

    return through


def _luma(image: torch.Tensor) -> torch.Tensor:
    """(1, H, W) of (C, H, W)."""
    return image if len(image) == 1 else to_luma(image)
