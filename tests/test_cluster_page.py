"""A scheduler and workers started as docs/cluster.md says, by processes that do not have this project."""

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.cli import main as benchmarks
from tests.pictures import face
from tests.warm import Program

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "cluster.md"
MARK = "<!-- run by tests/test_cluster_page.py -->"
PATIENCE = 120  # seconds, on a busy machine
INSTALLED = ("blindsr", "kernelgan", "srbase", "zssr")


def commands():
    """The lines of the page's marked block."""
    block = re.search(r"```sh\n(.*?)```", PAGE.read_text().partition(MARK)[2], re.DOTALL)
    return block[1].splitlines()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def background(lines, port, folder, packages):
    """Scheduler and worker, with these packages of the project and no others to be imported."""
    site = folder / "site"
    site.mkdir()
    for name in INSTALLED:
        if name in packages:
            (site / name).symlink_to(ROOT / name)
        else:  # also where it is installed in this Python
            (site / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name={name!r})\n")
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    started = []
    try:
        for line in lines:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", *line.removesuffix("&").replace("$PORT", str(port)).split()],
                    cwd=folder,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        yield started
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=30)


def wait_for_workers(port, count):
    from distributed import Client

    with Client(f"tcp://127.0.0.1:{port}", timeout=PATIENCE) as client:
        client.wait_for_workers(count, timeout=PATIENCE)
        return client.scheduler_info()["workers"]


def run(line, port, folder):
    words = line.replace("$PORT", str(port)).split()
    if words[:2] == ["python", "-m"]:
        words = words[2:]
    program = Program(folder, *words[1:], module=words[0])
    code, _, err = program.ended(5 * PATIENCE)
    assert code == 0, err


@pytest.fixture
def work(tmp_path):
    (tmp_path / "photos").mkdir()
    for number in range(2):
        pixels = (face(66 + number, 72) * 255).byte().permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / "photos" / f"{number}.png")
    (tmp_path / "hr").mkdir()
    Image.fromarray(np.ascontiguousarray((face(140, 140) * 255).byte().permute(1, 2, 0).numpy())).save(
        tmp_path / "hr" / "a.png"
    )
    made = ["--hr", str(tmp_path / "hr"), "--out", str(tmp_path / "data")]
    assert benchmarks(["make-dataset", *made, "--scale", "2", "--seed", "0"]) == 0
    return tmp_path


def test_the_pages_commands_with_a_scheduler_that_has_nothing_of_this_project(work):
    scheduler, worker, upscale, benchmark = commands()
    port = free_port()
    (work / "a").mkdir()
    with background([scheduler], port, work / "a", ()):
        (work / "b").mkdir()
        with background([worker], port, work / "b", INSTALLED):
            wait_for_workers(port, 2)
            run(upscale, port, work)
            run(benchmark, port, work)
    assert sorted(path.name for path in (work / "large").glob("*.png")) == ["0_x2.png", "1_x2.png"]
    rows = (work / "rows.csv").read_text()
    assert [line.rpartition(",")[2] for line in rows.splitlines()[1:]] == ["ok"]
