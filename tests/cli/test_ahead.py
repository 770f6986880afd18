"""Kernels of several photographs at once: each photograph gets what it gets alone, and costs only itself."""

import csv
import json
import weakref
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from blindsr import api, pipeline
from blindsr.cli import ahead
from blindsr.cli.outputs import Job
from blindsr.configuration import PRESETS
from blindsr.io import photo
from blindsr.io.kernel_files import write_kernel
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL, few

TOGETHER = 1e-4
"""Kernel cells of a game alone and among others: float32 products in another order, grown by two steps."""
ROUNDED = 1
"""Grey levels between images whose kernels differ by that."""
SIZES = {"a": (66, 70), "b": (64, 73), "c": (71, 66)}  # height, width


@pytest.fixture
def folder(work, photograph):
    """in/ with three photographs of different sizes."""
    (work / "in").mkdir()
    for number, (name, (height, width)) in enumerate(SIZES.items()):
        part = photograph[5 * number : 5 * number + height, 9 * number : 9 * number + width]
        Image.fromarray(part).save(work / "in" / f"{name}.png")
    return work / "in"


@pytest.fixture
def game(blindsr, monkeypatch):
    """``blindsr upscale`` by two steps of the paper's game alone: quicker than ``trained``."""
    settings = replace(SMALL, estimator=few("paper", steps=2, channels=8))
    monkeypatch.setitem(PRESETS, "default", settings)
    return lambda *arguments: blindsr("upscale", "--device", "cpu", *arguments)


@pytest.fixture
def asked(monkeypatch):
    """The widths of the images of each estimation that was begun, in turn."""
    widths, estimate = [], pipeline.estimate_kernels

    def noted(images, *arguments, **keywords):
        widths.append([image.shape[-1] for image in images])
        return estimate(images, *arguments, **keywords)

    monkeypatch.setattr(pipeline, "estimate_kernels", noted)
    return widths


@pytest.fixture
def gains(monkeypatch):
    """The CPU counts as a device on which many games take little longer than one."""
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: True)


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


def fail_together(images, *_, **__):
    raise ArithmeticError(f"{len(images)} games diverged")


def test_a_folder_gives_what_each_photograph_gives_alone(work, folder, trained, asked, monkeypatch):
    assert trained("in", "-o", "alone", "--details", "run/alone")[0] == 0
    assert asked == [[70], [73], [66]]
    asked.clear()
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: True)
    code, out, err = trained("in", "-o", "many", "--details", "run/many")
    assert (code, out) == (0, [f"many/{name}_x2.png" for name in SIZES])
    assert asked == [[70, 73, 66]]
    assert err[0].startswith("x2 on cpu, seed 0")
    assert err[1] == "kernels of 3 photographs, side by side"
    assert sum(line.startswith("x2 on cpu") for line in err) == 1
    for name, (height, width) in SIZES.items():
        ours, theirs = (work / "run" / place / f"{name}_x2" for place in ("many", "alone"))
        apart = np.load(ours / "kernel_x2.npy") - np.load(theirs / "kernel_x2.npy")
        assert np.abs(apart).max() < TOGETHER
        image = pixels(work / "many" / f"{name}_x2.png")
        assert image.shape == (2 * height, 2 * width, 3)
        assert np.abs(image - pixels(work / "alone" / f"{name}_x2.png")).max() <= ROUNDED


@pytest.mark.usefixtures("gains")
def test_the_record_tells_each_photographs_share(work, folder, game):
    assert game("in", "-o", "out", "--details", "run")[0] == 0
    runs = [json.loads((work / "run" / f"{name}_x2" / "run.json").read_text()) for name in SIZES]
    assert [run["kernel"]["together"] for run in runs] == [3, 3, 3]
    assert len({run["seconds"]["kernel"] for run in runs}) == 1
    assert game("in/a.png", "-o", "a.png", "--details", "one")[0] == 0
    assert json.loads((work / "one" / "run.json").read_text())["kernel"]["together"] == 1


@pytest.mark.usefixtures("gains")
def test_one_that_cannot_be_used_costs_only_itself(work, folder, game, asked):
    whole = (folder / "a.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    code, out, err = game("in", "-o", "out")
    assert (code, out) == (1, [f"out/{name}_x2.png" for name in SIZES])
    assert asked == [[70, 73, 66]]
    assert "kernels of 3 photographs, side by side" in err
    with (work / "out" / "failures.csv").open(newline="") as file:
        rows = {row["input"]: row["error"] for row in csv.DictReader(file)}
    assert set(rows) == {"in/cut.png"}


@pytest.mark.usefixtures("gains", "diverging")
def test_where_together_fails_each_is_done_alone(work, folder, game, monkeypatch):
    """The one game that diverges costs its photograph; the others' bytes are those without any group."""
    code, out, err = game("in", "-o", "out")
    assert (code, out) == (1, ["out/a_x2.png", "out/c_x2.png"])
    assert "not side by side, but one by one: KernelGAN diverged" in err
    assert "error: in/b.png: KernelGAN diverged" in err
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: False)
    assert game("in", "-o", "alone")[0] == 1
    for name in ("a_x2.png", "c_x2.png"):
        assert (work / "out" / name).read_bytes() == (work / "alone" / name).read_bytes()


@pytest.mark.usefixtures("gains")
def test_a_traceback_of_the_group_under_debug(folder, game, monkeypatch):
    monkeypatch.setattr(pipeline, "estimate_kernels", fail_together)
    for debug in (False, True):
        code, _, err = game("in", "-o", "out", *(["--debug"] if debug else []))
        assert code == 1
        told = err.index("not side by side, but one by one: 3 games diverged")
        assert any("Traceback" in line for line in err[:told]) == debug


@pytest.mark.usefixtures("gains")
@pytest.mark.parametrize("together", [True, False])
def test_photographs_are_read_once_and_held_until_their_turn(folder, game, monkeypatch, together):
    """Where the games together fail, too."""
    living, held, upscale, read = weakref.WeakSet(), [], api.upscale, photo.read_photo

    def noted(path):
        living.add(made := read(path))
        return made

    def counted(*arguments, **keywords):
        held.append(len(living))
        return upscale(*arguments, **keywords)

    monkeypatch.setattr(photo, "read_photo", noted)
    monkeypatch.setattr(api, "upscale", counted)
    if not together:
        monkeypatch.setattr(api, "find_kernels", fail_together)
    assert game("in", "-o", "out")[0] == 0
    assert held == [3, 2, 1]


@pytest.mark.usefixtures("gains")
def test_photographs_are_grouped_by_the_scale_that_is_computed(folder, game, asked):
    assert game("in", "-o", "out", "--width", "146")[0] == 0  # x2 of the width 73, else x4
    assert asked == [[70, 66], [73]]


@pytest.mark.usefixtures("gains")
def test_a_resumed_folder_has_groups_of_what_is_left(work, folder, game, asked):
    assert game("in/a.png", "-o", "out/a_x2.png")[0] == 0
    asked.clear()
    assert game("in", "-o", "out", "--overwrite")[0] == 0
    (work / "out" / "c_x2.png").unlink()
    code, _, err = game("in", "-o", "out")
    assert (code, asked) == (0, [[70, 73, 66], [66]])
    assert err[-1].startswith("1 done, 2 finished before")


@pytest.mark.usefixtures("gains")
def test_nothing_is_done_ahead_where_no_game_is_played(work, folder, upscale, asked):
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    assert upscale("in", "-o", "given", "-k", "k.npy")[0] == 0
    assert asked == []
    assert upscale("in", "-o", "spectral")[0] == 0  # a preset whose estimator is the spectrum alone
    assert asked == [[70], [73], [66]]


def jobs_of(folder, sizes):
    """A job for each photograph (width, height), that its head tells."""
    for number, size in enumerate(sizes):
        Image.new("L", size).save(folder / f"{number}.png")
    return [Job(folder / f"{number}.png", folder / f"{number}_x2.png") for number in range(len(sizes))]


@pytest.mark.parametrize(
    ("sides", "most", "wanted"),
    [
        ((10,) * 7, 10_000, [3, 3, 1]),  # by number
        ((10, 10, 20, 10, 10), 400, [2, 1, 2]),  # by pixels
        ((30, 10, 30), 400, [1, 1, 1]),  # one that is larger is alone
        ((), 400, []),
    ],
)
def test_groups_are_bounded_by_number_and_pixels(tmp_path, monkeypatch, sides, most, wanted):
    monkeypatch.setattr("kernelgan.game.TOGETHER", 3)
    monkeypatch.setattr(ahead, "MOST_PIXELS", most)
    jobs = jobs_of(tmp_path, [(side, side) for side in sides])
    made = list(ahead.groups(jobs))
    assert [len(group) for group in made] == wanted
    assert [job for group in made for job in group] == jobs


def test_a_head_that_does_not_tell_counts_as_a_telephones(tmp_path, monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    for number in range(3):
        Image.new("L", (20, 10)).save(tmp_path / f"{number}.png", exif=exif)
    jobs = [Job(tmp_path / f"{number}.png", tmp_path / "out.png") for number in range(3)]
    assert [len(group) for group in ahead.groups(jobs)] == [3]
    monkeypatch.setattr(ahead, "MOST_PIXELS", 2 * ahead.UNTOLD)
    assert [len(group) for group in ahead.groups(jobs)] == [2, 1]


@pytest.mark.usefixtures("gains")
def test_what_is_in_memory_is_bounded_where_heads_told_too_little(folder, game, asked, monkeypatch):
    monkeypatch.setattr(ahead, "_pixels", lambda _: 0)
    monkeypatch.setattr(ahead, "MOST_PIXELS", 66 * 70 + 64 * 73)
    assert game("in", "-o", "out")[0] == 0
    assert asked == [[70, 73], [66]]
