"""``blindsr degrade``."""

import numpy as np
import pytest
from PIL import Image

from blindsr.io.kernel_files import read_kernel, write_kernel
from srbase.kernels.kernel import SRKernel

ANOTHER_KERNEL = 3  # grey levels: far beyond the one of rounding
CENTRED = 1e-6  # HR pixels


@pytest.mark.parametrize("scale", [2, 4])
def test_degrade_bicubically_by_a_file_and_at_random(work, blindsr, size_of, scale):
    write_kernel(work / "k.mat", SRKernel.bicubic(scale))
    common = ("-s", scale, "--seed", 5)
    assert blindsr("degrade", "lr.png", "-o", "b.png", *common)[:2] == (0, ["b.png"])
    assert blindsr("degrade", "lr.png", "-o", "k.png", "-k", "k.mat", *common)[0] == 0
    random = ("--random-kernel", "--save-kernel", "r.mat")
    assert blindsr("degrade", "lr.png", "-o", "r.png", *random, *common)[0] == 0
    assert blindsr("degrade", "lr.png", "-o", "again.png", "-k", "r.mat", *common)[0] == 0
    pictures = {}
    for name in ("b", "k", "r", "again"):
        assert size_of(f"{name}.png") == (71 // scale, 83 // scale, 3)
        with Image.open(f"{name}.png") as picture:
            pictures[name] = np.asarray(picture).astype(int)
    inner = (slice(3, -3), slice(3, -3))  # the two bicubics differ in the outermost pixels
    assert np.abs(pictures["b"] - pictures["k"])[inner].max() <= 1  # and by rounding
    assert np.abs(pictures["again"] - pictures["r"]).max() <= 1  # the saved kernel is the one used
    assert np.abs(pictures["r"] - pictures["b"]).max() > ANOTHER_KERNEL
    assert np.abs(read_kernel(work / "r.mat", scale).centre_offset).max() < CENTRED
