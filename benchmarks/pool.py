"""Processes that work on tasks side by side, and survive the death of any of them."""

import contextlib
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import cast

from benchmarks.task import Done, Task, Workplace, set_threads, work

PARENT_CHECK_SECONDS = 1.0
_SPAWN = multiprocessing.get_context("spawn")  # torch does not survive a fork once it has threads


def run_all(
    groups: Sequence[Sequence[Task]], place: Workplace, *, jobs: int, threads: int | None
) -> Iterator[Done]:
    """Work through groups of tasks, yielding each row when it is done.

    With one job, in this process; else in ``jobs`` processes, each with ``threads`` threads of torch.
    A process that dies (out of memory, a crash in a library) costs the row that it was making, which
    fails with that reason; another process takes over.
    """
    if jobs == 1:
        if threads is not None:
            set_threads(threads)
        for group in groups:
            for task in group:
                yield work(task, place)
        return
    queue = deque(deque(group) for group in groups if group)
    workers = [_Worker(place, threads or 1) for _ in range(min(jobs, len(queue)))]
    try:
        for worker in workers:
            worker.take(queue)
        while busy := [worker for worker in workers if worker.current]:
            ready = set(wait([worker.pipe for worker in busy]))
            for worker in busy:
                if worker.pipe in ready:
                    yield worker.result()
                    worker.take(queue)
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A process, the group that it is working through, and the task in its hands."""

    def __init__(self, place: Workplace, threads: int) -> None:
        self.place = place
        self.threads = threads
        self.group: deque[Task] = deque()
        self.current: Task | None = None
        self._start()

    def _start(self) -> None:
        self.pipe, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(
            target=_serve, args=(other, self.place, self.threads, os.getpid()), daemon=True
        )
        self.process.start()
        other.close()

    def take(self, queue: deque[deque[Task]]) -> None:
        """Begin the next task of the group, or of the next group."""
        if not self.group and queue:
            self.group = queue.popleft()
        self.current = self.group.popleft() if self.group else None
        if self.current:
            with contextlib.suppress(OSError):  # a dead process is noticed on reading
                self.pipe.send(self.current)

    def result(self) -> Done:
        """The finished task; where the process died, its failure, and a new process."""
        task = self.current
        assert task is not None
        try:
            return cast(Done, self.pipe.recv())
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode
            self.pipe.close()
            self._start()
            return Done(task.row.failed(f"its process died (exit code {code}); out of memory?"), 0.0)

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _serve(pipe: Connection, place: Workplace, threads: int, parent: int) -> None:
    set_threads(threads)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            pipe.send(work(pipe.recv(), place))


def _leave_with(parent: int) -> None:
    """End this process when the parent was killed: nobody would write its rows."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)
