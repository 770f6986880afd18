"""The results file: one writer, whole rows, nobody else's columns."""

import pytest

from benchmarks.ledger import HEADER, Ledger, read_rows
from benchmarks.rows import Row
from srbase.errors import InputError


def row(**more):
    keys = {"dataset": "d", "image": "im_1", "scale": 2, "method": "bicubic", "run": 1, "seed": 0}
    return Row(**{**keys, "settings_hash": "quick:rcan:-:-", **more})


def test_one_run_at_a_time(tmp_path):
    with Ledger(tmp_path / "r.csv"), pytest.raises(InputError, match="being written by another run"):
        Ledger(tmp_path / "r.csv")


def test_a_torn_header_and_a_torn_row(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(HEADER[:20])
    with Ledger(path) as ledger:
        ledger.append(row(psnr_y=30.0))
    with path.open("a") as file:
        file.write('d,im_2,2,bicubic,1,0,"failed')
    with Ledger(path) as ledger:
        assert [r.image for r in ledger.rows] == ["im_1"]
        ledger.append(row(image="im_2", status='failed: a "quoted", word'))
    assert [r.status for r in read_rows(path)] == ["ok", 'failed: a "quoted", word']


def test_other_columns_are_refused_and_kept(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("image,psnr\na,3\n")
    with pytest.raises(InputError, match="other columns"):
        Ledger(path)
    assert path.read_text() == "image,psnr\na,3\n"
    path.write_text("no newline, no results file")
    with pytest.raises(InputError, match="is not a results file"):
        Ledger(path)
    assert path.read_text() == "no newline, no results file"
