"""``blindsr kernel``, and ``blindsr upscale -k`` with what it wrote."""

import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import io as scipy_io

from blindsr.cli import plans
from blindsr.cli import work as photograph_work
from blindsr.cli.jobs import Job, Request
from blindsr.cli.plans import UNKNOWN_PIXELS, estimation_groups
from blindsr.configuration import PRESETS, settings_of_preset
from blindsr.enlargement import Enlargement, Plan
from blindsr.io.kernel_files import read_kernel, write_kernel
from srbase.kernels.kernel import SRKernel
from tests.cli import faults
from tests.few_steps import SMALL, few
from tests.warm import Program

SIZES = {"a": (66, 70), "b": (64, 73), "deep/c": (71, 66)}
"""Height and width of the photographs."""
TOGETHER = 1e-4
"""Kernel cells of a KernelGAN alone and among others: two steps let the rounding of float32 grow."""


@pytest.fixture
def spectral(blindsr):
    """``blindsr kernel`` without training."""
    return lambda *arguments: blindsr("kernel", "--device", "cpu", "--preset", "instant", *arguments)


@pytest.fixture
def folder(work, photograph):
    """in/ with three photographs of different sizes, one of them in a sub-folder."""
    (work / "in" / "deep").mkdir(parents=True)
    for number, (name, (height, width)) in enumerate(SIZES.items()):
        part = photograph[5 * number : 5 * number + height, 9 * number : 9 * number + width]
        Image.fromarray(part).save(work / "in" / f"{name}.png")
    return work / "in"


@pytest.fixture
def kernelgan(blindsr, monkeypatch):
    """``blindsr kernel`` with two steps of KernelGAN; the CPU counts as a device that gains by batches."""
    settings = replace(SMALL, estimator=few("kernelgan", steps=2, channels=8))
    monkeypatch.setitem(PRESETS, "default", settings)
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: True)
    return lambda *arguments: blindsr("kernel", "--device", "cpu", *arguments)


@pytest.fixture
def batch_sizes(monkeypatch):
    """The number of images of each estimation."""
    sizes, estimate = [], photograph_work._analyses

    def noted(photos, *arguments):
        sizes.append(len(photos))
        return estimate(photos, *arguments)

    monkeypatch.setattr(photograph_work, "_analyses", noted)
    return sizes


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "size"), [(2, 13), (4, 25)])
def test_the_kernel_is_the_one_that_upscale_uses(work, spectral, upscale, scale, size):
    code, out, _ = spectral("lr.png", "-o", "k/k.mat", "-o", "k/k.npy", "-o", "k/k.png", "-s", scale)
    assert (code, out) == (0, ["k/k.mat", "k/k.npy", "k/k.png"])
    kernel = scipy_io.loadmat(work / "k" / "k.mat")["Kernel"]
    assert kernel.shape == (size, size)
    np.testing.assert_array_equal(kernel, np.load(work / "k" / "k.npy"))
    upscale("lr.png", "-s", scale, "--details", "run", "--trust", 0)
    np.testing.assert_array_equal(kernel, np.load(work / "run" / f"kernel_x{scale}.npy"))


def test_the_layout_is_that_of_the_mat_file_alone(work, spectral):
    assert spectral("lr.png", "-o", "k.mat", "-o", "k.npy", "--layout", "kair")[0] == 0
    cell = scipy_io.loadmat(work / "k.mat")["kernels"][0, 0]
    np.testing.assert_array_equal(cell, np.load(work / "k.npy")[::-1, ::-1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lr.png", "-o", "k.npy", "--layout", "fkp"), "--layout fkp is of a .mat file"),
        (("lr.png", "-o", "k.npy", "--format", "mat"), "--format is for a folder"),
        (("lr.png", "k.png", "-o", "a", "-o", "b"), "wanted one folder"),
    ],
)
def test_options_that_contradict_each_other_are_refused(work, spectral, arguments, message):
    before = sorted(work.rglob("*"))
    code, out, err = spectral(*arguments)
    assert (code, out) == (2, [])
    assert message in err[-1]
    assert sorted(work.rglob("*")) == before


def test_the_line_about_the_kernel_is_in_words_of_the_field(work, spectral):
    _, _, err = spectral("lr.png", "-o", "k.mat")
    lines = [line.removeprefix("lr.png: ") for line in err]
    assert any(line.startswith("x2 kernel: ") and "windows, misfit" in line for line in lines)
    assert any(line.startswith("treated as ") and "over bicubic interpolation" in line for line in lines)


def test_json_tells_each_file_and_the_kernel(work, spectral):
    code, out, _ = spectral("lr.png", "-o", "k.mat", "-o", "k.png", "--json")
    told = [json.loads(line) for line in out]
    assert (code, [row["output"] for row in told]) == (0, ["k.mat", "k.png"])
    assert told[0]["scale"] == 2
    assert told[0]["shape"] == [13, 13]
    assert np.shape(told[0]["covariance"]) == (2, 2)


def test_a_folder_gives_a_folder_and_is_resumed(work, folder, spectral):
    code, out, err = spectral("in", "-r", "-o", "kernels")
    wanted = [f"kernels/{name}_kernel_x2.mat" for name in SIZES]
    assert (code, out) == (0, wanted)
    assert err[-1].startswith("3 done, in ")
    (work / "kernels" / "b_kernel_x2.mat").unlink()
    code, out, err = spectral("in", "-r", "-o", "kernels")
    assert (code, sorted(out)) == (0, wanted)
    assert err[-1].startswith("1 done, 2 finished before")


def test_a_folder_in_several_formats(work, folder, spectral):
    code, out, _ = spectral("in", "-o", "kernels", "--format", "npy", "--format", "png", "-s", 4)
    assert (code, len(out)) == (0, 4)
    assert read_kernel(work / "kernels" / "a_kernel_x4.npy", 4).shape == (25, 25)
    assert (work / "kernels" / "a_kernel_x4.png").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("quick_processes")
def test_processes_side_by_side_give_the_same_kernels(work, folder, spectral):
    assert spectral("in", "-r", "-o", "one", "--format", "npy")[0] == 0
    assert spectral("in", "-r", "-o", "two", "--format", "npy", "-j", 2)[0] == 0
    for name in SIZES:
        kernels = [np.load(work / place / f"{name}_kernel_x2.npy") for place in ("one", "two")]
        np.testing.assert_array_equal(*kernels)


def test_a_photograph_in_a_batch_has_the_kernel_that_it_has_alone(work, folder, kernelgan, batch_sizes):
    assert kernelgan("in", "-r", "-o", "many", "--format", "npy")[0] == 0
    assert batch_sizes == [3]
    for name in SIZES:
        assert kernelgan(f"in/{name}.png", "-o", f"alone/{name}.npy")[0] == 0
        apart = np.load(work / "many" / f"{name}_kernel_x2.npy") - np.load(work / "alone" / f"{name}.npy")
        assert np.abs(apart).max() < TOGETHER


def test_a_bad_photograph_stops_no_other_of_its_batch(work, folder, kernelgan, batch_sizes):
    whole = (folder / "a.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("no photograph")
    code, out, _ = kernelgan("in", "-r", "-o", "kernels")
    assert (code, len(out)) == (1, 3)
    assert batch_sizes == [3]
    with (work / "kernels" / "failures.csv").open(newline="") as file:
        rows = {row["input"]: row["error"] for row in csv.DictReader(file)}
    assert set(rows) == {"in/cut.png", "in/text.png"}
    assert all(rows.values())


@pytest.mark.usefixtures("diverging")
def test_if_one_of_a_batch_diverges_each_is_estimated_alone(work, folder, kernelgan, batch_sizes):
    code, out, err = kernelgan("in", "-r", "-o", "kernels")  # b is 73 pixels wide
    assert (code, out) == (1, ["kernels/a_kernel_x2.mat", "kernels/deep/c_kernel_x2.mat"])
    assert batch_sizes == [3, 1, 1, 1]
    assert "error: in/b.png: KernelGAN diverged" in err


def request(estimator):
    return Request(
        enlargement=Enlargement(factor=2),
        settings=settings_of_preset(estimator=estimator),
        seed=0,
        device="cpu",
        device_name="cpu",
        layout="kernelgan",
    )


def jobs_of(sides):
    """Jobs of square photographs; None for one whose head does not tell its size."""
    plans = [None if side is None else Plan(2, 2 * side, 2 * side, resized=False) for side in sides]
    return [Job(source=folder_path(i), output=folder_path(i), plan=plan) for i, plan in enumerate(plans)]


def folder_path(number):
    return Path(f"{number}.png")


@pytest.mark.parametrize(
    ("sides", "most", "wanted"),
    [
        ((10,) * 7, 10_000, [3, 3, 1]),  # by number
        ((10, 10, 20, 10, 10), 400, [2, 1, 2]),  # by pixels
        ((30, 10, 30), 400, [1, 1, 1]),  # one that is larger is alone
        ((None, None, None), 2 * UNKNOWN_PIXELS, [2, 1]),
        ((), 400, []),
    ],
)
def test_batches_are_bounded_by_number_and_pixels(monkeypatch, sides, most, wanted):
    monkeypatch.setattr("kernelgan.estimate.BATCH_SIZE", 3)
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: True)
    monkeypatch.setattr(plans, "BATCH_PIXELS", most)
    jobs = jobs_of(sides)
    made = list(estimation_groups(jobs, request("kernelgan")))
    assert [len(group) for group in made] == wanted
    assert [job for group in made for job in group] == jobs


def test_a_device_or_an_estimator_that_gains_nothing_has_batches_of_one(monkeypatch):
    jobs = jobs_of((10, 10))
    assert [len(group) for group in estimation_groups(jobs, request("kernelgan"))] == [1, 1]
    monkeypatch.setattr("srbase.runtime.device.can_replay", lambda _: True)
    assert [len(group) for group in estimation_groups(jobs, request("spectral"))] == [1, 1]


def test_photographs_in_memory_are_bounded_if_heads_told_too_little(
    folder, kernelgan, batch_sizes, monkeypatch
):
    """Heads that do not tell count as no pixels here; the second photograph is one too many."""
    monkeypatch.setattr(plans, "plan", lambda job, _: job)
    monkeypatch.setattr(plans, "UNKNOWN_PIXELS", 0)
    monkeypatch.setattr(plans, "BATCH_PIXELS", 66 * 70 + 64 * 73 - 1)
    assert kernelgan("in", "-r", "-o", "kernels")[0] == 0
    assert batch_sizes == [2, 1]


def test_two_commands_give_what_one_gives(work, folder, spectral, upscale):
    sure = ("--real", "off")  # else a given kernel leaves nothing to classify
    assert spectral("in", "-o", "kernels")[0] == 0
    assert upscale("in", "-o", "two", "-k", "kernels", *sure)[0] == 0
    assert upscale("in", "-o", "one", *sure)[0] == 0
    for name in ("a_x2.png", "b_x2.png"):
        assert (work / "one" / name).read_bytes() == (work / "two" / name).read_bytes()


def test_at_x4_the_kernel_of_x4_is_taken_or_else_that_of_x2_twice(work, folder, upscale):
    (work / "kernels").mkdir()
    write_kernel(work / "kernels" / "a_kernel_x2.npy", SRKernel.bicubic(2))
    for steps, added in ((2, None), (1, SRKernel.bicubic(4))):
        if added is not None:
            write_kernel(work / "kernels" / "a_kernel_x4.npy", added)
        options = ("-s", 4, "-k", "kernels", "--details", f"run{steps}")
        assert upscale("in/a.png", "-o", f"{steps}.png", *options)[0] == 0
        assert len(list((work / f"run{steps}").glob("*.npy"))) == steps


def test_kernels_are_matched_by_stem_and_what_does_not_match_is_one_failure(work, folder, upscale):
    (work / "kernels").mkdir()
    bicubic = SRKernel.bicubic(2)
    for name in ("a_kernel_x2.mat", "b.mat", "b.npy", "unrelated.mat"):
        write_kernel(work / "kernels" / name, bicubic)
    code, out, err = upscale("in", "-r", "-o", "out", "-k", "kernels")
    assert (code, out) == (1, ["out/a_x2.png"])
    errors = [line for line in err if line.startswith("error: ")]
    assert errors == [
        "error: in/b.png: b.mat and b.npy in kernels both match; wanted one kernel a photograph",
        "error: in/deep/c.png: kernels has no kernel for it; wanted c_kernel_x2.mat",
    ]
    assert (work / "out" / "failures.csv").read_text().count("\n") == 3
    (work / "kernels" / "b.npy").unlink()
    write_kernel(work / "kernels" / "c_x2.mat", bicubic)  # in the folder itself
    code, _, err = upscale("in", "-r", "-o", "out", "-k", "kernels")
    assert code == 0
    assert err[-1].startswith("2 done, 1 finished before")


def test_another_kernel_is_another_request(work, folder, upscale):
    (work / "kernels").mkdir()
    write_kernel(work / "kernels" / "a.npy", SRKernel.bicubic(2))
    assert upscale("in/a.png", "in/b.png", "-o", "out", "-k", "kernels")[0] == 1
    kernel = np.zeros((13, 13))
    kernel[5:9, 5:9] = 1 / 16
    np.save(work / "kernels" / "a.npy", kernel)
    _, out, err = upscale("in/a.png", "in/b.png", "-o", "out", "-k", "kernels")
    assert out == []
    assert any("out/a_x2.png exists" in line for line in err)


@pytest.mark.slow
def test_kernels_of_a_folder_and_then_its_results_are_resumed_after_a_kill(tmp_path):
    faults.workplace(tmp_path, 3)
    common = ("--preset", "instant", "--device", "cpu", "--threads", 1)
    commands = {
        "kernels": (("kernel", "in", "-o", "kernels", *common), "_kernel_x2.mat"),
        "out": (("upscale", "in", "-k", "kernels", "-o", "out", *common), "_x2.png"),
    }
    for name, (arguments, ending) in commands.items():
        folder = tmp_path / name
        process = Program(tmp_path, *arguments)
        while not list(folder.glob(f"*{ending}")):
            time.sleep(0.01)
        process.kill()
        process.join()
        before = {path: path.stat().st_mtime_ns for path in folder.glob(f"*{ending}")}
        code, out, err = faults.ended(tmp_path, *arguments)
        assert (code, len(out)) == (0, 3), err
        assert all(path.stat().st_mtime_ns == changed for path, changed in before.items())
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["blindsr.jsonl", *(f"im_{number}{ending}" for number in range(3))]
