"""Many jobs on the processes of one machine or on many machines, by Dask.

A group of jobs is worked through in order, groups side by side. A worker that dies (out of memory, a crash in
a library, a node that is taken away) costs the job in its hands, which is tried once more elsewhere.

A scheduler need not have this project: what goes through it are bytes and functions by value (a function
within a function is one, by cloudpickle's rules). Workers need the libraries; packages of this project that
they lack are sent to them.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from logging import CRITICAL
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Generic, TypeVar

from srbase.errors import InputError

INSTALL: Final = "pip install 'distributed>=2026.3'"
TRIES: Final = 2  # of a job whose worker dies
CONNECT_SECONDS: Final = 5
PACKAGES: Final = ("benchmarks", "blindsr", "kernelgan", "srbase", "zssr")
"""Of this project; a worker that lacks one gets it from here."""

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True)
class JobResult(Generic[J, R]):
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
) -> Iterator[JobResult[J, R]]:
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
        packed = _packed(function)
        _require_able_workers(client, packed)
        yield from _on_workers(packed, groups, cluster, client)


def _here(function: Callable[[J], R], job: J, threads: int | None) -> JobResult[J, R]:
    try:
        return JobResult(job, _with_threads(function, job, threads))
    except Exception as error:  # one job's fault must not cost the others
        return JobResult(job, error=error)


def _with_threads(function: Callable[[J], R], job: J, threads: int | None) -> R:
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    return function(job)


def _on_workers(
    function: bytes, groups: Sequence[Sequence[J]], cluster: Cluster, client: Any
) -> Iterator[JobResult[J, R]]:
    """One job at a time for each thread of the workers there are, so that a death costs no job that waits."""
    distributed, work = _distributed(), _work()
    ready = deque(_Place(group, 0, 1) for group in range(len(groups)))
    running: dict[str, _Place] = {}
    waiting = distributed.as_completed()

    def fill() -> None:
        while ready and len(running) < max(1, sum(client.nthreads().values())):
            place = ready.popleft()
            job = groups[place.group][place.index]
            try:
                parts = (function, _packed(job))
            except Exception as error:  # it cannot travel, which is its own fault
                parts = (_packed(_failing(f"cannot travel to a worker: {error}")), _packed(None))
            future = client.submit(work, *parts, cluster.threads or 1, pure=False)
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
        result = None
        if error is None:
            result, error = _unpacked(future.result())
        future.release()
        if place.index + 1 < len(groups[place.group]):
            ready.appendleft(_Place(place.group, place.index + 1, 1))
        fill()
        yield JobResult(groups[place.group][place.index], result, error)


def _packed(value: Any) -> bytes:
    return bytes(import_module("cloudpickle").dumps(value))


def _unpacked(data: bytes) -> Any:
    return import_module("cloudpickle").loads(data)


def _work() -> Callable[[bytes, bytes, int], bytes]:
    """The function that a worker runs: packed function and job to the packed (result, error)."""

    def work(function: bytes, job: bytes, threads: int) -> bytes:
        import cloudpickle
        import torch

        torch.set_num_threads(threads)
        done: tuple[object, Exception | None]
        try:
            done = cloudpickle.loads(function)(cloudpickle.loads(job)), None
        except Exception as error:  # one job's fault must not cost the others
            done = None, error
        try:
            return bytes(cloudpickle.dumps(done))
        except Exception as error:  # the job's own error cannot travel
            return bytes(cloudpickle.dumps((None, RuntimeError(f"{error}; of: {done[1] or 'the result'}"))))

    return work


def _failing(words: str) -> Callable[[object], None]:
    """A job's function that raises."""

    def fail(_: object) -> None:
        raise RuntimeError(words)

    return fail


def _require_able_workers(client: Any, function: bytes) -> None:
    """Send the packages that workers lack. Raises InputError where a worker cannot run the function then."""

    def probe(function: bytes) -> tuple[str, str | None, object]:
        import cloudpickle

        try:
            cloudpickle.loads(function)
            from blindsr.version import ALGORITHM, VERSION
        except ModuleNotFoundError as error:
            return "lacks", error.name, None
        except Exception as error:
            return "fails", f"{type(error).__name__}: {error}", None
        return "able", None, (VERSION, ALGORITHM)

    for _ in PACKAGES:
        answers = client.run(probe, function)
        lacking = {name.partition(".")[0] for kind, name, _ in answers.values() if kind == "lacks"}
        if not lacking & set(PACKAGES):
            break
        _send(client, sorted(lacking & set(PACKAGES)))
    from blindsr.version import ALGORITHM, VERSION

    for worker, (kind, words, version) in answers.items():
        if kind == "able" and version != (VERSION, ALGORITHM):
            raise InputError(
                f"the worker at {worker} has blindsr {version[0]}, algorithm {version[1]};"
                f" wanted {VERSION}, algorithm {ALGORITHM}, as here"
            )
        if kind != "able":
            raise InputError(
                f"the worker at {worker} {kind} {words!r}; wanted there what blindsr needs:"
                " pip install blindsr, or the folder of this project on its PYTHONPATH"
            )


def _send(client: Any, names: Sequence[str]) -> None:
    """Packages of this project to all workers, those to come too, as one archive."""
    import zipfile

    upload = import_module("distributed.diagnostics.plugin").UploadFile
    with TemporaryDirectory() as folder:
        archive = Path(folder) / f"{'_'.join(names)}.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for name in names:
                spec = find_spec(name)
                if spec is None or spec.origin is None:
                    raise InputError(f"the workers lack {name}, and so does this process; wanted it here")
                root = Path(spec.origin).parent
                for path in sorted(root.rglob("*.py")):
                    file.write(path, Path(name) / path.relative_to(root))
        client.register_plugin(upload(str(archive)))


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
            before = client.run_on_scheduler(_allow_deaths(), 0)
            try:
                yield client
            finally:
                client.run_on_scheduler(_allow_deaths(), before)


def _allow_deaths() -> Callable[..., int]:
    """The function that sets how many deaths of workers a job survives before we are told; it returns what it
    was.

    Dask counts a death against every job that was given to the worker, also those that had not begun, so
    the tries are counted here, where a job is given only to a thread that is free.
    """

    def allow(deaths: int, dask_scheduler: Any = None) -> int:
        before = int(dask_scheduler.allowed_failures)
        dask_scheduler.allowed_failures = deaths
        return before

    return allow
