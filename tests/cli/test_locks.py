"""Two runs on one folder: each result is made once, and the lock of a killed process is taken over."""

import json
import os
import subprocess
import sys
import threading
import time

import psutil
import pytest
from PIL import Image

from blindsr.cli import manifest
from blindsr.cli.manifest import STALE_SECONDS, Owner, locked
from tests.cli import faults
from tests.warm import Program

OTHER_HOST = "another-host"


@pytest.fixture
def output(tmp_path):
    return tmp_path / "cat_x2.png"


def lock_of(output, **changed):
    """A lock file of this process, but for what is changed."""
    fields = vars(Owner.this_process()) | {"time": time.time()} | changed
    path = manifest.lock_path(output)
    path.write_text(json.dumps(fields))
    return path


def ended_process():
    """The number of a process that was, and its start."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_is_held_by_one_and_gone_afterwards(output):
    with locked(output) as first:
        assert first is None
        with locked(output) as second:
            assert second == Owner.this_process()
            assert str(os.getpid()) in str(second)
    assert not list(output.parent.iterdir())


def test_the_lock_of_the_longest_name_fits_the_file_system(tmp_path):
    with locked(tmp_path / ("a" * 251 + ".png")) as owner:
        assert owner is None


@pytest.mark.parametrize("change", ["ended", "reused", "damaged"])
def test_a_dead_lock_is_taken_over(output, change):
    changed = {"pid": ended_process()} if change == "ended" else {"started": 1.0}
    path = lock_of(output, **changed)
    if change == "damaged":
        path.write_text("{")
        os.utime(path, (1, 1))
    with locked(output) as owner:
        assert owner is None
    assert not list(output.parent.iterdir())


@pytest.mark.parametrize(("age", "alive"), [(0, True), (2 * STALE_SECONDS, False)])
def test_a_process_of_another_host_is_alive_while_it_renews_its_lock(output, age, alive):
    path = lock_of(output, host=OTHER_HOST)
    os.utime(path, (time.time() - age,) * 2)
    with locked(output) as owner:
        assert (owner is not None) == alive


@pytest.mark.parametrize(("age", "left"), [(0, True), (2 * STALE_SECONDS, False)])
def test_a_damaged_lock_is_cleared_once_it_is_old(output, age, left):
    path = lock_of(output)
    path.write_text("")  # its process was killed before it wrote
    os.utime(path, (time.time() - age,) * 2)
    manifest.clear_dead_locks(output.parent)
    assert path.exists() == left


def test_a_lock_is_renewed(output, monkeypatch):
    monkeypatch.setattr(manifest, "RENEW_SECONDS", 0.01)
    with locked(output):
        path = manifest.lock_path(output)
        os.utime(path, (1, 1))
        deadline = time.monotonic() + 10
        while path.stat().st_mtime < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert path.stat().st_mtime > 2


@pytest.mark.skipif(sys.platform == "win32", reason="no process stays there once it has ended")
def test_a_killed_process_that_nobody_has_waited_for_is_not_alive(output):
    """A container's first process may never wait for those whose parents ended before them."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(process.pid).create_time()
    lock_of(output, pid=process.pid, started=started)
    with locked(output) as owner:
        assert owner == Owner(process.pid, Owner.this_process().host, started)
    process.kill()
    deadline = time.monotonic() + 10
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    with locked(output) as owner:
        assert owner is None
    process.communicate()


def test_of_many_that_take_over_a_dead_lock_one_has_it(output):
    """Each holds it for a moment; never two at once."""
    lock_of(output, started=1.0)
    holders, most, problems = 0, 0, []
    guard = threading.Lock()
    barrier = threading.Barrier(8)

    def take():
        nonlocal holders, most
        try:
            barrier.wait()
            with locked(output) as owner:
                if owner is None:
                    with guard:
                        holders += 1
                        most = max(most, holders)
                    time.sleep(0.05)
                    with guard:
                        holders -= 1
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, problems) == (1, [])
    assert not list(output.parent.iterdir())


def test_what_another_process_makes_is_left_to_it(work, instant, photograph):
    (work / "in").mkdir()
    (work / "out").mkdir()
    for name in "ab":
        Image.fromarray(photograph[:40, :44]).save(work / "in" / f"{name}.png")
    path = lock_of(work / "out" / "a_x2.png")
    code, out, err = instant("in", "-o", "out")
    assert (code, out) == (0, ["out/b_x2.png"])
    assert any("in/a.png: left to another process" in line for line in err)
    assert err[-1].startswith("1 done, 1 left to another process")
    path.unlink()
    code, out, err = instant("in", "-o", "out")
    assert (code, out) == (0, ["out/b_x2.png", "out/a_x2.png"])


def test_failures_of_the_other_process_stay_in_the_table(work, instant, photograph):
    (work / "in").mkdir()
    for name in "ab":
        Image.fromarray(photograph[:40, :44]).save(work / "in" / f"{name}.png")
    assert instant("in", "-o", "out")[0] == 0
    (work / "out" / "a_x2.png").unlink()
    (work / "out" / "failures.csv").write_text("input,output,error\nin/a.png,out/a_x2.png,no luck\n")
    path = lock_of(work / "out" / "a_x2.png")
    assert instant("in", "-o", "out")[0] == 0
    assert "no luck" in (work / "out" / "failures.csv").read_text()
    path.unlink()
    assert instant("in", "-o", "out")[0] == 0
    assert not (work / "out" / "failures.csv").exists()


@pytest.mark.slow
def test_two_runs_on_one_folder_share_it_and_a_killed_one_is_resumed(tmp_path):
    faults.workplace(tmp_path, 6)
    arguments = ("upscale", "in", "-o", "out", *faults.INSTANT)
    runs = [Program(tmp_path, *arguments) for _ in range(2)]
    told = [run.ended() for run in runs]
    assert [code for code, _, _ in told] == [0, 0], told
    made = sorted(path.name for path in (tmp_path / "out").glob("*"))
    assert made == sorted([*(f"im_{number}_x2.png" for number in range(6)), "blindsr.jsonl"])
    lines = (tmp_path / "out" / "blindsr.jsonl").read_text().splitlines()
    assert len(lines) == 6  # each was made once
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    first, second = (Program(tmp_path, *arguments) for _ in range(2))
    while not faults.results(tmp_path):
        time.sleep(0.01)
    first.kill()
    code, _, err = second.ended()
    assert code == 0, err
    code, results, _ = faults.ended(tmp_path, *arguments)
    assert (code, len(results)) == (0, 6)
    assert not faults.half_files(tmp_path / "out")
    assert not list((tmp_path / "out").glob(".*"))
