"""The candidates of a restoration besides bicubic interpolation: a kernel's inverse, and a camera's."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from blindsr.analysis.storage import StoredJPEG
from blindsr.restoration.camera import camera_transfer
from blindsr.restoration.config import RestorationConfig
from blindsr.restoration.inverse import (
    Inverse,
    Power,
    amplitude_of,
    coloured_inverse,
    kernel_inverse,
    kernel_transfer,
    white,
)
from blindsr.restoration.noise import Powers, noise_variance
from srbase.errors import InputError
from srbase.imaging.colour import luma as luma_of
from srbase.imaging.pixels import QUANTISATION
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import Size

Array = npt.NDArray[np.float64]


def kernel_candidate(
    image: torch.Tensor, kernel: SRKernel, stored: StoredJPEG | None, config: RestorationConfig
) -> Inverse:
    """The inverse of a kernel, under the noise of storage where the image was a JPEG.

    Args:
        image: LR, (C, h, w) in 0..1, on which noise and amplitude are measured.
        kernel: of the scale.
        stored: the JPEG that the image was stored as.
        config: numbers of the restoration.

    Returns:
        The inverse.

    Raises:
        InputError: where the restoration has no inverse of a kernel, and the image was no JPEG.
    """
    if stored is None:
        if config.inverse is None:
            raise InputError("the restoration has no inverse of a kernel; wanted one")
        return kernel_inverse(image, kernel, config.inverse)
    return coloured_inverse(
        luma_of(image)[0],
        partial(kernel_transfer, kernel=kernel),
        stored.noise.power,
        kernel.scale,
        config.coloured,
        variance=stored.noise.variance,
        chroma="bicubic" if stored.tables.chroma_halved else "linear",
    )


def camera_candidate(
    image: torch.Tensor, scale: int, stored: StoredJPEG | None, config: RestorationConfig
) -> Inverse:
    """The inverse of a camera's blur, under the noise of storage or of the image's quiet parts, and
    under what is unknown of cameras.

    What is unknown grows with the image's detail; along edges it is that of ordinary detail.

    Args:
        image: LR, (C, h, w) in 0..1, on which noise and amplitude are measured.
        scale: from LR to HR.
        stored: the JPEG that the image was stored as.
        config: numbers of the restoration.

    Returns:
        The inverse.
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

    return coloured_inverse(
        luma[0],
        transfer,
        power,
        scale,
        config.coloured,
        amplitude=amplitude,
        variance=known + QUANTISATION / config.ordinary * camera.weight,
        chroma="bicubic" if stored is not None and stored.tables.chroma_halved else "linear",
    )
