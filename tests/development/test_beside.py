"""Crops beside each other."""

import numpy as np
import pytest
from PIL import Image

from development.beside import main, rows_of


@pytest.fixture
def files(tmp_path):
    for name, colour in (("a", (200, 30, 30)), ("b", (30, 30, 200))):
        Image.new("RGB", (60, 40), colour).save(tmp_path / f"{name}.png")
    return [f"{word}={tmp_path / word}.png" for word in "ab"]


def test_each_column_is_a_file_and_each_row_a_crop(files, tmp_path):
    out = tmp_path / "out.png"
    assert main([str(out), "--crop", "0,0,30,20", *files, "--crop", "10,10,20,20", *files]) == 0
    seen = np.asarray(Image.open(out).convert("RGB"))
    height, width = seen.shape[:2]
    for row in (0.3, 0.8):  # of the height, below the words
        assert tuple(seen[int(row * height), width // 4]) == (200, 30, 30)
        assert tuple(seen[int(row * height), 3 * width // 4]) == (30, 30, 200)


@pytest.mark.parametrize(
    ("crop", "words"),
    [("0,0,30", "four numbers"), ("50,30,30,20", "wanted one that holds"), ("", "four numbers")],
)
def test_crops_that_are_none_are_refused(files, tmp_path, capsys, crop, words):
    assert main([str(tmp_path / "out.png"), "--crop", crop, *files]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_rows_have_the_same_words(files, capsys, tmp_path):
    assert len(rows_of(["--crop", "0,0,9,9", *files])) == 1
    assert main([str(tmp_path / "out.png"), "--crop", "0,0,9,9", *files, "--crop", "0,0,9,9", files[0]]) == 2
    assert "different words" in capsys.readouterr().err
