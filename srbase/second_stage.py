"""The interface of every way from a picture and its kernel to the SR image.

ZSSR, a trained network, SRMD and whatever else is tried fill it; who calls them does not know which it is.
"""

from collections.abc import Mapping
from typing import Protocol

import torch

from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, silent


class SecondStage(Protocol):
    """A non-blind super-resolution: picture, kernels and noise to picture."""

    def restore(
        self,
        image: torch.Tensor,
        kernels: Mapping[int, SRKernel],
        scale: int,
        noise_variance: float,
        *,
        rng: torch.Generator,
        on_step: OnProgress = silent,
    ) -> torch.Tensor:
        """Undo the kernel.

        Args:
            image: LR, (1 or 3, h, w), float32 in working tones: 0..1, above 1 only where the picture has
                single pixels beyond its white (:mod:`srbase.imaging.tones`). It is only read.
            kernels: by scale; the one of ``scale`` is there, and others are for those who go step by step.
            scale: from LR to SR.
            noise_variance: of white noise on each channel, images in 0..1; rounding to 8 bits has 1/12/255^2.
            rng: of all random numbers.
            on_step: called with each step of the work.

        Returns:
            SR, (1 or 3, s*h, s*w) in working tones, on the image's device; it may go as far as the image.
        """
