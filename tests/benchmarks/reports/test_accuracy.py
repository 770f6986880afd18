"""Ways to the kernel by ways to the image."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.cli import main
from benchmarks.methods.registry import METHODS
from benchmarks.reports import accuracy
from benchmarks.reports.questions import questions
from benchmarks.reports.results import chosen
from benchmarks.rows import Row
from tests.benchmarks.reports.made_rows import results, with_ours


def test_every_cell_and_mark_is_of_a_method_that_there_is():
    named = {method for row in accuracy.SOLVERS.values() for method in row} | set(accuracy.SHOWN)
    assert named <= set(METHODS)
    assert {len(row) for row in accuracy.SOLVERS.values()} == {len(accuracy.KERNELS)}


def test_accuracy_is_over_the_images_that_all_have(tmp_path):
    made = [r for r in with_ours(runs=1) if (r.method, r.image, r.scale) != ("gt+zssr", "im_3", 2)]
    found = chosen(results(tmp_path / "r.csv", made))[0]
    cells = accuracy.table(found).set_index(["scale", "solver", "kernel"])
    true = cells.loc[(2, "kernel-aware ZSSR", "true kernel")]
    assert (true["n"], true["psnr_y"], true["gain"]) == (2, pytest.approx(33 + 1.5), pytest.approx(5.0))
    assert (2, "papers' ZSSR", "spectral") not in cells.index
    assert cells.loc[(4, "papers' ZSSR", "true kernel"), "n"] == 3
    answers = questions(found).set_index(["scale", "question"])
    bound = answers.loc[(2, "blind default against the papers' bound, true kernel + ZSSR")]
    assert (bound["n"], bound["left_out"]) == (2, 1)
    assert bound["mean_delta"] == pytest.approx(0.5)
    same = answers.loc[(2, "blind against the true kernel, same network")]
    assert (same["n"], same["worst_delta"], same["wins"]) == (3, pytest.approx(-0.5), 0)


@pytest.mark.slow
def test_accuracy_and_robustness_write_their_files(tmp_path, capsys):
    made = [*with_ours(dataset="motion", runs=1), *with_ours(dataset="div2krk", runs=1)]
    path = results(tmp_path / "r.csv", made)
    assert main(["accuracy", "--results", str(path), "--out", str(tmp_path), "--dataset", "motion"]) == 0
    assert main(["robustness", "--results", str(path), "--out", str(tmp_path)]) == 0
    written = capsys.readouterr().out.split()
    assert sum(name.endswith(".png") for name in written) == 2
    for name in written:
        if name.endswith(".png"):
            assert np.asarray(Image.open(name).convert("L")).std() > 5
    text = (tmp_path / "accuracy-motion.md").read_text()
    assert "| kernel-aware ZSSR | 30.40 (+0.40) | - | - | 34.50 (+4.50) | 35.00 (+5.00) |" in text
    assert "| default against KernelGAN + ZSSR | 3 | +2.50 | +2.50 | +2.50 | 3 (100 %) | 0.25 |" in text
    text = (tmp_path / "robustness.md").read_text()
    worst = text[text.index("### Worst photograph, x2") :]
    assert "| div2krk | +0.50 | +2.00 | +3.00 | +4.50 | +5.00 |" in worst
    assert "| div2krk | +0.50 to +0.50 |" in text
    assert text.index("| div2krk | 3 | 30.00 | +0.50 | +2.00 | +3.00 | +4.50 | +5.00 |") < text.index(
        "| motion"
    )


@pytest.mark.slow
def test_accuracy_asks_the_images_of_several_data_sets_together(tmp_path, capsys):
    better = [
        Row(**{**vars(row), "psnr_y": row.psnr_y + 1.0}) if row.method == "blindsr" else row
        for row in with_ours(dataset="second", runs=1)
    ]
    path = results(tmp_path / "r.csv", [*with_ours(dataset="first", runs=1), *better])
    assert main(["accuracy", "--results", str(path), "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "accuracy-all.md") in capsys.readouterr().out.split()
    answers = pd.read_csv(tmp_path / "accuracy-all-answers.csv").set_index(["scale", "question"])
    same = answers.loc[(2, "blind against the true kernel, same network")]
    assert (same["dataset"], same["n"], same["wins"]) == ("all", 6, 3)  # -0.5 dB on three, +0.5 on three
    assert (same["mean_delta"], same["worst_delta"]) == (pytest.approx(0.0), pytest.approx(-0.5))
