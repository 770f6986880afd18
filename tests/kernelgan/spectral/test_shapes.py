"""Families are recognised where the spectrum shows them, and have the right kernels."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import data

from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel
from kernelgan.spectral.estimate import estimate_spectral
from kernelgan.spectral.shapes import FamilyConfig, kernel_of

CASES = [("bicubic", ()), ("disc", (2.5,)), ("box", (4.0,)), ("motion", (7.0, 0.6))]


@pytest.fixture(scope="module")
def photo():
    return np.moveaxis(data.coffee(), -1, 0) / 255.0


@pytest.mark.parametrize(("family", "numbers"), CASES)
def test_a_family_is_recognised(photo, family, numbers):
    kernel = kernel_of(family, numbers, FamilyConfig())
    blurred = np.stack([ndimage.correlate(channel, kernel)[::2, ::2] for channel in photo])
    found = estimate_spectral(np.clip(np.round(blurred * 255), 0, 255) / 255)
    assert found.family == family
    assert np.abs(found.kernel - kernel).sum() < 0.35  # half a grid step of radius, width or length


@pytest.mark.parametrize(("family", "numbers"), CASES)
def test_kernels_are_centred_and_sum_to_one(family, numbers):
    kernel = kernel_of(family, numbers, FamilyConfig())
    assert kernel.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(geometry.centre_of_mass(kernel), 6.5, atol=1e-9)


def test_variances_are_those_of_the_shapes():
    # a disc of radius r has r^2 / 4, a box of width w has w^2 / 12; cells add 1/12 for their own width
    config = FamilyConfig()
    assert geometry.covariance(kernel_of("disc", (3.0,), config))[0, 0] == pytest.approx(9 / 4, abs=0.1)
    assert geometry.covariance(kernel_of("box", (4.0,), config))[0, 0] == pytest.approx(16 / 12, abs=0.1)
    across = geometry.covariance(kernel_of("motion", (6.0, 0.0), config))
    assert across[1, 1] == pytest.approx(36 / 12 + config.motion_blur, abs=0.2)
    assert across[0, 0] == pytest.approx(config.motion_blur, abs=0.05)


def test_the_bicubic_kernel_is_the_projects_own():
    np.testing.assert_array_equal(kernel_of("bicubic", (), FamilyConfig()), SRKernel.bicubic(2).array)
