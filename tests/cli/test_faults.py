"""Whatever breaks, nothing is lost: signals, kills, races, a full disk, a reader that has gone."""

import signal

import numpy as np
import pytest

from tests.cli import faults
from tests.warm import Program

pytestmark = pytest.mark.slow

SECONDS = 2.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_default_within_two_seconds(tmp_path, number):
    faults.workplace(tmp_path, 1)
    process = Program(tmp_path, "upscale", "in/im_0.png", "--device", "cpu", "--threads", "1")
    seconds, code = faults.signalled(process, number, "preset default")
    assert code == 128 + number
    assert seconds < SECONDS
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["im_0.png"]


def test_a_signal_ends_photographs_side_by_side(tmp_path):
    faults.workplace(tmp_path, 3)
    process = Program(tmp_path, "upscale", "in", "-o", "out", "--device", "cpu", "-j", "2")
    seconds, code = faults.signalled(process, signal.SIGTERM, "2 processes")
    assert code == 128 + signal.SIGTERM
    assert seconds < SECONDS


@pytest.mark.parametrize(("jobs", "count"), [(1, 4), (2, 2)])
def test_kills_leave_whole_files_and_a_folder_that_resumes(tmp_path, jobs, count):
    told = faults.kills(tmp_path / "w", count, np.random.default_rng(5), jobs=jobs)
    assert (told["half"], told["lost"]) == (0, 0)


def test_two_runs_on_one_name(tmp_path):
    faults.workplace(tmp_path, 1)
    arguments = ("upscale", "in/im_0.png", "-o", "one.png", *faults.INSTANT)
    runs = [Program(tmp_path, *arguments) for _ in range(2)]
    told = [run.ended() for run in runs]
    codes = sorted(run.exitcode for run in runs)
    assert codes in ([0, 1], [0, 0]), told
    assert codes == [0, 1] or not faults.half_files(tmp_path)  # one may have ended before the other began
    assert not [name for name in faults.half_files(tmp_path) if name != "k.npy"]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    faults.workplace(tmp_path, 1)
    with faults.small_disk(tmp_path / "disk", "60k") as disk:
        if disk is None:
            pytest.skip("no tmpfs may be mounted here")
        code, out, err = faults.ended(
            tmp_path, "upscale", "in/im_0.png", "-o", "disk/large.png", *faults.INSTANT
        )
        assert (code, out) == (1, [])
        assert "large.png cannot be written: No space left on device" in err[-1]
        code, out, err = faults.ended(
            tmp_path, "upscale", "in/im_0.png", "-o", "disk/large.tif", *faults.INSTANT
        )
        assert (code, out) == (1, [])
        assert "MB free; the results need at least" in err[-1]  # said before any work
        assert list(disk.iterdir()) == []


def test_a_reader_that_has_gone_and_a_stdout_that_is_full(tmp_path):
    faults.workplace(tmp_path, 1)
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = faults.started(tmp_path, "upscale", "in/im_0.png", *faults.INSTANT, stdout=full)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.splitlines()[-1] == "error: stdout cannot be written: No space left on device"
    assert (tmp_path / "in" / "im_0_x2.png").exists()
