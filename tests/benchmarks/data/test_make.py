"""Data sets are made the same everywhere, whole or not at all."""

import csv

import numpy as np
import pytest
import torch
from scipy import io as scipy_io

from benchmarks.data import layout
from benchmarks.data.load import load, read_true_kernels
from benchmarks.data.make import MakeConfig, Source, from_folder, make
from benchmarks.data.protocols import PROTOCOLS
from benchmarks.data.sample import sample
from blindsr.io.photo import Photo, read_photo, write_photo
from srbase.errors import InputError
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import photograph, small_set

ROUNDED_SUM = 3e-4
"""Grey levels: 255 times the half of the manifest's last decimal, and float64 sums."""


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one, two = (small_set(tmp_path / name, 2, (2, 4)) for name in ("a", "b"))
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(names) == 2 * 5 + 1
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_an_image_does_not_depend_on_the_others(tmp_path):
    whole = small_set(tmp_path / "whole", 3)
    list(make([Source(3, "3.png", lambda: photograph(3))], tmp_path / "one", MakeConfig(scales=(2,), seed=3)))
    for name in ("lr_x2/im_3.png", "gt_k_x2/kernel_3.mat"):
        assert (whole / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_lr_is_what_kernel_and_hr_give(tmp_path):
    root = small_set(tmp_path / "s", 1, (2, 4), protocol="plain")
    for scale, cells in ((2, 11), (4, 31)):
        kernel = scipy_io.loadmat(layout.kernel_path(root, 1, scale))["Kernel"]
        assert kernel.shape == (cells, cells)
        gt = read_photo(layout.gt_path(root, 1)).image.double()
        lr = read_photo(layout.lr_path(root, 1, scale)).image.double()
        assert lr.shape == (3, 146 // scale, 134 // scale)
        difference = (downscale(gt, SRKernel(kernel, scale)) - lr).abs().max()
        assert float(difference) <= 0.5 / 255 + 1e-6  # rounding to 8 bits


def test_div2krks_lr_is_darker_and_cut_off_to_8_bits(tmp_path):
    """By the kernel's sum, which the manifest tells, and by half a level on average."""
    root = small_set(tmp_path / "s", 1, (2, 4))
    rows = csv.DictReader((root / "manifest.csv").read_text().splitlines())
    totals = {int(row["scale"]): float(row["kernel_sum"]) for row in rows}
    assert 0.98 < totals[2] < 1
    totals[4] = 1.0  # the x4 kernel is whole
    for scale in (2, 4):
        kernel = scipy_io.loadmat(layout.kernel_path(root, 1, scale))["Kernel"]
        gt = read_photo(layout.gt_path(root, 1)).image.double()
        lr = read_photo(layout.lr_path(root, 1, scale)).image.double()
        cut_off = 255 * (totals[scale] * downscale(gt, SRKernel(kernel, scale)) - lr)
        assert -ROUNDED_SUM < float(cut_off.min()) <= float(cut_off.max()) < 1 + ROUNDED_SUM
        assert float(cut_off.mean()) == pytest.approx(0.5, abs=0.02)


def test_kernel_of_x4_is_that_of_x2_twice(tmp_path):
    root = small_set(tmp_path / "s", 1, (2, 4), protocol="plain")
    two, four = (scipy_io.loadmat(layout.kernel_path(root, 1, s))["Kernel"] for s in (2, 4))
    assert np.abs(SRKernel(two, 2).to_x4(None).array - four).max() < 1e-11


def test_limit_scale_and_protocol(tmp_path):
    folder = tmp_path / "hr"
    folder.mkdir()
    for name in ("10.png", "9.png", "1.png"):
        write_photo(folder / name, Photo(photograph(1)))
    sources = from_folder(folder, limit=2)
    assert [source.number for source in sources] == [1, 9]
    list(make(sources, tmp_path / "out", MakeConfig(scales=(2,), protocol="bicubic")))
    assert sorted(p.name for p in (tmp_path / "out/lr_x2").iterdir()) == ["im_1.png", "im_9.png"]
    assert not (tmp_path / "out/lr_x4").exists()
    kernel = read_true_kernels(load(tmp_path / "out", 2).items[0])[2]
    assert np.abs(kernel.array - SRKernel.bicubic(2).array).max() < 1e-9
    assert [source.number for source in from_folder(tmp_path / "out")] == [1, 9]


def test_a_data_set_appears_whole_or_not_at_all(tmp_path):
    sources = [
        Source(1, "a", lambda: photograph(1)),
        Source(2, "b.png", lambda: torch.zeros(3, 40, 300)),
    ]
    with pytest.raises(InputError, match=r"b\.png is 300x40; wanted at least 64x64"):
        list(make(sources, tmp_path / "out", MakeConfig(scales=(2,))))
    assert list(tmp_path.iterdir()) == []


def test_a_full_folder_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="is not an empty folder"):
        list(make([Source(1, "a", lambda: photograph(1))], tmp_path, MakeConfig()))


def test_bad_words_are_one_line(tmp_path):
    with pytest.raises(InputError, match="protocol 'x' is unknown; wanted one of div2krk, plain, bicubic"):
        MakeConfig(protocol="x")
    with pytest.raises(InputError, match="holds no image"):
        from_folder(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        from_folder(tmp_path / "none")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_makes_a_data_set(tmp_path, protocol):
    list(make(sample(1), tmp_path / "s", MakeConfig(scales=(2,), protocol=protocol)))
    row = next(iter(csv.DictReader((tmp_path / "s/manifest.csv").read_text().splitlines())))
    assert row["protocol"] == protocol


def test_names_without_numbers_are_counted_and_nothing_is_overwritten(tmp_path):
    folder = tmp_path / "hr"
    folder.mkdir()
    for name in ("cat.png", "dog.png"):
        write_photo(folder / name, Photo(photograph(1)))
    sources = from_folder(folder)
    assert [(source.number, source.name) for source in sources] == [(1, "cat.png"), (2, "dog.png")]
    with pytest.raises(InputError, match="hr exists and is not an empty folder; wanted a new one"):
        list(make(sources, folder, MakeConfig(scales=(2,))))
    with pytest.raises(InputError, match="no HR image is given"):
        list(make([], tmp_path / "out", MakeConfig(scales=(2,))))
    (tmp_path / "out").mkdir()
    list(make(sources[:1], tmp_path / "out", MakeConfig(scales=(2,))))
    assert layout.gt_path(tmp_path / "out", 1).exists()
