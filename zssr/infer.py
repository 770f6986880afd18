"""From a trained network to the SR image: tiles, self-ensemble, back-projection."""

import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet
from zssr.start import Start
from zssr.symmetry import Symmetry, symmetries_of


def infer(
    network: ResidualNet | None, image: torch.Tensor, kernel: SRKernel, start: Start, config: ZSSRConfig
) -> torch.Tensor:
    """LR (C, H, W) to SR (C, s*H, s*W) in 0..1; without a network, by the start alone.

    The self-ensemble takes the median over those flips and turns under which the kernel stays itself
    (eight for bicubic, one for a slanted ellipse); the others would show the network an image of
    another kernel. Each member is back-projected first.
    """
    members = symmetries_of(kernel, config.same_kernel) if config.self_ensemble else (Symmetry(),)
    results = []
    for symmetry in members:
        moved = start(symmetry.apply(image))
        if network is not None:
            moved = run_tiled(network, moved, config.tile * kernel.scale)
        results.append(back_project(symmetry.undo(moved), image, kernel, config.back_projections))
    result = results[0] if len(results) == 1 else torch.stack(results).median(dim=0).values
    if len(results) > 1:
        result = back_project(result, image, kernel, config.back_projections)
    return result.clamp(0.0, 1.0)


def run_tiled(network: ResidualNet, start: torch.Tensor, tile: int) -> torch.Tensor:
    """The network over (C, H, W) in tiles of ``tile`` pixels a side, the same as in one piece.

    Each tile is read with a rim as wide as the network sees; the rim's results are dropped.
    """
    height, width = start.shape[-2:]
    result = torch.empty_like(start)
    rim = network.radius
    with torch.no_grad():
        for y in range(0, height, tile):
            for x in range(0, width, tile):
                top, left = max(0, y - rim), max(0, x - rim)
                bottom, right = min(height, y + tile), min(width, x + tile)
                piece = start[None, :, top : bottom + rim, left : right + rim]
                done = network(piece)[0, :, y - top : bottom - top, x - left : right - left]
                result[:, y:bottom, x:right] = done
    return result


def back_project(sr: torch.Tensor, image: torch.Tensor, kernel: SRKernel, iterations: int) -> torch.Tensor:
    """Add the upscaled difference between the LR image and the downscaled SR, some times over.

    Irani and Peleg 1991, with bicubic upscaling, as ZSSR (section 4) uses it.
    """
    for _ in range(iterations):
        sr = sr + bicubic_upscale(image - downscale(sr, kernel), kernel.scale)
    return sr
