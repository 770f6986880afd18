"""Everyday pictures: sizes, alignment, determinism, the anchor, the table."""

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.everyday import command
from benchmarks.everyday import operations as op
from benchmarks.everyday.anchor import anchors, tensor
from benchmarks.everyday.drawings import CELL, DRAWINGS, draw_pair
from benchmarks.everyday.kinds import KINDS, make_pair
from benchmarks.everyday.table import OUTSIDE, markdown, outside, rows
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, resize
from tests.pictures import photo


def bicubic(lr, scale):
    return resize(lr, [int(scale * n) for n in lr.shape[1:]]).clamp(0, 1)


def photograph():
    return (photo("astronaut").permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)


@pytest.mark.parametrize(
    "name",
    [
        "lanczos PNG",
        "enlarged before by 1.5",
        "video frame",
        "turned by 1.3 degrees",
        "nearest neighbour, PNG",
        "letters over it, JPEG 80",
    ],
)
@pytest.mark.parametrize("scale", [1.5, 2, 3, 4])
def test_truth_is_the_scale_times_as_large_and_lies_on_lr(name, scale):
    pair = make_pair(photograph(), name, scale)
    assert pair.hr.shape == (scale * pair.lr.shape[0], scale * pair.lr.shape[1], 3)
    small = op.luma(op.resize(pair.hr, pair.lr.shape[:2], "box"))[8:-8, 8:-8]
    own = op.luma(pair.lr)
    best = min(
        ((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)),
        key=lambda d: np.square(small - np.roll(own, d, (0, 1))[8:-8, 8:-8]).mean(),
    )
    assert best == (0, 0)


def test_every_kind_is_made_and_the_same_twice():
    pixels = photograph()[:330, :350]
    for name in KINDS:
        first, second = (make_pair(pixels, name, 2, seed=3) for _ in range(2))
        np.testing.assert_array_equal(first.lr, second.lr)
        assert first.lr.dtype == np.uint8


def test_unknown_kinds_and_small_photographs_are_refused():
    with pytest.raises(InputError, match="unknown"):
        make_pair(photograph(), "painted", 2)
    with pytest.raises(InputError, match="wanted at least"):
        make_pair(photograph()[:100, :100], "lanczos PNG", 2)


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings(name):
    pair = draw_pair(name, 2)
    assert pair.hr.shape == (2 * pair.lr.shape[0], 2 * pair.lr.shape[1], 3)
    assert len(np.unique(pair.lr)) > 2
    if name == "pixel art":
        assert (pair.lr[:CELL, :CELL] == pair.lr[0, 0]).all()


def test_the_filter_of_the_kind_beats_bicubic_interpolation_on_other_photographs():
    pixels = photograph()
    pairs = [
        make_pair(np.ascontiguousarray(part), "bicubic PNG", 2) for part in (pixels[:, :256], pixels[:, 256:])
    ]
    for pair, large in zip(pairs, anchors(pairs, 2), strict=True):
        truth = tensor(pair.hr).mul(torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0)
        lr = tensor(pair.lr).mul(torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0, keepdim=True)
        ours, base = ((x[0] - truth)[16:-16, 16:-16].square().mean() for x in (large, bicubic_upscale(lr, 2)))
        assert ours < base


def test_the_table_has_a_row_for_each_kind_and_says_zero_of_bicubic_interpolation():
    pictures = {"whole": photograph(), "turned": np.ascontiguousarray(photograph().transpose(1, 0, 2))}
    methods = {"bicubic": bicubic}
    found = list(rows(pictures, methods, 2, kinds=["box PNG", "WebP 85"]))
    table = markdown(found)
    assert "| box PNG | 2 | +0.00, worst +0.00, better 0 %, lost 0 %" in table
    assert "linear filter of the kind" in table
    assert len(found) == 2 * 2 * 2


def test_pixels_beyond_the_local_range_are_counted():
    lr = torch.full((3, 20, 30), 0.5)
    sr = torch.full((3, 40, 60), 0.5)
    assert outside(sr, lr) == 0
    sr[:, 8, :30] = 0.5 + 1.01 * OUTSIDE
    sr[:, 9, :30] = 0.5 - 0.99 * OUTSIDE
    assert outside(sr, lr) == pytest.approx(100 * 30 / 2400)


def test_the_command_makes_what_is_missing_and_a_table(tmp_path, monkeypatch):
    runs = []

    def method(name):
        runs.append(name)
        return bicubic

    monkeypatch.setattr(command, "_method", method)
    monkeypatch.setattr(command, "KINDS", {"lanczos PNG": KINDS["lanczos PNG"]})
    monkeypatch.setattr(command, "drawing_rows", lambda methods, scale: [])
    assert list(command.make_rows(None, tmp_path, 2, ["instant"], 2)) == ["lanczos PNG", "drawings"]
    first = (tmp_path / command.ROWS).read_bytes()
    assert b"linear filter of the kind" in first
    list(command.make_rows(None, tmp_path, 2, ["instant"], 2))
    assert (tmp_path / command.ROWS).read_bytes() == first
    list(command.make_rows(None, tmp_path, 2, ["instant", "default"], 2))
    assert len(pd.read_csv(tmp_path / command.ROWS)) == 3 * 2
    assert "+0.00, worst +0.00, better 0 %, lost 0 %" in (tmp_path / command.TABLE).read_text()


def test_a_network_and_rivals_have_rows_beside_the_presets(tmp_path):
    names = list(command._methods(["instant"], None, ["waifu2x"]))
    assert [name.partition(" (")[0] for name in names] == ["blindsr instant", "waifu2x"]
    file = tmp_path / "network.pth"
    torch.save(DetailNet(DetailLayout(scale=2, channels=6, layers=4)).state_dict(), file)
    both = list(command._methods(["instant"], file, []))
    assert [name.partition(" (")[0] for name in both] == [
        "blindsr instant",
        "blindsr instant with network.pth",
    ]
    assert both[0] == names[0]
    with pytest.raises(InputError, match="rival 'srcnn' is unknown; wanted one of dat-light, waifu2x"):
        command._methods(["instant"], None, ["srcnn"])


def test_rows_that_lack_a_column_are_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_method", lambda _: bicubic)
    monkeypatch.setattr(command, "KINDS", {"lanczos PNG": KINDS["lanczos PNG"]})
    monkeypatch.setattr(command, "drawing_rows", lambda methods, scale: [])
    list(command.make_rows(None, tmp_path, 2, ["instant"], 2))
    path = tmp_path / command.ROWS
    whole = path.read_bytes()
    pd.read_csv(path).drop(columns="outside").to_csv(path, index=False)
    list(command.make_rows(None, tmp_path, 2, ["instant"], 2))
    assert path.read_bytes() == whole


def test_more_photographs_and_another_scale_add_to_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_method", lambda _: bicubic)
    monkeypatch.setattr(command, "KINDS", {"lanczos PNG": KINDS["lanczos PNG"]})
    monkeypatch.setattr(command, "drawing_rows", lambda methods, scale: [])
    for scale, limit in ((2, 2), (2, 3), (4, 2), (1.5, 2)):
        list(command.make_rows(None, tmp_path, scale, ["instant"], limit))
    found = pd.read_csv(tmp_path / command.ROWS)
    # at x1.5 bicubic interpolation, then each with its anchor
    assert found.groupby(["scale", "method"]).size().tolist() == [2, 3, 3, 2, 2]
    table = (tmp_path / command.TABLE).read_text()
    assert all(f"x{scale}\n\n| kind" in table for scale in ("1.5", "2", "4"))


def test_the_command_wants_photographs(tmp_path):
    with pytest.raises(InputError, match="holds no image"):
        list(command.make_rows(tmp_path, tmp_path / "out", 2, ["instant"], None))


def test_rivals_have_scales(tmp_path):
    with pytest.raises(InputError, match=r"scale of rivals is 1\.5; wanted 2 or 4"):
        list(command.make_rows(None, tmp_path, 1.5, ["instant"], 1, rivals=["waifu2x"]))
