"""Means over runs, gains in pairs."""

import math
from dataclasses import replace

import pytest

from benchmarks.methods.combination import bound_of
from benchmarks.reports import kernels, published, table1
from benchmarks.reports.results import chosen
from benchmarks.reports.summary import summary
from benchmarks.rows import Row
from srbase.errors import InputError
from tests.benchmarks.reports.made_rows import results, rows, with_ours


def test_summary_means_over_runs(whole):
    frame = summary(chosen(whole)[0], published.TABLE_1).set_index(["method", "scale"])
    ours = frame.loc[("kernelgan+zssr", 2)]
    assert (ours["n"], ours["runs"]) == (3, 2)
    assert ours["psnr_y_mean"] == pytest.approx(30.0 + 2 + 0.05)
    assert ours["psnr_y_sd"] == pytest.approx(0.1 / math.sqrt(2))
    assert ours["gain_over_bicubic"] == pytest.approx(2.0)
    assert ours["below_true_kernel"] == pytest.approx(2.0)
    assert (ours["published_psnr"], ours["published_ssim"]) == (30.36, 0.8669)
    assert ours["published_gain"] == pytest.approx(30.36 - 28.73)


def test_gains_are_paired_and_failures_are_listed(tmp_path):
    made = [
        row.failed("out of memory") if (row.method, row.image) == ("kernelgan+zssr", "im_3") else row
        for row in rows(scales=(2,))
    ]
    made = [Row(**{**vars(r), "psnr_y": None, "ssim_y": None}) if r.status != "ok" else r for r in made]
    found = chosen(results(tmp_path / "r.csv", made))[0]
    ours = summary(found, ()).set_index("method").loc["kernelgan+zssr"]
    assert ours["gain_over_bicubic"] == pytest.approx(2.0)  # not the 1.5 of unpaired means
    assert (ours["n"], ours["failed"]) == (2, 2)
    with pytest.raises(InputError, match=r"kernelgan\+zssr has no row of im_3, which others have"):
        table1.write(found, tmp_path)
    text = table1.write(replace(found, common=True), tmp_path)[1].read_text()
    assert "- failed: kernelgan+zssr, im_3, x2, run 1: out of memory" in text
    assert "| bicubic | 2 |" in text


def test_exact_images_are_left_out_of_means(tmp_path):
    made = [
        Row(**{**vars(r), "psnr_y": math.inf}) if (r.image, r.method) == ("im_3", "bicubic") else r
        for r in rows(scales=(2,), runs=1)
    ]
    frame = summary(chosen(results(tmp_path / "r.csv", made))[0], ()).set_index("method")
    assert frame.loc["bicubic", "psnr_y_mean"] == pytest.approx(29.5)
    assert frame.loc["bicubic", "exact"] == 1


def test_the_bound_has_the_same_network(tmp_path):
    of = {"blindsr": "blindsr-gt", "spectral+default": "blindsr-gt", "blindsr-instant": "gt+instant"}
    assert {name: bound_of(name) for name in of} == of
    assert bound_of("kernelgan+zssr") == "gt+zssr"
    found = chosen(results(tmp_path / "r.csv", with_ours(runs=1)))[0]
    frame = summary(found, ()).set_index(["method", "scale"])
    assert frame.loc[("blindsr", 2), "below_true_kernel"] == pytest.approx(0.5)
    assert frame.loc[("kernelgan+zssr", 2), "below_true_kernel"] == pytest.approx(2.0)
    assert math.isnan(frame.loc[("blindsr-instant", 2), "below_true_kernel"])
    each = kernels.table(found).set_index(["method", "scale", "image"])
    assert each.loc[("blindsr", 2, "im_1"), "below_true_kernel"] == pytest.approx(0.5)
