"""Pairs that a camera took: names without a single number, no kernels, sizes that are no multiple."""

import pytest
import torch

from benchmarks.data import layout
from benchmarks.data.check import check
from benchmarks.data.load import load, read_pair, read_true_kernels
from benchmarks.ledger import HEADER, Ledger, read_rows
from benchmarks.methods.registry import method
from benchmarks.rows import COLUMNS, Row
from blindsr.io.photo import Photo, write_photo
from srbase.errors import InputError


def pair(root, gt, lr, scale=4, size=(61, 70), lr_size=(15, 17)):
    for folder, name, (height, width) in (("gt", gt, size), (f"lr_x{scale}", lr, lr_size)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        write_photo(root / folder / f"{name}.png", Photo(torch.rand(3, height, width)))
    return root


@pytest.mark.parametrize(
    ("stem", "key"),
    [
        ("Canon_001_LR4", "Canon_001"),
        ("Nikon_001_HR", "Nikon_001"),
        ("DSC_1045_x1", "DSC_1045"),
        ("P1160748_x4", "P1160748"),
        ("sony_1_gt", "sony_1"),
        ("cat", "cat"),
        ("_HR", "_HR"),
    ],
)
def test_key_of_a_file(stem, key):
    assert layout.key_of(stem) == key


def test_pairs_by_stem(tmp_path):
    pair(tmp_path, "Nikon_010_HR", "Nikon_010_LR4")
    pair(tmp_path, "Canon_010_HR", "Canon_010_LR4")
    pair(tmp_path, "Canon_002_HR", "Canon_002_LR4")
    items = load(tmp_path, 4).items
    assert [item.name for item in items] == ["Canon_002", "Canon_010", "Nikon_010"]
    assert all(item.gt.stem[:9] == item.lr.stem[:9] for item in items)
    assert read_true_kernels(items[0]) == {}
    assert [item.name for item in load(tmp_path, 4, limit=1).items] == ["Canon_002"]


def test_numbers_pair_where_each_is_its_own(tmp_path):
    pair(tmp_path, "img_7_gt", "im_7")
    assert [item.name for item in load(tmp_path, 4).items] == ["im_7"]


def test_a_stem_without_partner_is_named(tmp_path):
    pair(tmp_path, "Canon_001_HR", "Canon_001_LR4")
    pair(tmp_path, "Canon_002_HR", "Nikon_002_LR4")
    with pytest.raises(InputError, match=r"without a partner at x4: Canon_002_HR\.png, Nikon_002_LR4\.png"):
        load(tmp_path, 4)
    with pytest.raises(InputError, match=r"a_1_HR\.png and a_1_x4\.png in .* are both 'a_1'"):
        layout.by_stem([tmp_path / "a_1_HR.png", tmp_path / "a_1_x4.png"])


@pytest.mark.parametrize(("gt", "lr"), [((63, 70), (15, 17)), ((60, 69), (15, 17)), ((61, 65), (16, 17))])
def test_sizes_that_are_no_multiple(tmp_path, gt, lr):
    pair(tmp_path, "a_1_b_2", "a_1_b_2", size=gt, lr_size=lr)
    small, large = read_pair(load(tmp_path, 4).items[0])
    assert large.shape[1:] == (4 * small.shape[1], 4 * small.shape[2])
    assert small.shape[1:] == (min(lr[0], gt[0] // 4), min(lr[1], gt[1] // 4))


def test_a_set_without_kernels_passes_its_check(tmp_path):
    pair(tmp_path, "a_1_b_2", "a_1_b_2", size=(60, 68))
    findings = check(tmp_path)
    assert all(finding.good for finding in findings)
    assert "no true kernels" in findings[-1].text


def test_external_images_of_such_a_set(tmp_path):
    names = ("Canon_001_x4", "Nikon_001_x4", "cat_x4")
    for name in names:
        write_photo(tmp_path / f"{name}.png", Photo(torch.zeros(3, 8, 8)))
    external = method(f"external:E={tmp_path}")
    paths = layout.images_in(tmp_path)
    assert external.find(paths, "Nikon_001").stem == "Nikon_001_x4"
    with pytest.raises(InputError, match="has no image for dog"):
        external.find(paths, "dog")


def test_files_of_before_niqe_are_read_and_continued(tmp_path):
    path = tmp_path / "r.csv"
    older = [name for name in COLUMNS if name != "niqe"]
    row = Row(dataset="d", image="im_1", scale=2, method="bicubic", run=1, seed=0, psnr_y=30.0)
    cells = {
        **dict.fromkeys(older, ""),
        "dataset": "d",
        "image": "im_1",
        "scale": "2",
        "method": "bicubic",
    }
    line = {**cells, "run": "1", "seed": "0", "psnr_y": "30.0000", "status": "ok"}
    path.write_text(",".join(older) + "\n" + ",".join(line[name] for name in older) + "\n")
    assert read_rows(path) == [row]
    with Ledger(path) as ledger:
        ledger.append(Row(**{**vars(row), "image": "im_2", "niqe": 5.0}))
    assert path.read_text().startswith(HEADER)
    assert [found.niqe for found in read_rows(path)] == [None, 5.0]
