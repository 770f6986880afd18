"""Folders, resuming, sizes, tables and JSON, with a given kernel and without training: quick."""

import csv
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from blindsr.cli.main import run
from blindsr.io.kernel_files import write_kernel
from srbase.kernels.kernel import SRKernel

INSTANT = ("--device", "cpu", "--preset", "instant")


@pytest.fixture
def folder(work, photograph):
    """in/ with b_10, b_9 and deep/c; a note, a hidden file and a companion of macOS are no photographs."""
    for number, name in enumerate(("b_10.png", "b_9.jpg", "deep/c.png")):
        path = work / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photograph[:40, number : 44 + number]).save(path)
    (work / "in" / "notes.txt").write_text("no image")
    (work / "in" / "._b_9.jpg").write_bytes(b"\0\5\x16\7")
    (work / "in" / ".hidden.png").write_bytes(b"")
    (work / "in" / "gone.png").symlink_to("nowhere.png")
    return work / "in"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("arguments", "name", "size"),
    [
        (("-s", "1.5"), "lr_x1.5.png", (125, 107)),
        (("-s", "2.0"), "lr_x2.png", (166, 142)),
        (("--width", "100"), "lr_w100.png", (100, 86)),
        (("--height", "101"), "lr_h101.png", (118, 101)),
        (("--width", "150", "--height", "100"), "lr_w150h100.png", (117, 100)),
    ],
)
def test_any_size(work, upscale, instant, arguments, name, size):
    command = instant if "-s" in arguments else upscale  # a kernel is for one scale
    code, out, _ = command("lr.png", *arguments, "--details", "run")
    assert (code, out) == (0, [name])
    with Image.open(name) as picture:
        assert picture.size == size
        shrunk = np.asarray(picture.resize((83, 71), Image.Resampling.BOX)).astype(float)
    with Image.open("lr.png") as picture:
        assert np.abs(shrunk - np.asarray(picture)).mean() < 6  # in its place and of its brightness
    record = json.loads((work / "run" / "run.json").read_text())
    assert (record["output"]["width"], record["output"]["height"]) == size
    assert record["output"]["shrunk"] == (name != "lr_x2.png")
    assert record["scale"] == 2


def test_x3_is_made_by_x4_and_lanczos(work, blindsr):
    import blindsr as package
    from srbase.imaging.resample import lanczos_shrink

    write_kernel(work / "k4.npy", SRKernel.bicubic(4))
    assert blindsr("upscale", *INSTANT, "-k", "k4.npy", "lr.png", "-s", "3")[0] == 0
    settings = package.settings("instant")
    large = package.upscale("lr.png", 4, kernel="k4.npy", settings=settings, device="cpu").photo.image
    wanted = lanczos_shrink(large, (213, 249)).clamp(0, 1)
    with Image.open("lr_x3.png") as picture:
        off = np.abs(np.asarray(picture) / 255 - wanted.permute(1, 2, 0).numpy())
    assert np.quantile(off, 0.9) < 0.51 / 255  # the rest keeps the mean beside what was clipped
    assert off.mean() < 0.5 / 255


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--width", "83"), "would be 1 times as large; wanted more than 1 and at most 4 times"),
        (("--width", "333"), "would be 4.01 times as large"),
        (("--height", "70"), "would be 0.986 times as large"),
    ],
)
def test_sizes_that_are_none(work, blindsr, no_training, arguments, message):
    code, out, err = blindsr("upscale", "lr.png", *arguments)
    assert (code, out, len(err)) == (1, [], 1)
    assert message in err[0]


def test_a_kernel_needs_a_scale(instant):
    code, _, err = instant("lr.png", "--width", "160")
    assert code == 2
    assert "a kernel is for one scale" in err[0]


def test_limits_of_formats_are_told_before_any_work(work, blindsr, no_training):
    Image.new("L", (8200, 20)).save("wide.png")
    Image.new("L", (32800, 20)).save("wider.png")
    for name, output, limit in (
        ("wide", "o.webp", "WebP holds at most 16383"),
        ("wider", "o.jpg", "JPEG holds at most"),
    ):
        code, _, err = blindsr("upscale", f"{name}.png", "-o", output)
        assert (code, len(err)) == (1, 1)
        assert limit in err[0]


def test_a_folder_in_natural_order_with_what_is_left_out_named_once(folder, instant):
    code, out, err = instant("in", "-o", "out")
    assert (code, out) == (0, ["out/b_9_x2.png", "out/b_10_x2.png"])
    assert [line for line in err if "left out" in line] == [
        "left out: 1 .txt, 1 companion files of macOS, 1 hidden, 1 links to nothing"
    ]
    assert err[-1].startswith("2 done, in ")


def test_recursion_keeps_the_tree_and_stays_out_of_its_own_results(folder, instant):
    code, out, _ = instant("in", "-r", "-o", "in/out")
    assert (code, out) == (0, ["in/out/b_9_x2.png", "in/out/b_10_x2.png", "in/out/deep/c_x2.png"])
    code, again, err = instant("in", "-r", "-o", "in/out")
    assert (code, again) == (0, out)
    assert err[-1].startswith("3 finished before")


def test_a_batch_is_resumed(folder, instant, work, monkeypatch):
    assert instant("in", "-o", "out")[0] == 0
    before = {path.name: path.stat().st_mtime_ns for path in (work / "out").glob("*.png")}
    (work / "out" / "b_9_x2.png").unlink()
    code, out, err = instant("in", "-o", "out")
    assert (code, out) == (0, ["out/b_10_x2.png", "out/b_9_x2.png"])
    assert err[-1].startswith("1 done, 1 finished before, in ")
    assert (work / "out" / "b_10_x2.png").stat().st_mtime_ns == before["b_10_x2.png"]
    assert (work / "out" / "b_9_x2.png").exists()


@pytest.mark.parametrize("other", [("--seed", "1"), ("-s", "1.5", "-o", "out")])
def test_other_settings_are_no_resumption(folder, instant, other):
    assert instant("in", "-o", "out")[0] == 0
    code, out, err = instant("in", "-o", "out", *other)
    if other[0] == "--seed":
        assert (code, out) == (1, [])
        assert sum("exists; --overwrite replaces it" in line for line in err) == 2
        assert instant("in", "-o", "out", *other, "--overwrite")[0] == 0
    else:  # other names
        assert (code, len(out)) == (0, 2)


def test_a_changed_photograph_or_result_is_not_finished(folder, instant, work, photograph):
    assert instant("in", "-o", "out")[0] == 0
    Image.fromarray(photograph[10:60, :44]).save(folder / "b_10.png")
    (work / "out" / "b_9_x2.png").write_bytes(b"edited by hand")
    code, out, err = instant("in", "-o", "out")
    assert (code, out) == (1, [])
    assert sum("exists; --overwrite" in line for line in err) == 2
    assert (work / "out" / "b_9_x2.png").read_bytes() == b"edited by hand"


def test_failures_are_listed_and_the_list_goes_when_none_are_left(folder, instant, work, photograph):
    (folder / "a.png").write_text("no picture")
    code, out, err = instant("in", "-o", "out")
    assert (code, len(out)) == (1, 2)
    assert err[-1].startswith("2 done, 1 failed, in ")
    (row,) = rows(work / "out" / "failures.csv")
    assert row["input"] == "in/a.png"
    assert "not an image" in row["error"]
    Image.fromarray(photograph[:40, :44]).save(folder / "a.png")
    assert instant("in", "-o", "out")[0] == 0
    assert not (work / "out" / "failures.csv").exists()


def test_metrics_against_originals_of_other_names(work, instant, photograph):
    for place in ("lr", "hr"):
        (work / place).mkdir()
    for number in (2, 10, 11):
        Image.fromarray(photograph[:48, number : 48 + number]).save(work / "lr" / f"im_{number}.png")
    for number in (2, 10):
        size = (2 * 48, 2 * 48)
        Image.fromarray(photograph[:48, number : 48 + number]).resize(size).save(
            work / "hr" / f"img_{number}_gt.png"
        )
    code, _, err = instant("lr", "-o", "sr", "--gt", "hr")
    assert code == 0
    table = rows(work / "sr" / "metrics.csv")
    assert [row["image"] for row in table] == ["im_2.png", "im_10.png", "im_11.png"]
    assert [row["status"] for row in table] == ["done", "done", "no original"]
    assert all(float(row["psnr_y"]) > 20 and row["protocol"] == "rcan" for row in table[:2])
    assert "1 without an original in hr" in err


def test_json_lines(work, instant):
    code, out, _ = instant("lr.png", "none.png", "-o", "out", "--json")
    assert code == 1
    told = {row["input"]: row for row in map(json.loads, out)}
    assert told["lr.png"]["status"] == "done"
    assert (told["lr.png"]["output"], told["lr.png"]["width"], told["lr.png"]["height"]) == (
        "out/lr_x2.png",
        166,
        142,
    )
    assert set(told["lr.png"]["seconds"]) == {"sr"}
    assert told["none.png"]["status"] == "failed"
    assert "does not exist" in told["none.png"]["error"]


@pytest.mark.slow
def test_side_by_side_gives_the_same_bytes(folder, instant, work):
    assert instant("in", "-r", "-o", "one", "--threads", "1")[0] == 0
    code, out, err = instant("in", "-r", "-o", "two", "-j", "2", "--threads", "1")
    assert code == 0
    assert sorted(out) == ["two/b_10_x2.png", "two/b_9_x2.png", "two/deep/c_x2.png"]
    assert err[-1].startswith("3 done, in ")
    for name in ("b_9_x2.png", "b_10_x2.png", "deep/c_x2.png"):
        assert (work / "one" / name).read_bytes() == (work / "two" / name).read_bytes()


def test_kernels_are_kept_as_soon_as_they_are_known(work, blindsr, monkeypatch):
    def fault(*_, **__):
        raise ArithmeticError("ZSSR diverged")

    monkeypatch.setattr("zssr.second_stage.super_resolve", fault)
    assert blindsr("upscale", "lr.png", *INSTANT, "--real", "off", "--details", "run")[0] == 1
    assert {path.name for path in (work / "run").iterdir()} == {
        "kernel_x2.mat",
        "kernel_x2.npy",
        "kernel_x2.png",
    }


def test_a_file_that_appears_meanwhile_is_left_and_nothing_is_lost(work, instant, monkeypatch, size_of):
    from blindsr import api

    upscale = api.upscale

    def slow(*arguments, **keywords):
        (work / "lr_x2.png").write_text("somebody's")
        return upscale(*arguments, **keywords)

    monkeypatch.setattr(api, "upscale", slow)
    code, out, err = instant("lr.png")
    assert (code, out) == (1, ["lr_x2-1.png"])
    assert (work / "lr_x2.png").read_text() == "somebody's"
    assert size_of("lr_x2-1.png") == (142, 166, 3)
    assert "lr_x2.png exists by now; the result is kept as lr_x2-1.png" in err[-1]


def test_a_link_stays_a_link(work, instant, size_of):
    (work / "elsewhere").mkdir()
    (work / "elsewhere" / "target.png").write_text("old")
    (work / "lr_x2.png").symlink_to("elsewhere/target.png")
    assert instant("lr.png")[0] == 1
    assert instant("lr.png", "--overwrite")[0] == 0
    assert (work / "lr_x2.png").is_symlink()
    assert size_of("elsewhere/target.png") == (142, 166, 3)


def test_a_name_of_255_bytes(work, instant):
    name = "\N{LATIN SMALL LETTER E WITH ACUTE}" * 125 + "a.png"
    assert len(name.encode()) == 255
    (work / "lr.png").rename(name)
    code, out, _ = instant(name)
    assert code == 0
    assert len(out[0].encode()) in (254, 255)
    assert instant(name, "-o", "o" * 251 + ".tif")[0] == 0
    assert not list(work.glob(".blindsr*"))


def test_what_the_file_held_besides_is_said(work, instant, photograph):
    frames = [Image.fromarray(np.roll(photograph[:40, :44], shift, axis=1)) for shift in (0, 9)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])
    _, _, err = instant("a.gif", "-o", "a.jpg")
    assert "a.gif: holds 2 pictures or frames; the first is used" in err


@pytest.mark.slow
def test_a_closed_pipe_costs_nothing_but_the_words(work):
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    shutil.copy("lr.png", "other.png")
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["upscale", *INSTANT, "-k", "k.npy", "lr.png", "other.png", "-o", "out"]
    done = subprocess.run(
        [sys.executable, "-m", "blindsr", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 0, done.stderr
    assert "2 done" in done.stderr
    assert "rror" not in done.stderr
    assert {path.name for path in (work / "out").glob("*.png")} == {"lr_x2.png", "other_x2.png"}


def test_help_has_examples(capsys):
    for command in ("upscale", "kernel", "degrade", "score", "doctor", "completion"):
        assert run([command, "--help"]) == 0
        assert f"blindsr {command}" in capsys.readouterr().out.split("Examples:")[1]


def test_side_by_side_is_for_cpus(work, blindsr, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "a card")
    code, _, err = blindsr("upscale", "lr.png", "--device", "cuda", "-j", "2")
    assert code == 2
    assert "--jobs is for CPUs, and the device is cuda" in err[0]
