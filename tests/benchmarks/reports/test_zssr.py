"""ZSSR beside its own paper's row."""

from benchmarks.reports import zssr


def test_published_rows_of_a_set():
    assert [entry.psnr for entry in zssr.published_for("Set5-bicubic")] == [37.37, 31.13]
    assert [entry.psnr for entry in zssr.published_for("set14")] == [33.00, 28.01]
    assert zssr.published_for("kodak") == []
