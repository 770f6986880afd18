"""How much of a trained network's picture to take."""

import torch

from blindsr.restoration.network.config import NetworkConfig
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent


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
    share = config.share

    def toward(place: torch.Tensor, made: torch.Tensor) -> None:
        place.lerp_(made, share)

    TrainedNetwork(config).over(result, image, kernel, noise_variance, toward, on_step)
