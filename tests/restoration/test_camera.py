"""What a camera passes: all of what is coarse, more than all of the middle, little of the top."""

import numpy as np
import pytest

from blindsr.restoration.camera import camera_transfer
from blindsr.restoration.config import CameraConfig
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import half_transfer

EXACT = 1e-12
DRAWN = 1e-6  # a Gaussian in 41 cells


@pytest.mark.parametrize("scale", [2, 4])
def test_the_camera_sharpens_the_middle_of_the_band(scale):
    size = (64, 64)
    passed = np.abs(camera_transfer(size, scale, CameraConfig()))[0]
    frequency = np.fft.rfftfreq(size[1] * scale) * scale
    assert passed[0] == pytest.approx(1, abs=EXACT)
    middle = (frequency > 0.06) & (frequency < 0.15)
    assert passed[middle].min() > 1
    assert passed[frequency == 0.5] < 0.3


@pytest.mark.parametrize("scale", [2, 4])
def test_without_sharpening_it_is_the_gaussian_kernel_and_lies_where_kernels_lie(scale):
    variance = 0.5
    offset = np.arange(41) - (20 + (scale - 1) / 2)
    line = np.exp(-(offset**2) / (2 * variance * scale**2))
    kernel = SRKernel(np.outer(line, line), scale)
    camera = camera_transfer((16, 12), scale, CameraConfig(variance=variance, amount=0.0))
    low = np.hypot(np.fft.fftfreq(16 * scale)[:, None], np.fft.rfftfreq(12 * scale)[None]) * scale < 0.6
    np.testing.assert_allclose(camera[low], half_transfer(kernel, (16, 12))[low], atol=1e-3)
