"""From a trained network to the SR image: self-ensemble and back-projection, tile by tile."""

import warnings
from collections.abc import Callable, Sequence
from typing import Final

import torch

from srbase.imaging.range_limits import RIM, RangeLimits, into_range
from srbase.imaging.resample import CUBIC_REACH, bicubic_upscale, downscale
from srbase.imaging.tiles import Tile, tiles
from srbase.kernels.kernel import SRKernel
from srbase.progress import Notice, OnProgress, Progress, silent
from srbase.runtime.threads import side_by_side
from srbase.upscaler import Upscaler
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet
from zssr.symmetry import Symmetry, symmetries_of

STAGE: Final = "image"

TILES_ON_A_CARD: Final = 2
"""Times as wide as ``ZSSRConfig.tile`` on a graphics card: small ones take as long as large ones there."""
LEAST_TILE: Final = 64
"""HR pixels a side under which a tile is mostly rim: where memory does not hold it, it holds nothing."""


def infer(
    network: ResidualNet | None,
    image: torch.Tensor,
    kernel: SRKernel,
    base: Upscaler,
    config: ZSSRConfig,
    on_step: OnProgress = silent,
    limits: RangeLimits = RangeLimits(),  # noqa: B008 - frozen
) -> torch.Tensor:
    """LR (C, H, W) to SR (C, s*H, s*W) within the limits; without a network, by the base upscaler alone.

    The image is done in tiles, each read with a rim as wide as a pixel sees, so that the result does not
    depend on their size (but for the last digits of what an iteration leaves). The self-ensemble takes the
    median over those flips and turns under which the kernel stays itself (eight for bicubic, one for a
    slanted ellipse); the others would show the network an image of another kernel.
    """
    members = symmetries_of(kernel, config.same_kernel) if network and config.self_ensemble else (Symmetry(),)
    scale, (height, width) = kernel.scale, image.shape[-2:]
    result = image.new_empty((image.shape[0], scale * height, scale * width))
    rim = seen(network, kernel, base, config)

    def fill(tile: Tile) -> None:
        read = tile.read(image)
        done = _upscaled(network, read, kernel, base, config, members)
        saturation = config.saturation
        within = (
            into_range(done, read, kernel, saturation, limits) if saturation else done.clamp(0, limits.most)
        )
        tile.place(result, scale).copy_(tile.core(within, scale))

    def fill_all(side: int) -> None:
        cut = tiles((height, width), side // scale, rim)
        side_by_side(fill, cut, image.device, lambda done: tell(done, len(cut)))

    def tell(done: int, total: int) -> None:
        on_step(Progress(f"{STAGE} x{scale}", done, total, done=done == total))

    _as_memory_allows(fill_all, config.tile * (1 if image.device.type == "cpu" else TILES_ON_A_CARD))
    return result


def _as_memory_allows(work: Callable[[int], None], side: int) -> None:
    """Do the work in tiles of ``side`` HR pixels, or half of it, as often as the device's memory ends."""
    while True:
        try:
            return work(side)
        except torch.OutOfMemoryError:
            if side // 2 < LEAST_TILE:
                raise
        side //= 2
        torch.cuda.empty_cache()  # does nothing where CUDA was not used
        warnings.warn(
            Notice(f"the device's memory is full; working on in tiles of {side} pixels"), stacklevel=3
        )


def seen(network: ResidualNet | None, kernel: SRKernel, base: Upscaler, config: ZSSRConfig) -> int:
    """LR pixels on each side on which an HR pixel of the result depends."""
    by_network = -(-network.radius // kernel.scale) if network else 0
    rounds = config.back_projections * (2 if network and config.self_ensemble else 1)
    by_projection = rounds * (CUBIC_REACH + max(kernel.shape) // kernel.scale + 1)
    return base.reach + by_network + by_projection + (RIM if config.saturation else 0)


def _upscaled(
    network: ResidualNet | None,
    image: torch.Tensor,
    kernel: SRKernel,
    base: Upscaler,
    config: ZSSRConfig,
    members: Sequence[Symmetry],
) -> torch.Tensor:
    """One tile. The base is made once: a kernel that a flip leaves as it is has the flipped base."""
    begun = base.upscale(image)
    results = []
    for symmetry in members:
        moved = begun
        if network is not None:
            with torch.no_grad():
                moved = symmetry.undo(network(symmetry.apply(begun)[None])[0])
        results.append(back_project(moved, image, kernel, config.back_projections))
    if len(results) == 1:
        return results[0]
    median = torch.stack(results).median(dim=0).values
    return back_project(median, image, kernel, config.back_projections)


def back_project(sr: torch.Tensor, image: torch.Tensor, kernel: SRKernel, iterations: int) -> torch.Tensor:
    """Add the upscaled difference between the LR image and the downscaled SR, some times over.

    Irani and Peleg 1991, with bicubic upscaling, as ZSSR (section 4) uses it.
    """
    for _ in range(iterations):
        sr = sr + bicubic_upscale(image - downscale(sr, kernel), kernel.scale)
    return sr
