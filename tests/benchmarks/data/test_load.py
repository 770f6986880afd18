"""Data sets are read in pairs, ours and the real one."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.data import layout
from benchmarks.data.check import check
from benchmarks.data.load import load, read_pair
from srbase.errors import InputError
from tests.benchmarks.bench_fakes import small_set


def test_unpaired_images_are_named(tmp_path):
    root = small_set(tmp_path / "s", 3)
    layout.lr_path(root, 2, 2).unlink()
    with pytest.raises(InputError, match=r"without a partner at x2: img_2_gt\.png"):
        load(root, 2)
    assert [f.good for f in check(root)] == [False]


def test_alpha_and_odd_sizes_of_the_real_set(tmp_path):
    root = small_set(tmp_path / "s", 1)
    path = layout.gt_path(root, 1)
    wide = np.asarray(Image.open(path))
    odd = np.concatenate([wide, wide[-1:]], axis=0)
    alpha = np.full((*odd.shape[:2], 1), 255, np.uint8)
    alpha[0] = 10
    Image.fromarray(np.concatenate([odd, alpha], axis=2)).save(path)
    lr, gt = read_pair(load(root, 2).items[0])
    assert lr.shape == (3, 73, 67)
    assert gt.shape == (3, 146, 134)


def test_sizes_that_the_scale_does_not_explain(tmp_path):
    root = small_set(tmp_path / "s", 1)
    path = layout.gt_path(root, 1)
    Image.open(path).resize((150, 146)).save(path)
    with pytest.raises(InputError, match=r"img_1_gt\.png is 150x146 and im_1\.png is 67x73; wanted 2 times"):
        read_pair(load(root, 2).items[0])
    assert not all(finding.good for finding in check(root))
