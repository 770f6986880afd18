r"""What a camera does to a scene, as a transfer function, and its inverse.

Relative to a picture of the same scene with more pixels, a camera's picture is blurred by lens and pixel,
then sharpened by its processing, then relieved of noise at the top of the band. In LR units, f in cycles per
LR pixel,

    K(f) = exp(-2 pi^2 v f^2) (1 + m (1 - exp(-2 pi^2 r^2 f^2)))

a Gaussian of variance v and an unsharp mask of amount m and radius r. Where a computer's Gaussian would be
lifted, K passes one or more: undoing it leaves the middle of the band as it is, or lowers it.
``CameraConfig.weight`` stands for noise, aliasing and all that differs from camera to camera; it keeps the
top of the band from being lifted.
"""

import numpy as np
import numpy.typing as npt

from blindsr.restoration.config import CameraConfig
from srbase.kernels import geometry
from srbase.kernels.operator import Size


def camera_transfer(size: Size, scale: int, config: CameraConfig) -> npt.NDArray[np.complex128]:
    """K at the HR frequencies of ``size`` (h, w) LR pixels, half a spectrum, in phase with LR pixels."""
    fy, fx = np.fft.fftfreq(size[0] * scale) * scale, np.fft.rfftfreq(size[1] * scale) * scale
    square = fy[:, None] ** 2 + fx[None] ** 2
    blur = np.exp(-2 * np.pi**2 * config.variance * square)
    mask = 1 + config.amount * (1 - np.exp(-2 * np.pi**2 * config.radius**2 * square))
    shift = geometry.hr_coordinate(0, scale) / scale  # LR pixels from an HR pixel to the LR pixel's centre
    turn = np.exp(2j * np.pi * shift * (fy[:, None] + fx[None]))
    return np.asarray(blur * mask * turn)
