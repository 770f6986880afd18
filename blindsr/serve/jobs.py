"""The photographs of a server: those that wait, the one at work, and those that are done."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from blindsr.serve.config import ServeConfig
from blindsr.serve.worker import STAGES, Task, Worker

BROKEN: Final = "the work ended: there was too little memory, or the file breaks its decoder"

State = Literal["waiting", "working", "done", "failed"]


class FullError(Exception):
    """The queue takes no more photographs now."""


@dataclass(eq=False)
class Job:
    """A photograph and what became of it.

    Attributes:
        key: in its addresses; nobody can guess it.
        name: of the file that was dropped.
        scale: 1.5 to 4, for the result's name.
        state: what it waits for.
        stage: of the work, in words.
        step: of the stage, of ``total``.
        error: why it failed, or why no copy was kept, one line.
    """

    key: str
    name: str
    scale: float
    state: State = "waiting"
    stage: str = ""
    step: int = 0
    total: int = 0
    error: str = ""
    task: Task | None = field(default=None, repr=False)

    @property
    def result_name(self) -> str:
        """Of its result, without an ending."""
        return f"{Path(self.name).stem}_x{self.scale:g}"


class Jobs:
    """All of them, and one worker that takes them in turn.

    Nothing but this class knows what is where in ``folder``: a job's files lie in a folder of their own,
    and go with it.
    """

    def __init__(self, folder: Path, config: ServeConfig, make_worker: Callable[[], Worker]) -> None:
        self.folder, self.config = folder, config
        self._make_worker = make_worker
        self._jobs: dict[str, Job] = {}  # in order of arrival
        self._worker: Worker | None = None
        self._current: Job | None = None
        self._closed = False
        self._arrived = asyncio.Event()
        self.on_done: Callable[[Job], None] = lambda _job: None

    def reserve(self, name: str, scale: float) -> Job:
        """Make room for a photograph that is about to arrive.

        Raises:
            FullError: where too many wait.
        """
        waiting = sum(job.state in ("waiting", "working") for job in self._jobs.values())
        if waiting >= self.config.most_waiting:
            raise FullError(f"{waiting} photographs wait; try again when one is done")
        job = Job(secrets.token_urlsafe(16), name, scale)
        self._jobs[job.key] = job
        self.folder_of(job).mkdir()
        return job

    def add(self, job: Job, task: Task) -> None:
        """Queue a photograph that has arrived whole."""
        job.task = task
        self._arrived.set()

    def get(self, key: str) -> Job | None:
        """The job of a key."""
        return self._jobs.get(key)

    def forget(self, job: Job) -> None:
        """Cancel a job, and remove all that is known of it."""
        self._jobs.pop(job.key, None)
        if job is self._current and self._worker is not None:
            self._worker.end()  # ``run`` makes another
        else:
            self._remove(job)

    def folder_of(self, job: Job) -> Path:
        """Where a job's files are."""
        return self.folder / job.key

    def told(self, job: Job) -> dict[str, Any]:
        """What a browser is told of a job."""
        waiting = [other for other in self._jobs.values() if other.state == "waiting"]
        place = 1 + waiting.index(job) if job.state == "waiting" else 0
        return {
            "name": job.name,
            "state": job.state,
            "stage": job.stage,
            "step": job.step,
            "total": job.total,
            "error": job.error,
            "place": place,
        }

    async def run(self) -> None:
        """Take job after job, for ever."""
        self._worker = await asyncio.to_thread(self._make_worker)
        while not self._closed:
            job = next((j for j in self._jobs.values() if j.state == "waiting" and j.task is not None), None)
            if job is None:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._work(job)

    async def _work(self, job: Job) -> None:
        assert job.task is not None
        assert self._worker is not None
        job.state, self._current = "working", job
        try:
            self._worker.start(job.task)
            while job.state == "working":
                self._take(job, await asyncio.to_thread(self._worker.receive))
        except (EOFError, OSError):
            job.state, job.error = "failed", BROKEN
            self._worker.end()
            if not self._closed:
                self._worker = await asyncio.to_thread(self._make_worker)
        self._current = None
        if job.key not in self._jobs or job.state == "failed":
            self._remove(job)
        else:
            job.task.source.unlink(missing_ok=True)
            await asyncio.to_thread(self._keep, job)
            self._forget_oldest()

    def _keep(self, job: Job) -> None:
        try:
            self.on_done(job)
        except Exception as error:  # must not end the loop
            job.error = f"no copy was kept: {' '.join(str(error).split())}"

    def _take(self, job: Job, report: Any) -> None:
        if "error" in report:
            job.state, job.error = "failed", report["error"]
        elif "done" in report:
            job.state = "done"
        else:
            stage = report["stage"]
            job.stage = STAGES.get(stage.partition(" ")[0], stage)
            job.step, job.total = report["step"], report["total"]

    def _forget_oldest(self) -> None:
        done = [job for job in self._jobs.values() if job.state in ("done", "failed")]
        for job in done[: -self.config.most_kept]:
            self.forget(job)

    def _remove(self, job: Job) -> None:
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder_of(job))

    def close(self) -> None:
        """End the worker, for good."""
        self._closed = True
        if self._worker is not None:
            self._worker.end()
