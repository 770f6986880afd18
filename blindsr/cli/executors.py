"""Where the work on photographs runs: in processes of this machine, or on the workers of a Dask scheduler.

Both take groups of jobs and yield the outcomes of each group when it is done. A process that dies (out of
memory, a crash in a library) costs the photographs in its hands and no other.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial

from blindsr.cli.jobs import FAILED, Job, Outcome, Request

Group = Sequence[Job]
Work = Callable[[Group, Request], list[Outcome]]
"""A function of a module, so that other processes can import it."""


def on_processes(
    work: Work, groups: Sequence[Group], request: Request, *, processes: int, threads: int
) -> Iterator[list[Outcome]]:
    """Work on this machine.

    Each process is a pool of its own with one worker, so that the death of one does not break the others; it
    is replaced. All end with the iterator, whatever they are doing: results appear whole or not at all.

    Args:
        work: What is done with a group.
        groups: Jobs; one process works on a group.
        request: What is asked of every photograph.
        processes: Number of groups at the same time.
        threads: Of PyTorch in each process.

    Yields:
        The outcomes of a group.
    """
    waiting = deque(groups)
    others = set(multiprocessing.active_children())
    pools = [_one_process(threads) for _ in range(min(processes, len(waiting)))]
    running: dict[Future[list[Outcome]], tuple[int, Group]] = {}

    def submit(number: int) -> None:
        if waiting:
            group = waiting.popleft()
            running[pools[number].submit(work, group, request)] = (number, group)

    for number in range(len(pools)):
        submit(number)
    try:
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, group = running.pop(future)
                try:
                    outcomes = future.result()
                except BrokenProcessPool:
                    outcomes = _failed(group, "its process was killed; out of memory?")
                    pools[number].shutdown(wait=False)
                    pools[number] = _one_process(threads)
                except Exception as error:  # such as one that cannot travel between processes
                    outcomes = _failed(group, str(error), traceback.format_exc())
                submit(number)
                yield outcomes
    finally:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        for pool in pools:
            pool.shutdown(cancel_futures=True)


def on_workers(
    work: Work, groups: Sequence[Group], request: Request, *, scheduler: str, threads: int
) -> Iterator[list[Outcome]]:
    """Work on the workers of a running Dask scheduler.

    Photographs and results must have the same paths there. Photographs of a worker that dies are tried once
    more.

    Args:
        work: What is done with a group.
        groups: Jobs; one worker works on a group.
        request: What is asked of every photograph.
        scheduler: Its address.
        threads: Of PyTorch in each worker.

    Yields:
        The outcomes of a group.

    Raises:
        InputError: No worker answers.
    """
    from blindsr.cluster import Cluster, work_through

    absolute = [[_absolute(job) for job in group] for group in groups]
    of = {id(there): here for there, here in zip(absolute, groups, strict=True)}
    cluster = Cluster(scheduler=scheduler, threads=threads)
    for finished in work_through(partial(_call, work, request), [[group] for group in absolute], cluster):
        group = of[id(finished.job)]
        if finished.result is None:
            yield _failed(group, str(finished.error))
        else:
            yield [replace(outcome, job=job) for outcome, job in zip(finished.result, group, strict=True)]


def _call(work: Work, request: Request, group: Group) -> list[Outcome]:
    return work(group, request)


def _failed(group: Group, reason: str, trace: str = "") -> list[Outcome]:
    return [Outcome(job=job, status=FAILED, error=f"{job.source}: {reason}", trace=trace) for job in group]


def _absolute(job: Job) -> Job:
    """The same files with absolute paths, for a worker that was started in another folder."""
    return replace(
        job,
        source=job.source.resolve(),
        output=job.output.resolve(),
        copies=tuple(path.resolve() for path in job.copies),
        details=None if job.details is None else job.details.resolve(),
        page=None if job.page is None else job.page.resolved(),
    )


def _one_process(threads: int) -> ProcessPoolExecutor:
    """A pool with one worker; PyTorch does not survive a fork once it has threads, so it is spawned."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_initialise, initargs=(threads,))


def _initialise(threads: int) -> None:
    """Prepare a worker: Ctrl-C is the parent's, and the worker ends when the parent has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import torch

    from srbase.runtime.memory import keep_freed_blocks

    keep_freed_blocks()
    torch.set_num_threads(threads)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
