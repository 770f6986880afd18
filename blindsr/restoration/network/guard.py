"""How much a trained network is told and believed, by what the picture says of its kernel.

A trained network undoes a wrong kernel as sharply as a right one. Where the kernel was too wide, it lost up
to 1.2 dB. The picture shows such a kernel: its inverse overshoots beyond black and white, and what is left of
it within the range no longer shrinks to the LR image. That happens at the strongest edges, so the worst few
blocks are looked at. Told of more noise, the network follows the kernel less closely: there it gained up to
3.5 dB. The untrained result and the network's have different errors, so that a mean of both is never as bad
as the worse one and often better than either.
"""

import torch
from torch.nn import functional as F

from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.imaging.image import central
from srbase.imaging.pixels import PEAK, QUANTISATION
from srbase.imaging.range_limits import into_range
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent
from srbase.runtime.threads import one_thread


def mix_in(
    result: torch.Tensor,
    image: torch.Tensor,
    kernel: SRKernel,
    config: NetworkConfig,
    noise_variance: float,
    on_step: OnProgress = silent,
) -> None:
    """Move an untrained SR image toward the trained network's, in place and tile by tile.

    Args:
        result: SR of the untrained stage, (C, s*h, s*w) in 0..1; changed.
        image: LR, (C, h, w) in 0..1.
        kernel: that made it small.
        config: which network, and how much of it.
        noise_variance: of each channel of LR.
        on_step: called with each step of the work.
    """
    doubt = doubt_of_kernel(worst_misfit(image, kernel, config), noise_variance, config)
    network = TrainedNetwork(config)

    def toward(place: torch.Tensor, made: torch.Tensor) -> None:
        place.lerp_(made, config.share)

    network.over(result, image, kernel, network.level(noise_variance, doubt), toward, on_step)


def worst_misfit(image: torch.Tensor, kernel: SRKernel, config: NetworkConfig) -> float:
    """What the kernel's inverse, brought into 0..1 and shrunk again, leaves of LR in its worst blocks.

    Args:
        image: LR, (C, h, w) in 0..1.
        kernel: that is put to the test.
        config: numbers of the test.

    Returns:
        The mean square over the worst blocks, images in 0..1; 0 where the image is smaller than four blocks.
    """
    part, rim = central(image, config.window), config.block  # at the border the surroundings are missing
    if min(part.shape[-2:]) < 4 * config.block:
        return 0.0
    with one_thread():  # so that sums do not depend on the number of threads
        inverse = kernel_inverse(image, kernel, config.inverse)
        solved = into_range(inverse.upscale(part), part, kernel, config.saturation)
        left = (downscale(solved, kernel) - part).square().mean(dim=0)[rim:-rim, rim:-rim]
        blocks = F.avg_pool2d(left[None], config.block).flatten().sort(descending=True).values
    return float(blocks[: max(1, round(config.worst * len(blocks)))].mean())


def doubt_of_kernel(misfit: float, noise_variance: float, config: NetworkConfig) -> float:
    """How many times the variance of a clean picture's noise the network is told.

    Args:
        misfit: from :func:`worst_misfit`.
        noise_variance: of each channel of LR: under noise a misfit of its size says nothing.
        config: numbers of the rule.

    Returns:
        At least 1; the form of :func:`blindsr.restoration.adaptive.penalty_factor`.
    """
    usual = (config.doubtful / PEAK[8]) ** 2 + max(0.0, noise_variance - QUANTISATION)
    return 1 + (misfit / usual) ** 2
