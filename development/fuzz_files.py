"""Meets the reading of photographs and kernels with damaged files, in processes, and says what became of
each.

python -m development.fuzz_files --cases 20000 --jobs 2

Prints a JSON summary: how many were read and refused, and the numbers of all that ended in another way, took
over 10 seconds, or took over 1 GiB; a case is made again by its number (tests/io/hostile.py).
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

_SPAWN = multiprocessing.get_context("spawn")


def serve(pipe: Connection) -> None:
    """Meet the cases that come through the pipe; tell each one's kind of end, seconds and bytes."""
    from tests.io import hostile

    hostile.photographs(), hostile.kernels()
    with tempfile.TemporaryDirectory() as folder:
        pipe.send("ready")
        while (number := pipe.recv()) is not None:
            Path("/proc/self/clear_refs").write_text("5")
            before, started = _high_water(), time.perf_counter()
            try:
                end = hostile.meet(number, Path(folder))
                end = "read" if end == "read" else "refused"
            except BaseException as error:  # whatever it is, it is what is looked for
                end = f"{type(error).__name__}: {error}"[:300]
            pipe.send((end, time.perf_counter() - started, _high_water() - before))


def _high_water() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def lane(first: int, last: int, step: int, answers: "multiprocessing.SimpleQueue[object]") -> None:
    """Hand the numbers to a process, and to another where it dies or hangs."""
    process = None
    for number in range(first, last, step):
        if process is None:
            pipe, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            pipe.recv()
        pipe.send(number)
        if pipe.poll(30):
            try:
                answers.put((number, *pipe.recv()))
                continue
            except EOFError:
                process.join()
                answers.put((number, f"died with code {process.exitcode}", 0.0, 0))
        else:
            answers.put((number, "hangs", 30.0, 0))
        process.kill()
        process = None
    if process is not None:
        pipe.send(None)
    answers.put(None)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    answers = _SPAWN.SimpleQueue()
    last = asked.first + asked.cases
    lanes = [
        _SPAWN.Process(target=lane, args=(asked.first + index, last, asked.jobs, answers))
        for index in range(asked.jobs)
    ]
    for process in lanes:
        process.start()
    ends: Counter[str] = Counter()
    bad, slowest, largest, open_lanes = [], (0.0, 0), (0, 0), asked.jobs
    while open_lanes:
        answer = answers.get()
        if answer is None:
            open_lanes -= 1
            continue
        number, end, seconds, taken = answer
        ends[end if end in ("read", "refused") else "other"] += 1
        slowest, largest = max(slowest, (seconds, number)), max(largest, (taken, number))
        if end not in ("read", "refused") or seconds > 10 or taken > 1 << 30:
            bad.append({"case": number, "end": end, "seconds": round(seconds, 2), "bytes": taken})
            print(json.dumps(bad[-1]), flush=True)
    summary = {"slowest": slowest, "largest": largest, "bad": len(bad)}
    print(json.dumps({"cases": asked.cases, **ends, **summary}))


if __name__ == "__main__":
    main()
