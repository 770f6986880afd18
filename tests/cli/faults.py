"""Runs of the program as a process of its own, and what may happen to them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from blindsr.io.kernel_files import write_kernel
from srbase.kernels.kernel import SRKernel
from tests.warm import Program

INSTANT = ("--device", "cpu", "--preset", "instant", "--threads", "1", "-k", "k.npy")
MOMENT = 0.3
"""Seconds after a result within which a kill comes: a photograph takes about 0.2."""


def workplace(folder, photographs=6):
    """A folder with photographs in in/ and a kernel."""
    (folder / "in").mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (24, 28, 3), dtype=np.uint8)
    for number in range(photographs):
        Image.fromarray(np.roll(noise, number, axis=0)).resize((112, 96)).save(
            folder / "in" / f"im_{number}.png"
        )
    write_kernel(folder / "k.npy", SRKernel.bicubic(2))
    return folder


def started(folder, *arguments, **streams):
    """The process of a command line that begins anew: for streams of its own."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-m", "blindsr", *map(str, arguments)]
    place = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        command, cwd=folder, text=True, env={**os.environ, "PYTHONPATH": place}, **streams
    )


def ended(folder, *arguments):
    """(exit code, stdout, stderr) of a command line."""
    return Program(folder, *arguments).ended()


def signalled(process, number, wait_for):
    """Seconds from a signal, sent once stderr has the words, to the process's end; and its exit code."""
    process.said(wait_for)
    time.sleep(0.3)
    sent = time.perf_counter()
    os.kill(process.pid, number)
    process.join(30)
    return time.perf_counter() - sent, process.exitcode


def half_files(folder):
    """Files of a folder that are not whole, and those that have no business there."""
    bad = []
    for path in sorted(folder.rglob("*")):
        if path.name == "blindsr.jsonl":
            for line in path.read_text().splitlines():
                json.loads(line)
        elif path.suffix == ".png" and not path.name.startswith("."):
            try:
                with Image.open(path) as picture:
                    picture.load()
            except OSError:
                bad.append(path.name)
        elif path.is_file() and path.suffix not in (".csv", ".lock"):
            bad.append(path.name)
    return bad


def kill(process):
    """Kill a run, and wait until the workers that it leaves behind have ended: until then they hold locks."""
    workers = []
    with contextlib.suppress(psutil.NoSuchProcess):
        run = psutil.Process(process.pid)
        run.suspend()  # so that it starts no more of them
        workers = run.children(recursive=True)
    process.kill()
    process.join()
    end = time.monotonic() + 60
    while any(map(is_at_work, workers)) and time.monotonic() < end:
        time.sleep(0.01)


def is_at_work(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def kills(folder, count, rng, *, jobs=1, photographs=6):
    """Start a batch again and again, kill it a moment after some result, and look; a finished folder is made
    anew.

    Returns how many half files were seen, how many results were lost (there before a later run, and not
    after), and how many photographs the kills left to be resumed.
    """
    folder = workplace(folder, photographs)
    command = ("upscale", "in", "-o", "out", *INSTANT)
    half = lost = resumed = 0
    there = set()
    for _ in range(count):
        process = Program(folder, *command, "-j", jobs)
        wanted = len(there) + rng.integers(0, max(1, photographs - len(there)))
        while process.is_alive() and len(results(folder)) < wanted:
            time.sleep(0.01)
        process.join(float(rng.uniform(0, MOMENT)))
        kill(process)
        half += len(half_files(folder / "out"))
        now = results(folder)
        lost += len(there - now)
        resumed += bool(there and now - there)
        there = now
        if len(now) == photographs:
            for path in (folder / "out").iterdir():
                path.unlink()
            there = set()
    code, out, _ = ended(folder, *command)
    assert (code, len(out)) == (0, photographs)
    return {"kills": count, "half": half, "lost": lost, "resumed": resumed}


def results(folder):
    """The names of a batch's results so far."""
    return {path.name for path in (folder / "out").glob("*.png")}


@contextlib.contextmanager
def small_disk(place, size="300k"):
    """A tmpfs of this size; None where it may not be mounted."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
