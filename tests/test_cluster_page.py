"""A scheduler and workers started as docs/cluster.md says, by processes that do not have this project."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import face

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


def argv(line, port):
    words = line.removesuffix("&").replace("$PORT", str(port)).split()
    program = {
        "dask": [sys.executable, "-m", "dask"],
        "blindsr": [sys.executable, "-m", "blindsr"],
        "python": [sys.executable],
    }[words[0]]
    return program + words[1:]


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
                    argv(line, port),
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
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        argv(line, port),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


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
    made = f"--hr {tmp_path / 'hr'} --out {tmp_path / 'data'}"
    run(f"python -m benchmarks make-dataset {made} --scale 2 --seed 0", 0, ROOT)
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
            benchmark = benchmark.replace("--data data", f"--data {work / 'data'}")
            run(benchmark.replace("rows.csv", str(work / "rows.csv")), port, ROOT)
    assert sorted(path.name for path in (work / "large").glob("*.png")) == ["0_x2.png", "1_x2.png"]
    rows = (work / "rows.csv").read_text()
    assert [line.rpartition(",")[2] for line in rows.splitlines()[1:]] == ["ok"]


def test_a_dead_address_fails_within_seconds(work):
    started = time.perf_counter()
    line = f"blindsr upscale photos -o large --scheduler tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        argv(line, 0),
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode != 0
    assert "no Dask scheduler answers at tcp://127.0.0.1:" in done.stderr
    assert time.perf_counter() - started < 40  # of which the imports take most, on a busy machine
    assert not (work / "large").exists() or not list((work / "large").glob("*.png"))
