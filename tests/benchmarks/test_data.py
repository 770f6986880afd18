"""Data sets: made, loaded, checked."""

import csv
import hashlib

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import io as scipy_io

from benchmarks.data import layout
from benchmarks.data.check import check
from benchmarks.data.load import load, read_pair, read_true_kernels
from benchmarks.data.make import MakeConfig, Source, from_folder, make
from benchmarks.data.sample import sample
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.photo import Photo, read_photo, write_photo
from blindsr.imaging.resample import downscale
from tests.benchmarks.bench_fakes import photograph, small_set


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("im_7", 7),
        ("img_12_gt", 12),
        ("kernel_3", 3),
        ("img_7_x2_EDSR2", 7),
        ("ZSSR_im_10", 10),
        ("0801x4", 801),
        ("01", 1),
        ("set5_03", None),
        ("cat", None),
    ],
)
def test_number_of_a_file(stem, number):
    assert layout.number_of(stem) == number


def test_two_files_of_one_number_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"im_07\.png and im_7\.png .* are both number 7"):
        layout.by_number([tmp_path / "im_07.png", tmp_path / "im_7.png"])


def test_natural_order():
    assert sorted(["im_10", "im_2", "im_1"], key=layout.natural) == ["im_1", "im_2", "im_10"]


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


SAMPLE_LR = "f9436e464618"
"""First digits of the hash of the first sample image's x2 LR pixels, on the machine of 2026-11."""


def test_the_sample_set_is_the_same_on_every_machine(tmp_path):
    list(make(sample(1), tmp_path / "s", MakeConfig(scales=(2,))))
    pixels = np.asarray(Image.open(tmp_path / "s/lr_x2/im_1.png"))
    assert pixels.shape == (128, 128, 3)
    assert hashlib.sha256(pixels.tobytes()).hexdigest().startswith(SAMPLE_LR)
    row = next(iter(csv.DictReader((tmp_path / "s/manifest.csv").read_text().splitlines())))
    assert row["lr_sha256"].startswith(SAMPLE_LR)
    assert (row["image"], row["source"], row["kernel_size"]) == ("im_1", "astronaut", "11")


def test_lr_is_what_kernel_and_hr_give(tmp_path):
    root = small_set(tmp_path / "s", 1, (2, 4))
    for scale, cells in ((2, 11), (4, 31)):
        kernel = scipy_io.loadmat(layout.kernel_path(root, 1, scale))["Kernel"]
        assert kernel.shape == (cells, cells)
        gt = read_photo(layout.gt_path(root, 1)).image.double()
        lr = read_photo(layout.lr_path(root, 1, scale)).image.double()
        assert lr.shape == (3, 146 // scale, 134 // scale)
        difference = (downscale(gt, SRKernel(kernel, scale)) - lr).abs().max()
        assert float(difference) <= 0.5 / 255 + 1e-6  # rounding to 8 bits


def test_kernel_of_x4_is_that_of_x2_twice(tmp_path):
    root = small_set(tmp_path / "s", 1, (2, 4))
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
    with pytest.raises(InputError, match="protocol 'x' is unknown; wanted one of div2krk, bicubic"):
        MakeConfig(protocol="x")
    with pytest.raises(InputError, match="holds no image"):
        from_folder(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        from_folder(tmp_path / "none")


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


def test_a_good_set_passes(tmp_path):
    root = small_set(tmp_path / "s", 3, (2, 4))
    findings = check(root)
    assert all(finding.good for finding in findings), findings
    assert sum("on the phase" in finding.text for finding in findings) == 2


def test_turned_kernels_are_noticed_and_can_be_turned_back(tmp_path):
    root = small_set(tmp_path / "s", 3)
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
