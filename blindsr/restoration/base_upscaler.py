"""The upscaling that ZSSR starts from in the default: the kernel's inverse.

It already holds most of what the network would have to learn.
"""

from dataclasses import replace
from typing import Final

import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import Inverse, kernel_inverse
from srbase.imaging.image import central
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.runtime.threads import one_thread

SAME: Final = 1e-12
"""Sum of squared differences of two inverses, images in 0..1, under which they are the same: a flat image."""


def base_upscaler(image: torch.Tensor, kernel: SRKernel, config: InverseConfig) -> Inverse:
    """The inverse of a kernel, with noise and blend weight chosen from the image.

    A flipped father's son is made by the same kernel after the flip, so the same base holds for it.

    Args:
        image: LR, (C, h, w) in 0..1.
        kernel: the kernel that made it small.
        config: numbers of the inverse.

    Returns:
        A :class:`srbase.upscaler.Upscaler`.
    """
    with one_thread():  # so that sums over the image do not depend on the number of threads
        inverse = kernel_inverse(image, kernel, config)
        if config.adaptive is None:
            return inverse
        return replace(inverse, share=adaptive_weight(inverse, kernel, image, config.validation_window))


def adaptive_weight(inverse: Inverse, kernel: SRKernel, image: torch.Tensor, window: int) -> float:
    """The least-squares weight between the linear and the edge-adaptive inverse, on the image itself.

    The LR image is shrunk by the kernel once more and brought back by both inverses. Edges that recur in the
    image favour the adaptive inverse; fine texture, which it takes for noise, speaks against it.

    Args:
        inverse: the inverse with both solutions.
        kernel: whose inverse it is.
        image: LR, (C, h, w) in 0..1.
        window: LR pixels a side of the central part that is used.

    Returns:
        0 (linear) to 1 (adaptive).
    """
    if min(image.shape[-2:]) < 2 * kernel.scale:  # it has no son to speak of
        return 0.0
    father = central(image, min(window, *image.shape[-2:]), multiple=kernel.scale)
    son = downscale(father, kernel)
    linear = inverse.linear(son)
    change = inverse.upscale(son) - linear
    energy = float(change.square().sum())
    if energy < SAME:
        return 0.0
    return min(max(float(((father - linear) * change).sum()) / energy, 0.0), 1.0)
