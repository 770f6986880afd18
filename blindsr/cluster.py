"""Many jobs on the processes of one machine or on many machines, by Dask.

A group of jobs is worked through in order, groups side by side. A worker that dies (out of memory, a crash in
a library, a node that is taken away) costs the job in its hands, which is tried once more elsewhere.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from logging import CRITICAL
from typing import Any, Final, Generic, TypeVar

from srbase.errors import InputError

INSTALL: Final = "pip install 'distributed>=2026.3'"
TRIES: Final = 2  # of a job whose worker dies
CONNECT_SECONDS: Final = 30

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True)
class Finished(Generic[J, R]):
    """A job and what came of it: ``result``, or the ``error`` that ended it."""

    job: J
    result: R | None = None
    error: BaseException | None = None


class WorkerDiedError(RuntimeError):
    """The workers of a job died, every time that it was tried."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where jobs run: ``scheduler`` is the address of a running Dask scheduler; without one, ``jobs``
    processes of this machine, each with one Dask thread and ``threads`` threads of torch."""

    jobs: int = 1
    threads: int | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        for name in ("jobs", "threads"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; wanted at least 1")

    @property
    def is_this_process(self) -> bool:
        """Whether no other process is needed."""
        return self.scheduler is None and self.jobs == 1


def work_through(
    function: Callable[[J], R], groups: Sequence[Sequence[J]], cluster: Cluster
) -> Iterator[Finished[J, R]]:
    """Do every job, yielding each when it is done, in any order between groups.

    ``function`` and the jobs travel to other processes; of a group, one job at a time. Errors of the
    function do not stop the others. Raises InputError where no worker can be had.
    """
    groups = [group for group in groups if group]
    if cluster.is_this_process:
        for group in groups:
            for job in group:
                yield _here(function, job, cluster.threads)
        return
    with _client(cluster, len(groups)) as client:
        yield from _on_workers(function, groups, cluster, client)


def _here(function: Callable[[J], R], job: J, threads: int | None) -> Finished[J, R]:
    try:
        return Finished(job, _with_threads(function, job, threads))
    except Exception as error:  # one job's fault must not cost the others
        return Finished(job, error=error)


def _with_threads(function: Callable[[J], R], job: J, threads: int | None) -> R:
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    return function(job)


def _on_workers(
    function: Callable[[J], R], groups: Sequence[Sequence[J]], cluster: Cluster, client: Any
) -> Iterator[Finished[J, R]]:
    """One job at a time for each thread of the workers there are, so that a death costs no job that waits."""
    distributed = _distributed()
    ready = deque(_Place(group, 0, 1) for group in range(len(groups)))
    running: dict[str, _Place] = {}
    waiting = distributed.as_completed()

    def fill() -> None:
        while ready and len(running) < max(1, sum(client.nthreads().values())):
            place = ready.popleft()
            job = groups[place.group][place.index]
            future = client.submit(_with_threads, function, job, cluster.threads or 1, pure=False)
            running[future.key] = place
            waiting.add(future)

    fill()
    for future in waiting:
        place = running.pop(future.key)
        error = future.exception()
        died = type(error).__name__ == "KilledWorker"
        if died and place.attempt < TRIES:
            ready.appendleft(replace(place, attempt=place.attempt + 1))
            fill()
            continue
        if died:
            error = WorkerDiedError(f"its worker died {TRIES} times; out of memory?")
        result = None if error else future.result()
        future.release()
        if place.index + 1 < len(groups[place.group]):
            ready.appendleft(_Place(place.group, place.index + 1, 1))
        fill()
        yield Finished(groups[place.group][place.index], result, error)


@dataclass(frozen=True)
class _Place:
    """A job: of which group, where in it, and how often it is being tried."""

    group: int
    index: int
    attempt: int


def _distributed() -> Any:
    if find_spec("distributed") is None:
        raise InputError(f"several processes need Dask, which is not installed; wanted: {INSTALL}")
    return import_module("distributed")


@contextmanager
def _client(cluster: Cluster, wanted: int) -> Iterator[Any]:
    """A client of the running scheduler, or of a new cluster of this machine's processes."""
    distributed = _distributed()
    if cluster.scheduler is None:
        place = distributed.LocalCluster(
            n_workers=max(1, min(cluster.jobs, wanted)),
            threads_per_worker=1,
            processes=True,
            memory_limit=0,  # a large photograph is no fault
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": ":0"},  # its HTTP server: any port that is free
            silence_logs=CRITICAL,  # deaths are told by the jobs, not by the log
        )
    else:
        place = nullcontext(cluster.scheduler)
    with place as address:
        try:
            client = distributed.Client(address, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(f"no Dask scheduler answers at {cluster.scheduler}: {error}") from error
        with client:
            if not client.nthreads():
                raise InputError(f"the Dask scheduler at {address} has no worker; wanted at least one")
            before = client.run_on_scheduler(_allow_deaths, 0)
            try:
                yield client
            finally:
                client.run_on_scheduler(_allow_deaths, before)


def _allow_deaths(deaths: int, dask_scheduler: Any = None) -> int:
    """Set how many deaths of workers a job survives before we are told; return what it was.

    Dask counts a death against every job that was given to the worker, also those that had not begun, so
    the tries are counted here, where a job is given only to a thread that is free.
    """
    before = int(dask_scheduler.allowed_failures)
    dask_scheduler.allowed_failures = deaths
    return before
