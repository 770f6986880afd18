"""A run over photographs: check all, work on the rest, report each outcome, write the tables."""

import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from natsort import natsorted

from blindsr.cli import claims, details, executors, files, manifest, plans, reports
from blindsr.cli.jobs import BUSY, DONE, FAILED, SKIPPED, Job, Outcome, Request
from blindsr.cli.progress import duration, shown, waiting
from blindsr.cli.session import Session
from srbase.errors import InputError

WORDS = {DONE: "done", SKIPPED: "finished before", BUSY: "left to another process", FAILED: "failed"}

GroupWork = Callable[..., list[Outcome]]
"""``upscale_group`` or ``estimate_group`` of :mod:`blindsr.cli.work`."""


@dataclass(kw_only=True)
class Batch:
    """The photographs of a run and what became of them.

    Attributes:
        session: For messages and results.
        request: What is asked of every photograph.
        headline: What is done, written before the first photograph.
        total: Number of photographs.
        tables: Folder of ``failures.csv`` and ``metrics.csv``; None: there are none.
        originals: Folder or file to score against.
        index: The page that lists the pages.
        outcomes: So far.
        started: Monotonic clock.
    """

    session: Session
    request: Request
    headline: str
    total: int
    tables: Path | None = None
    originals: Path | None = None
    index: Path | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def check(self, jobs: Sequence[Job]) -> list[Job]:
        """Check each photograph before any work; take those that cannot or need not be done.

        Args:
            jobs: All photographs.

        Returns:
            The others, with their plans.
        """
        entries = {folder: manifest.read(folder) for folder in {job.output.parent for job in jobs}}
        left = []
        for job in jobs:
            finished = claims.is_finished(job, self.request, entries[job.output.parent])
            try:
                job = plans.plan(job, self.request)
                finished = finished or self._refuse_existing(job)
            except InputError as error:
                if not finished:  # what is there needs no room
                    self.take(Outcome(job=job, status=FAILED, error=str(error), trace=traceback.format_exc()))
                    continue
            if finished:
                self.take(Outcome(job=job, status=SKIPPED, paths=(job.output, *job.copies), plan=job.plan))
            else:
                left.append(job)
        return left

    def run(
        self, work: GroupWork, groups: Sequence[Sequence[Job]], *, jobs: int = 1, scheduler: str | None = None
    ) -> None:
        """Work on the photographs that are left, and finish.

        Args:
            work: What is done with a group.
            groups: Photographs that are done together.
            jobs: Groups at the same time, in processes of this machine.
            scheduler: Address of a Dask scheduler, whose workers do the work instead.

        Raises:
            UsageError: Several processes were asked for on another device than the CPU.
        """
        if jobs > 1 and scheduler is None and not self.request.device.startswith("cpu"):
            raise click.UsageError(f"--jobs is for CPUs, and the device is {self.request.device}")
        processes = min(jobs, len(groups))
        if scheduler is not None and groups:
            self.session.say(f"{self.headline}, by the workers of {scheduler}")
            threads = self.session.threads or 1
            self._take_all(
                executors.on_workers(work, groups, self.request, scheduler=scheduler, threads=threads)
            )
        elif processes > 1:
            threads = _threads_each(self.session, processes)
            self.session.say(f"{self.headline}; {processes} processes, {threads} thread(s) each")
            self._take_all(
                executors.on_processes(work, groups, self.request, processes=processes, threads=threads)
            )
        else:
            self._run_here(work, groups)
        self._finish()

    def _run_here(self, work: GroupWork, groups: Sequence[Sequence[Job]]) -> None:
        said = False

        def start(_: object) -> None:
            nonlocal said
            if not said:
                self.session.say(self.headline)
            said = True

        for group in groups:
            name = "" if self.total == 1 else str(group[0].source)
            name += f" and {len(group) - 1} more" if len(group) > 1 else ""
            with shown(self.session, name) as on_progress:
                outcomes = work(group, self.request, on_start=start, on_progress=on_progress)
            for outcome in outcomes:
                self.take(outcome)

    def _take_all(self, finished: Iterator[list[Outcome]]) -> None:
        with waiting(self.session, "at work"):
            for outcomes in finished:
                for outcome in outcomes:
                    self.take(outcome)

    def take(self, outcome: Outcome) -> None:
        """Keep an outcome and report it.

        Args:
            outcome: Of one photograph.
        """
        session, source = self.session, outcome.job.source
        self.outcomes.append(outcome)
        place = f"[{len(self.outcomes)}/{self.total}] " if self.total > 1 else ""
        if outcome.status == FAILED:
            text = outcome.error if str(source) in outcome.error else f"{source}: {outcome.error}"
            session.fail_with(text, trace=outcome.trace)
        elif outcome.status == DONE:
            session.say(f"{place}{source}: {duration(sum(outcome.seconds.values()))}")
        else:
            session.say(f"{place}{source}: {WORDS[outcome.status]}")
        for note in outcome.notes:
            session.say(f"{source}: {note}")
        for path in outcome.paths or ((None,) if session.as_json else ()):
            session.result(str(path), **outcome.fields(path))
        if self.tables is not None and outcome.status == FAILED and self.tables.is_dir():
            reports.write_failures(self.tables, self.outcomes)

    def _finish(self) -> None:
        """Write the tables and the index of pages, and say how it went."""
        if self.request.batch:
            for folder in {outcome.job.output.parent for outcome in self.outcomes}:
                manifest.clear_dead_locks(folder)
        if self.tables is not None and self.tables.is_dir():
            reports.write_failures(self.tables, self.outcomes)
            if self.originals is not None:
                self._score(self.tables, self.originals)
        if self.index is not None:
            self._list_pages(self.index)
        if self.total > 1:
            counts = Counter(outcome.status for outcome in self.outcomes)
            parts = [f"{counts[status]} {word}" for status, word in WORDS.items() if counts[status]]
            self.session.say(f"{', '.join(parts)}, in {duration(time.monotonic() - self.started)}")

    def _refuse_existing(self, job: Job) -> bool:
        """Raise InputError if a file is in the way; True if it is the finished result of another process."""
        request = self.request
        written = [job.output, *job.copies]
        if job.details is not None and not request.batch:
            scale = request.enlargement.scale or 4
            written += details.files(job.details, scale, estimated=job.kernel_file is None)
        if job.page is not None and not request.batch:
            written.append(job.page.path)
        elif job.page is not None and not request.overwrite:
            reports.refuse_foreign(job.page.path)
        try:
            files.refuse_existing(
                [path for path in written if path != files.STREAM], overwrite=request.overwrite
            )
        except InputError:
            if claims.is_finished(job, request, manifest.read(job.output.parent)):
                return True
            raise
        return False

    def _list_pages(self, index: Path) -> None:
        outcomes = natsorted(self.outcomes, key=lambda outcome: str(outcome.job.source))
        made = [o.job.page.path for o in outcomes if o.job.page is not None and o.status != FAILED]
        failures = [(str(o.job.source), o.error) for o in outcomes if o.status == FAILED]
        files.make_folder(index.parent)
        reports.write_index(index, made, failures, f"{self.total} photographs")
        self.session.say(f"index of pages: {index}")

    def _score(self, folder: Path, place: Path) -> None:
        originals = reports.originals_in(place)
        with waiting(self.session, "scoring"):
            rows = [reports.metric_row(outcome, originals) for outcome in self.outcomes]
        reports.write_metrics(folder, rows)
        missing = sum(row["status"] == "no original" for row in rows)
        if missing:
            self.session.say(f"{missing} without an original in {place}")


def device_of(name: str, *, here: bool = True) -> tuple[str, str]:
    """The device of a run.

    Args:
        name: As ``--device`` has it.
        here: Whether it is this machine's; else it is not looked for.

    Returns:
        Its name, and words for it.

    Raises:
        InputError: It is unknown or not there.
    """
    from srbase.runtime.device import describe, resolve_device

    if not here:
        return name, f"the workers' device ({name})"
    place = resolve_device(name)
    return str(place), describe(place)


def _threads_each(session: Session, processes: int) -> int:
    """CPU threads of each of several processes."""
    import torch

    if session.threads is not None:
        return session.threads
    return max(1, min(torch.get_num_threads(), (os.cpu_count() or 1) // processes))
