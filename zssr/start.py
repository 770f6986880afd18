"""What the network adds its residual to: an upscaling that is linear and needs no training.

``bicubic`` is the paper's (section 4). ``inverse`` is the regularised least-squares solution for the
kernel at hand (:mod:`zssr.inverse`), which already holds most of what the network would have to learn.
Sons and the test image start alike.
"""

from collections.abc import Callable
from functools import partial

import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale
from zssr.config import ZSSRConfig
from zssr.inverse import InverseConfig, inverse_filter
from zssr.noise import choose_weight

Start = Callable[[torch.Tensor], torch.Tensor]
"""(..., h, w) to (..., s*h, s*w), any values; not clipped."""


def start_for(image: torch.Tensor, kernel: SRKernel, config: ZSSRConfig) -> Start:
    """The start for a kernel; the inverse's weight is chosen from the LR image (C, h, w)."""
    if config.start == "bicubic":
        return partial(bicubic_upscale, scale=kernel.scale)
    weight = choose_weight(image, kernel)
    return inverse_filter(kernel, InverseConfig(weight=weight)).upscale
