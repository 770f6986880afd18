"""Photographs side by side: processes that each work on one at a time, and survive the death of another."""

import multiprocessing
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from blindsr.cli.outputs import Job
from blindsr.cli.request import FAILED, Outcome, Request
from blindsr.cli.work import work

_SPAWN = multiprocessing.get_context("spawn")  # torch does not survive a fork once it has threads


def side_by_side(jobs: Sequence[Job], request: Request, *, lanes: int, threads: int) -> Iterator[Outcome]:
    """The outcome of each job as it is reached, in ``lanes`` processes of ``threads`` threads each.

    A process that dies (out of memory, a fault in a library) costs the photograph in its hands alone. All
    end with the iterator.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    finished: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    crew = [_Lane(waiting, finished, request, threads) for _ in range(min(lanes, len(jobs)))]
    for lane in crew:
        lane.start()
    try:
        for _ in jobs:
            yield finished.get()
    finally:
        for lane in crew:
            lane.end()


class _Lane(threading.Thread):
    """A thread that keeps one process busy."""

    def __init__(
        self,
        waiting: "queue.SimpleQueue[Job]",
        finished: "queue.SimpleQueue[Outcome]",
        request: Request,
        threads: int,
    ) -> None:
        super().__init__(daemon=True)
        self.waiting, self.finished = waiting, finished
        self.request, self.threads = request, threads
        self.process: BaseProcess | None = None
        self.pipe: Connection | None = None
        self.over = False

    def run(self) -> None:
        """Hand out jobs until none is left."""
        while not self.over:
            try:
                job = self.waiting.get_nowait()
            except queue.Empty:
                return
            self.finished.put(self._outcome(job))

    def end(self) -> None:
        """Kill the process, whatever it is doing: results appear whole or not at all."""
        self.over = True
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def _outcome(self, job: Job) -> Outcome:
        try:
            if self.process is None or self.pipe is None:
                self.pipe, theirs = _SPAWN.Pipe()
                self.process = _SPAWN.Process(
                    target=_serve, args=(theirs, self.request, self.threads), daemon=True
                )
                self.process.start()
                theirs.close()
            self.pipe.send(job)
            outcome: Outcome = self.pipe.recv()
        except (EOFError, OSError):
            code = None
            if self.process is not None:
                self.process.join()
                code = self.process.exitcode
            self.process = None
            return Outcome(job, FAILED, error=f"{job.source}: its process ended with code {code}")
        return outcome


def _serve(pipe: Connection, request: Request, threads: int) -> None:
    """Work on what comes through the pipe, until it closes or the parent is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    import torch

    from srbase.runtime.memory import keep_freed_blocks

    keep_freed_blocks()
    torch.set_num_threads(threads)
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(work(job, request))
