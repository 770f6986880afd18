"""What all reports have in common: files, refusals, what they say of themselves."""

import csv

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.cli import main
from benchmarks.kernel_store import KernelStore
from benchmarks.report_commands import REPORTS
from benchmarks.reports import ablation, table1, wins
from benchmarks.reports.results import chosen
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.reports.made_rows import fingerprint_of, lay, results, rows, with_ours


@pytest.mark.slow
@pytest.mark.parametrize("report", ["table1", "wins", "ablation", "bicubic", "zssr", "kernels"])
def test_every_report_writes_its_files(whole, tmp_path, report, capsys):
    store = KernelStore(tmp_path / "r.kernels", "kodak", 2)
    lay(store, fingerprint_of("paper"))
    store.keep_true("im_1", SRKernel.bicubic(2))
    assert main([report, "--results", str(whole), "--out", str(tmp_path / "t")]) == 0
    paths = capsys.readouterr().out.split()
    kinds = [path.rpartition(".")[2] for path in paths]
    assert kinds[:2] == ["csv", "md"]
    assert ("png" in kinds) == (report != "zssr")
    for path in paths:
        if path.endswith(".png"):
            pixels = np.asarray(Image.open(path).convert("L"))
            assert pixels.std() > 5, path  # something is drawn
        if path.endswith(".csv"):
            with open(path) as file:  # noqa: PTH123
                assert len(list(csv.reader(file))) > 1


def test_quick_tables_say_so_and_carry_no_published_value(tmp_path):
    found = chosen(results(tmp_path / "r.csv", rows("quick")))[0]
    for module in (table1, ablation):
        text = module.write(found, tmp_path)[1].read_text()
        assert "QUICK SETTINGS" in text.splitlines()[0]
        assert "published" not in text.lower()
    assert pd.read_csv(tmp_path / "table1-kodak.csv")["published_psnr"].isna().all()


def test_reports_without_their_rows_say_so(tmp_path):
    only = results(tmp_path / "r.csv", [row for row in rows() if row.method == "bicubic"])
    for report in sorted(set(REPORTS) - {"table1"}):
        assert main([report, "--results", str(only), "--out", str(tmp_path / "t")]) == 1, report
    assert main(["table1", "--results", str(only), "--out", str(tmp_path / "t")]) == 0


def test_crosses_stand_in_their_own_table(tmp_path):
    found = chosen(results(tmp_path / "r.csv", with_ours(runs=1, scales=(2,))))[0]
    for report in (table1, wins):
        text = report.write(found, tmp_path)[1].read_text()
        assert "blindsr-instant" in text
        assert "bicubic+default" not in text
