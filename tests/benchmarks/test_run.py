"""Runs: complete rows, resumed after anything, failures kept."""

import csv
import time
from pathlib import Path

import pytest
from distributed import LocalCluster

from benchmarks.ledger import HEADER, read_rows
from benchmarks.methods.interpolation import Bicubic
from benchmarks.methods.registry import method
from benchmarks.rows import COLUMNS
from benchmarks.run import RunConfig, _tasks, run
from benchmarks.settings import named
from blindsr.cluster import Cluster
from srbase.errors import InputError
from tests.benchmarks.bench_fakes import Dying, DyingOnce, Failing, NotANumber, Slow, small_set
from tests.test_cluster import NO_DASHBOARD
from tests.warm import CONTEXT, quick_workers

DIFFERENT = [COLUMNS.index(name) for name in ("sr_seconds", "kernel_seconds", "version")]
"""Columns that may differ: clocks, and the commit where somebody commits between two runs."""


@pytest.fixture(scope="module", autouse=True)
def workers():
    with quick_workers():
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return small_set(tmp_path_factory.mktemp("data") / "small", 4, (2, 4))


def config(data, out, *methods, **more):
    keys = {"scales": (2,), "settings": named("quick"), "device": "cpu", **more}
    return RunConfig(data=data, out=out, methods=tuple(method() for method in methods), **keys)


def without_seconds(path):
    lines = list(csv.reader(path.read_text().splitlines()))
    return [[cell for i, cell in enumerate(line) if i not in DIFFERENT] for line in lines]


@pytest.mark.slow
def test_rows_are_complete_and_in_order(data, tmp_path):
    out = tmp_path / "r.csv"
    summary = run(config(data, out, Bicubic, Slow, scales=(4, 2), runs=2))
    rows = read_rows(out)
    assert summary.made == len(rows) == 4 * 2 * 2 * 2
    assert [row.scale for row in rows] == sorted(row.scale for row in rows)
    assert out.read_text().startswith(HEADER)
    first = rows[0]
    assert (first.dataset, first.image, first.method, first.run, first.seed) == (
        "small",
        "im_1",
        "bicubic",
        1,
        0,
    )
    assert (first.status, first.device, first.settings_hash) == ("ok", "cpu", "quick:rcan:-:-")
    assert first.psnr_y is not None
    assert first.lr_psnr is not None
    assert first.kernel_psnr is None
    assert {row.seed for row in rows if row.run == 2} == {1}


def test_a_repeated_command_does_only_what_is_missing(data, tmp_path):
    out = tmp_path / "r.csv"
    run(config(data, out, Bicubic, limit=2))
    before = out.read_text()
    again = run(config(data, out, Bicubic, limit=2))
    assert (again.made, again.known) == (0, 2)
    assert out.read_text() == before
    more = run(config(data, out, Bicubic, Slow))
    assert (more.made, more.known) == (6, 2)


def test_a_failed_image_is_a_row_with_its_reason(data, tmp_path):
    out = tmp_path / "r.csv"
    summary = run(config(data, out, Failing, NotANumber))
    assert summary.failed == 5
    failed = {(row.method, row.image): row for row in read_rows(out) if row.status != "ok"}
    assert failed["failing", "im_2"].status == "failed: out of memory"
    assert failed["failing", "im_2"].psnr_y is None
    assert "NaN" in failed["nan", "im_1"].status
    assert run(config(data, out, Failing)).made == 0
    assert run(config(data, out, Failing, retry_failed=True)).made == 1


@pytest.mark.slow
def test_a_row_that_kills_its_worker_twice_fails_alone(data, tmp_path):
    out = tmp_path / "r.csv"
    summary = run(config(data, out, Dying, Bicubic, cluster=Cluster(jobs=2)))
    assert (summary.made, summary.failed) == (8, 1)
    dead = next(row for row in read_rows(out) if row.status != "ok")
    assert (dead.image, dead.method) == ("im_2", "dying")
    assert dead.status == "failed: its worker died 2 times; out of memory?"


@pytest.mark.slow
def test_a_worker_that_is_killed_at_work_does_not_change_the_file(data, tmp_path):
    run(config(data, tmp_path / "one.csv", Slow, Bicubic))
    killed = DyingOnce(tmp_path / "was-here")
    summary = run(config(data, tmp_path / "two.csv", lambda: killed, Bicubic, cluster=Cluster(jobs=2)))
    assert killed.marker.exists()
    assert summary.failed == 0
    assert without_seconds(tmp_path / "one.csv") == without_seconds(tmp_path / "two.csv")


@pytest.mark.slow
def test_workers_of_a_running_scheduler(data, tmp_path):
    run(config(data, tmp_path / "one.csv", Slow))
    with LocalCluster(n_workers=1, threads_per_worker=1, **NO_DASHBOARD) as running:
        there = Cluster(scheduler=running.scheduler_address)
        run(config(data, tmp_path / "two.csv", Slow, cluster=there))
    assert without_seconds(tmp_path / "one.csv") == without_seconds(tmp_path / "two.csv")


def run_with_quick_workers(asked):
    with quick_workers():
        run(asked)


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "moments"), [(1, (1, 8)), (2, (5,))])
def test_kill_9_at_any_moment_leaves_the_same_file(data, tmp_path, jobs, moments):
    out = tmp_path / "killed.csv"
    whole, asked = (
        config(data, path, Slow, Bicubic, runs=2, cluster=Cluster(jobs=n))
        for path, n in ((tmp_path / "whole.csv", 1), (out, jobs))
    )
    run(whole)
    for rows in moments:
        process = CONTEXT.Process(target=run_with_quick_workers, args=(asked,))
        process.start()
        deadline = time.monotonic() + 120
        while process.is_alive() and time.monotonic() < deadline:
            if out.exists() and out.read_bytes().count(b"\n") > rows:
                break
            time.sleep(0.01)
        process.kill()  # of no effect where a starved machine let it come to its end
        process.join()
        with out.open("ab") as file:
            file.write(b"small,im_4,2,slow,3,2,31.0")  # what a kill within a write leaves
    run(asked)
    assert without_seconds(out) == without_seconds(tmp_path / "whole.csv")


def test_other_settings_seed_or_protocol_are_refused(data, tmp_path):
    out = tmp_path / "r.csv"
    run(config(data, out, Bicubic))
    for other in ({"settings": named("paper")}, {"settings": named("quick", "vdsr")}):
        with pytest.raises(
            InputError, match=r"settings quick:rcan:-:- and this run has .*; wanted another --out"
        ):
            run(config(data, out, Bicubic, **other))
    with pytest.raises(InputError, match="with seed 0; wanted another"):
        run(config(data, out, Bicubic, seed=7))


@pytest.mark.parametrize("name", ["runs", "limit"])
def test_counts_are_at_least_one(data, tmp_path, name):
    with pytest.raises(InputError, match=f"{name} is 0; wanted at least 1"):
        config(data, tmp_path / "r.csv", Bicubic, **{name: 0})


def test_images_and_kernels_are_kept(data, tmp_path):
    run(config(data, tmp_path / "r.csv", Bicubic, limit=1, keep=tmp_path / "kept"))
    assert (tmp_path / "kept/small_x2/bicubic/run_1/im_1.png").is_file()


def test_paths_hold_wherever_a_worker_runs(data, tmp_path, monkeypatch):
    monkeypatch.chdir(data.parent)
    config_ = config(Path(data.name), tmp_path / "r.csv", Bicubic, keep=Path("kept"))
    tasks = _tasks(config_, "cpu")
    assert all(path.is_absolute() for task in tasks for path in (task.item.lr, task.item.gt))
    assert method("external:E=small/gt").folder == data / "gt"
