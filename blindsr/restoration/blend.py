"""From what a picture shows to its SR image.

The restoration is the combination of least expected loss (:mod:`blindsr.restoration.expected_loss`),

    B + sum_j z_j D_j + k (K - B) + c (C - B)

of bicubic interpolation B, a small filter, the inverse K of the estimated kernel and the inverse C of a
camera, held near the range of the neighbouring LR pixels. Where the weight k is large, the kernel is sure:
K alone replaces the combination, improved by a ZSSR that starts from it. No network is trained on a JPEG or
on a noisy picture, as it would learn the noise. A network that others trained (``config.network``) is mixed
into that part, and any other second stage may take ZSSR's place in it. Where the combination stays, a
network of another kind (``config.detail``) may add its detail to it.

Brightness is restored; colour differences follow the kernel's inverse alone, and only where they were not
stored at half the size.

A drawing and pixel art are restored by :mod:`blindsr.restoration.drawing` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import torch

from blindsr.analysis.kind import PHOTO, Kind
from blindsr.analysis.storage import StoredJPEG
from blindsr.restoration import filter_bank
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.candidates import camera_candidate, kernel_candidate
from blindsr.restoration.config import NetworkConfig, RestorationConfig
from blindsr.restoration.drawing import block_means, drawing_candidate
from blindsr.restoration.expected_loss import Combination, kernel_alone
from blindsr.restoration.inverse import Inverse
from blindsr.restoration.network.detail import Detail
from blindsr.restoration.network.guard import mix_in
from blindsr.restoration.noise import Powers, noise_variance
from srbase.imaging.colour import to_rgb, to_ycc
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.range_limits import RangeLimits, SaturationConfig, into_range
from srbase.imaging.resample import bicubic_upscale, nearest_upscale
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.threads import side_by_side
from srbase.second_stage import SecondStage
from srbase.upscaler import bicubic_base
from zssr.second_stage import ZeroShot
from zssr.solve import Training

Part = Callable[[torch.Tensor], torch.Tensor]
"""LR (C, h, w), a tile with its overlap, to SR (C, s*h, s*w), not clipped."""

STAGE: Final = "blend"
"""The stage's name in progress reports."""


@dataclass(frozen=True, eq=False)
class Restored:
    """An SR image and what made it.

    Attributes:
        image: (C, s*H, s*W) within the limits.
        trainings: ZSSR's.
        networks: the part in the image, 0..1, of each trained network that the settings name, by its
            architecture in words.
    """

    image: torch.Tensor
    trainings: tuple[Training, ...]
    networks: Mapping[str, float]


def restore(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    config: RestorationConfig,
    combination: Combination | None = None,
    stored: StoredJPEG | None = None,
    *,
    kind: Kind = PHOTO,
    noisy: bool = False,
    rng: torch.Generator,
    on_step: OnProgress = silent,
    limits: RangeLimits = RangeLimits(),  # noqa: B008 - frozen
    second_stage: SecondStage | None = None,
) -> Restored:
    """Restore an LR image.

    Args:
        image: LR, (C, H, W) in working tones; it is only read.
        kernels: by scale.
        scale: 2 or 4.
        config: numbers of the restoration.
        combination: what the picture shows; None: it was downscaled by the kernel, which is exact.
        stored: the JPEG that the picture was stored as.
        kind: what kind of picture it is.
        noisy: whether the picture has noise that a network would learn.
        rng: of ZSSR.
        on_step: called with each step of the work.
        limits: of the result's values.
        second_stage: what undoes the kernel, in place of ZSSR.

    Returns:
        The SR image and what made it.
    """
    chosen = combination or kernel_alone(scale)
    adds_detail = config.detail_for(scale)
    networks = {named.architecture: 0.0 for named in (config.network, adds_detail) if named is not None}
    trust = 1.0 if config.trust is None else config.trust
    if kind.name != "photo":
        drawn = _restore_drawing(image, kind, scale, config, stored, trust, on_step, limits)
        return Restored(drawn, (), networks)
    trained = bool(image.amax() <= 1)  # the networks know no values beyond white
    alone = trust * config.kernel_share(chosen.kernel)
    result = image.new_zeros((len(image), scale * image.shape[-2], scale * image.shape[-1]))
    trainings: tuple[Training, ...] = ()
    parts: list[tuple[float, _Combined]] = []
    if alone > 0 and stored is not None:
        parts.append((alone, _Combined.of(image, kernels[scale], kernel_alone(scale), stored, config)))
    elif alone > 0:
        unfit = noisy and combination is not None
        network = config.network if trained and not unfit else None
        result, trainings = _apply_second_stage(
            image, kernels, scale, config, unfit, rng, on_step, limits, second_stage, network
        )
        if network is not None:
            networks[network.architecture] = alone * network.share
        if alone == 1:
            return Restored(result, trainings, networks)
        result *= alone
    if trust > alone:
        parts.append((trust - alone, _Combined.of(image, kernels[scale], chosen, stored, config)))
    overlap, detail = max([config.rim, *(part.reach for _, part in parts)]), None
    if adds_detail is not None and combination is not None and trained:
        detail = Detail.of(adds_detail, image.device)
        overlap += detail.reach
        networks[adds_detail.architecture] = adds_detail.share * sum(weight for weight, _ in parts)
    tiling = (config.tile, overlap)
    _add(result, image, parts, 1 - trust, scale, tiling, config.zssr.saturation, on_step, limits, detail)
    return Restored(result, trainings, networks)


def _apply_second_stage(
    image: torch.Tensor,
    kernels: Mapping[int, SRKernel],
    scale: int,
    config: RestorationConfig,
    noisy: bool,
    rng: torch.Generator,
    on_step: OnProgress,
    limits: RangeLimits,
    second_stage: SecondStage | None,
    network: NetworkConfig | None,
) -> tuple[torch.Tensor, tuple[Training, ...]]:
    """The SR image of a kernel that is sure, by the second stage, and ZSSR's trainings.

    ``network`` is mixed in. On a noisy picture ZSSR trains none.
    """
    zssr = replace(config.zssr, max_steps=0) if noisy else config.zssr
    inverse = config.inverse
    base = bicubic_base if inverse is None else partial(base_upscaler, config=inverse)
    zero_shot = ZeroShot(zssr, base, limits)
    noise = QUANTISATION if second_stage is None and network is None else _noise(image, config)
    stage = second_stage or zero_shot
    result = stage.restore(image, kernels, scale, noise, rng=rng, on_step=on_step)
    if network is not None:
        mix_in(result, image, kernels[scale], network, noise, on_step)
    return result, tuple(zero_shot.trainings)


def _restore_drawing(
    image: torch.Tensor,
    kind: Kind,
    scale: int,
    config: RestorationConfig,
    stored: StoredJPEG | None,
    trust: float,
    on_step: OnProgress,
    limits: RangeLimits,
) -> torch.Tensor:
    """The SR image of a drawing or of pixel art.

    Returns:
        (C, s*H, s*W): ``trust`` (0..1) times the drawing's enlargement, the rest bicubic interpolation. Pixel
        art is enlarged by nearest neighbour, after its block means if it was a JPEG.
    """
    result = image.new_zeros((len(image), scale * image.shape[-2], scale * image.shape[-1]))
    overlap, parts = config.rim, list[tuple[float, Part]]()  # the one enlargement, if any
    if trust > 0 and kind.name == "pixels":
        image = image if stored is None else block_means(image, kind.blocks)
        parts.append((trust, partial(nearest_upscale, scale=scale)))
    elif trust > 0:
        drawing = drawing_candidate(image, scale, config.drawing, stored=stored is not None)
        overlap = max(overlap, drawing.reach)
        parts.append((trust, drawing.upscale))
    _add(result, image, parts, 1 - trust, scale, (config.tile, overlap), None, on_step, limits)
    return result


@dataclass(frozen=True, eq=False)
class _Combined:
    """The combination as an upscaling of tiles; K and C where their weights are not 0."""

    combination: Combination
    kernel: Inverse | None
    camera: Inverse | None
    chroma_halved: bool
    saturation: SaturationConfig | None

    @classmethod
    def of(
        cls,
        image: torch.Tensor,
        kernel: SRKernel,
        combination: Combination,
        stored: StoredJPEG | None,
        config: RestorationConfig,
    ) -> _Combined:
        by_kernel = by_camera = None
        if combination.kernel and (stored is not None or config.inverse is not None):
            by_kernel = kernel_candidate(image, kernel, stored, config)
        if combination.camera:
            by_camera = camera_candidate(image, combination.scale, stored, config)
        halved = stored is not None and stored.tables.chroma_halved
        return cls(combination, by_kernel, by_camera, halved, config.zssr.saturation)

    @property
    def reach(self) -> int:
        """LR pixels on each side on which an HR pixel depends."""
        inverses = [inverse.reach for inverse in (self.kernel, self.camera) if inverse is not None]
        return max([filter_bank.REACH[self.combination.scale] + 2, *inverses])

    def __call__(self, read: torch.Tensor) -> torch.Tensor:
        """LR (C, h, w), a tile with its overlap, to SR (C, s*h, s*w).

        Luma is the combination, held near the range of the neighbouring LR pixels. Colour differences are
        moved from bicubic interpolation toward the kernel's inverse alone, unless they were stored at half
        the size.
        """
        chosen, gray = self.combination, len(read) == 1
        scale, base = chosen.scale, bicubic_upscale(read, chosen.scale)
        small, made = (read, base) if gray else (to_ycc(read), to_ycc(base))
        luma = made[:1] + filter_bank.deviate(small[:1], chosen.filter, scale)
        chroma = made[1:]
        if self.kernel is not None:
            by_kernel = self.kernel.upscale(read)
            by_kernel = by_kernel if gray else to_ycc(by_kernel)
            luma = luma + chosen.kernel * (by_kernel[:1] - made[:1])
            if not self.chroma_halved:
                chroma = chroma + chosen.kernel * (by_kernel[1:] - chroma)
        if self.camera is not None:
            by_camera = self.camera.upscale(read)
            luma = luma + chosen.camera * ((by_camera if gray else to_ycc(by_camera)[:1]) - made[:1])
        luma = filter_bank.into_local_range(luma, small[:1], scale, chosen.slack, self.saturation)
        return luma if gray else to_rgb(torch.cat([luma, chroma]))


def _add(
    result: torch.Tensor,
    image: torch.Tensor,
    parts: Sequence[tuple[float, Part]],
    bicubic: float,
    scale: int,
    tiling: tuple[int, int],
    saturation: SaturationConfig | None,
    on_step: OnProgress,
    limits: RangeLimits,
    detail: Detail | None = None,
) -> None:
    """Add weighted upscalings to an SR image in place, tile by tile.

    Bicubic interpolation is clipped by itself, so that the result with a trust t is t times the full
    restoration and 1 - t times bicubic interpolation.

    Args:
        result: SR, (C, s*H, s*W), changed.
        image: LR, (C, H, W).
        parts: weights and upscalings of tiles.
        bicubic: weight of bicubic interpolation; all weights and that of ``result`` sum to 1.
        scale: from LR to HR.
        tiling: HR pixels a side of a tile, and LR pixels that are read around it.
        saturation: how the mean of ``parts`` is brought within the limits; None: it is clipped.
        on_step: called with each tile.
        limits: of the values.
        detail: added to the mean of ``parts``.
    """
    cut = tiles((image.shape[-2], image.shape[-1]), tiling[0] // scale, tiling[1])
    total = sum(weight for weight, _ in parts)

    def fill(tile: Tile) -> None:
        read, place = tile.read(image), tile.place(result, scale)
        if parts:
            (first, upscale_first), *others = parts
            mixed = upscale_first(read) * (first / total)
            for weight, upscale in others:
                mixed.add_(upscale(read), alpha=weight / total)
            if saturation:
                within = into_range(mixed, read, None, saturation, limits)
            else:
                within = mixed.clamp(0, limits.most)
            if detail is not None:
                within = detail.add(read, within).clamp_(0, limits.most)
            place.add_(tile.core(within, scale), alpha=total)
        if bicubic:
            plain = bicubic_upscale(read, scale).clamp_(0, limits.most)
            place.add_(tile.core(plain, scale), alpha=bicubic)
        place.clamp_(0, limits.most)

    def report(done: int) -> None:
        on_step(Progress(f"{STAGE} x{scale}", done, len(cut), done=done == len(cut)))

    side_by_side(fill, cut, image.device, report)


def _noise(image: torch.Tensor, config: RestorationConfig) -> float:
    """Variance of the white noise on each channel."""
    return noise_variance(image, Powers.of(image, config.noise), config.noise)
