"""``blindsr kernel``."""

import numpy as np
import pytest
from scipy import io as scipy_io


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "size"), [(2, 13), (4, 25)])
def test_kernel_writes_what_upscale_would_use(work, blindsr, upscale, scale, size):
    options = ("--device", "cpu", "--preset", "instant", "-s", scale)
    code, out, _ = blindsr("kernel", "lr.png", "-o", "k/k.mat", "-o", "k/k.npy", "-o", "k/k.png", *options)
    assert (code, out) == (0, ["k/k.mat", "k/k.npy", "k/k.png"])
    kernel = scipy_io.loadmat(work / "k" / "k.mat")["Kernel"]
    assert kernel.shape == (size, size)
    np.testing.assert_array_equal(kernel, np.load(work / "k" / "k.npy"))
    upscale("lr.png", "-s", scale, "--details", "run")
    np.testing.assert_array_equal(kernel, np.load(work / "run" / f"kernel_x{scale}.npy"))
