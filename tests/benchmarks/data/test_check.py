"""What is wrong with a data set is said."""

import numpy as np
import pytest
import torch
from scipy import io as scipy_io

from benchmarks.data import layout
from benchmarks.data.check import check
from benchmarks.data.load import load, read_pair, read_true_kernels
from blindsr.io.photo import Photo, read_photo, write_photo
from srbase.errors import InputError
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import small_set


def test_a_good_set_passes(tmp_path):
    root = small_set(tmp_path / "s", 3, (2, 4))
    findings = check(root)
    assert all(finding.good for finding in findings), findings
    assert sum("on the phase" in finding.text for finding in findings) == 2


def test_turned_kernels_are_noticed_and_can_be_turned_back(tmp_path):
    root = small_set(tmp_path / "s", 3, protocol="plain")
    for n in (1, 2, 3):
        path = layout.kernel_path(root, n, 2)
        kernel = scipy_io.loadmat(path)["Kernel"]
        scipy_io.savemat(path, {"Kernel": np.rot90(kernel, 2)})
    wrong = [finding.text for finding in check(root) if not finding.good]
    assert "turned by 180 degrees" in wrong[0]
    assert "--turn-kernels" in wrong[0]
    item = load(root, 2, turned=True).items[0]
    lr, gt = read_pair(item)
    assert float((downscale(gt, read_true_kernels(item)[2]) - lr).abs().max()) < 1 / 255


def test_lr_off_the_phase_is_noticed(tmp_path):
    root = small_set(tmp_path / "s", 3)
    for n in (1, 2, 3):
        gt = read_photo(layout.gt_path(root, n)).image
        moved = torch.roll(gt, (1, 0), (1, 2))
        kernel = SRKernel(scipy_io.loadmat(layout.kernel_path(root, n, 2))["Kernel"], 2)
        write_photo(layout.lr_path(root, n, 2), Photo(downscale(moved, kernel)))
    wrong = [finding.text for finding in check(root) if not finding.good]
    assert "off the phase" in wrong[-1]
    assert "+1.0" in wrong[-1] or "+0.9" in wrong[-1]


def test_an_lr_image_that_is_another_ones_is_named(tmp_path):
    root = small_set(tmp_path / "s", 3)
    path = layout.lr_path(root, 2, 2)
    write_photo(path, Photo((read_photo(path).image + 0.1).clamp(0, 1)))
    (wrong,) = [finding.text for finding in check(root) if not finding.good]
    assert "1 of 3 LR images are not what kernel and HR give: im_2; is there noise" in wrong


def test_a_kernel_that_cannot_be_read_is_a_finding(tmp_path):
    root = small_set(tmp_path / "s", 2)
    layout.kernel_path(root, 1, 2).write_bytes(b"no kernel")
    (wrong,) = [finding.text for finding in check(root) if not finding.good]
    assert "cannot be read as a kernel" in wrong


def test_a_folder_without_lr_is_no_data_set(tmp_path):
    with pytest.raises(InputError, match="has no lr_x2 or lr_x4; wanted a data set"):
        check(tmp_path)
