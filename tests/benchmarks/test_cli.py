"""The command line: exit codes, streams, one-line errors; the quick sample from end to end."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2ycbcr

from benchmarks.cli import main
from benchmarks.ledger import read_rows
from benchmarks.settings import SETTINGS
from tests.benchmarks.bench_fakes import small_set

INDEPENDENT = 0.02  # dB: what PIL's rounding and edges change


def test_results_on_stdout_progress_on_stderr(tmp_path, capsys):
    data = small_set(tmp_path / "set", 2)
    out = tmp_path / "r.csv"
    assert main(["run", "--data", str(data), "bicubic", "--out", str(out)]) == 0
    streams = capsys.readouterr()
    assert streams.out.strip() == str(out)
    assert "[2/2] set im_2 x2 bicubic run 1:" in streams.err
    assert "left" in streams.err


def test_failed_rows_exit_1(tmp_path, capsys):
    data = small_set(tmp_path / "set", 2)
    folder = tmp_path / "external"
    folder.mkdir()
    Image.fromarray(np.zeros((146, 134, 3), np.uint8)).save(folder / "im_1.png")
    arguments = [
        "run",
        "--data",
        str(data),
        f"external:E={folder}",
        "--out",
        str(tmp_path / "r.csv"),
    ]
    assert main(arguments) == 1
    status = {row.image: row.status for row in read_rows(tmp_path / "r.csv")}
    assert status["im_1"] == "ok"
    assert status["im_2"] == f"failed: {folder} has no image for im_2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--data", "nowhere", "bicubic", "--out", "r.csv"], "nowhere is not a folder"),
        (["run", "--data", "nowhere", "x", "--out", "r.csv"], "method 'x' is unknown"),
        (["table1", "--results", "none.csv", "--out", "t"], "none.csv does not exist"),
        (["make-dataset", "--hr", "none", "--out", "x"], "none is not a folder"),
        (["check-dataset", "none"], "none is not a folder"),
        (["run", "--data", ".", "bicubic", "--settings", "x", "--out", "r.csv"], "settings 'x'"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "bicubic", "--scale", "3"], "'3' is not one of '2', '4'"),
        (["run", "--data", "x", "--out", "y"], "Missing argument 'METHOD...'"),
        (["make-dataset", "--out", "x"], "wanted one of --hr, --sample and --patterns"),
        (["paint"], "No such command 'paint'"),
    ],
)
def test_usage_errors_exit_2(arguments, message, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert "Usage" in error
    assert message in error


HELP = (
    "import sys; from benchmarks.cli import main; main(['run', '--help']); sys.exit('torch' in sys.modules)"
)


def test_help_needs_no_torch():
    assert subprocess.run([sys.executable, "-c", HELP], check=False, capture_output=True).returncode == 0


def test_the_bicubic_row_equals_an_independent_computation(tmp_path, capsys):
    data = tmp_path / "sample"
    main(["make-dataset", "--sample", "--out", str(data), "--scale", "2"])
    assert main(["check-dataset", str(data)]) == 0
    main(["run", "--data", str(data), "bicubic", "--out", str(tmp_path / "r.csv")])
    for row in read_rows(tmp_path / "r.csv"):
        number = row.image.removeprefix("im_")
        lr, gt = (Image.open(data / name) for name in (f"lr_x2/im_{number}.png", f"gt/img_{number}_gt.png"))
        sr = np.asarray(lr.resize(gt.size, Image.Resampling.BICUBIC))
        a, b = (rgb2ycbcr(np.asarray(x))[2:-2, 2:-2, 0] for x in (sr, gt))
        psnr = 10 * np.log10(255**2 / np.mean((a - b) ** 2))
        assert row.psnr_y == pytest.approx(psnr, abs=INDEPENDENT)


@pytest.mark.slow
def test_both_stages_from_end_to_end(tmp_path, capsys, monkeypatch):
    quick = SETTINGS["quick"]
    zssr = replace(quick.restoration.zssr, max_steps=15)
    fewer = replace(quick, restoration=replace(quick.restoration, zssr=zssr))
    monkeypatch.setitem(SETTINGS, "quick", fewer)
    data = tmp_path / "sample"
    main(["make-dataset", "--sample", "--out", str(data), "--scale", "2", "--limit", "1"])
    results, tables = str(tmp_path / "r.csv"), str(tmp_path / "t")
    methods = ["bicubic", "kernelgan+zssr", "gt+zssr"]
    run = [
        "run",
        "--data",
        str(data),
        "--settings",
        "quick",
        "--out",
        results,
        "--device",
        "cpu",
    ]
    assert main([*run, *methods]) == 0
    psnr = {row.method: row.psnr_y for row in read_rows(tmp_path / "r.csv")}
    assert psnr["gt+zssr"] > psnr["bicubic"] + 1  # even few steps do this with the true kernel
    for report in ("table1", "wins", "kernels"):
        assert main([report, "--results", results, "--out", tables]) == 0
    assert (tmp_path / "t/kernels-sample-x2.png").is_file()


def test_speeds_are_written_as_they_come_and_told(tmp_path, monkeypatch, capsys):
    from benchmarks.speed import machine, run
    from benchmarks.speed.table import Measured

    table = tmp_path / "t" / "mine.csv"

    def measured(found, asked, tell):
        assert (asked.sizes, asked.scale_4, asked.stages) == (("0.1",), True, False)
        tell("the first")
        yield Measured(work="the first", seconds=0.5)
        assert "the first" in table.read_text()  # already
        yield Measured(work="the second", seconds=0.25)

    monkeypatch.setattr(machine, "measure", lambda device: machine.Machine("it", device, 1, 1e12, 1e10))
    monkeypatch.setattr(run, "measured", measured)
    asked = ["--device", "cpu", "--size", "0.1", "--x4", "--no-stages"]
    assert main(["speed", "--out", str(tmp_path / "t"), "--name", "mine", *asked]) == 0
    streams = capsys.readouterr()
    assert streams.out.split() == [str(table), str(table.with_suffix(".md"))]
    assert "the first" in streams.err
    assert table.read_text().count("the ") == 2


def test_an_interrupted_run_says_that_it_can_be_taken_up_again(tmp_path, monkeypatch, capsys):
    data = small_set(tmp_path / "set", 1)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.run.run", interrupt)
    assert main(["run", "--data", str(data), "bicubic", "--out", str(tmp_path / "r.csv")]) == 130
    assert capsys.readouterr().err.strip() == "interrupted; the same command goes on from here"
