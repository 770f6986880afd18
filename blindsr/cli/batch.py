"""A run over photographs: checked first, then worked on one by one or side by side, and told as they end."""

import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from natsort import natsorted

from blindsr.cli import details as run_details
from blindsr.cli import lanes, manifest, outputs, pages, progress, tables, workers
from blindsr.cli.request import DONE, FAILED, SKIPPED, Outcome, Request
from blindsr.cli.session import Session
from blindsr.cli.work import check, work
from srbase.errors import InputError


@dataclass
class Batch:
    """The jobs of a run and what became of them."""

    session: Session
    request: Request
    headline: str  # what will be done, told before the first photograph
    tables: Path | None = None  # the folder for failures.csv and metrics.csv
    originals: Path | None = None
    index: Path | None = None  # the page that lists the pages
    outcomes: list[Outcome] = field(default_factory=list)
    total: int = 0
    started: float = field(default_factory=time.monotonic)

    def checked(self, jobs: Sequence[outputs.Job]) -> list[outputs.Job]:
        """The jobs that remain to be done; those that cannot are told, those that are done are passed
        over.
        """
        self.total = len(jobs)
        entries = {folder: manifest.read(folder) for folder in {job.output.parent for job in jobs}}
        left = []
        for job in jobs:
            try:
                if self._is_finished(job, entries[job.output.parent]):
                    self._take(Outcome(job, SKIPPED, job.output))
                    continue
                check(job, self.request)
                self._refuse_existing(job)
            except InputError as error:
                self._take(Outcome(job, FAILED, error=str(error), trace=traceback.format_exc()))
            else:
                left.append(job)
        return left

    def run(
        self, jobs: Sequence[outputs.Job], *, lanes_wanted: int, threads: int, scheduler: str | None = None
    ) -> None:
        """Work on what remains, and leave the tables; on the workers of the scheduler where one is named."""
        if scheduler is not None and jobs:
            self._on_workers(jobs, scheduler, threads)
        elif lanes_wanted > 1 and len(jobs) > 1:
            self._side_by_side(jobs, lanes_wanted, threads)
        else:
            for outcome in self._one_by_one(jobs):
                self._take(outcome)
        self._finish()

    def _one_by_one(self, jobs: Sequence[outputs.Job]) -> Iterator[Outcome]:
        begun = False

        def begin() -> None:
            nonlocal begun
            if not begun:
                self.session.say(self.headline)
            begun = True

        for job in jobs:

            def start(_: object, job: outputs.Job = job) -> None:
                begin()
                if self.total > 1:
                    self.session.say(f"[{len(self.outcomes) + 1}/{self.total}] {job.source}")

            with progress.shown(self.session) as on_progress:
                outcome = work(job, self.request, on_start=start, on_progress=on_progress)
            yield outcome

    def _side_by_side(self, jobs: Sequence[outputs.Job], wanted: int, threads: int) -> None:
        self.session.say(f"{self.headline}; {wanted} photographs at a time, {threads} thread(s) each")
        with progress.starting(self.session, "at work"):
            for outcome in lanes.side_by_side(jobs, self.request, lanes=wanted, threads=threads):
                self._take(outcome)

    def _on_workers(self, jobs: Sequence[outputs.Job], scheduler: str, threads: int) -> None:
        self.session.say(f"{self.headline}; by the workers of {scheduler}")
        with progress.starting(self.session, "at work"):
            for outcome in workers.on_workers(jobs, self.request, scheduler=scheduler, threads=threads):
                self._take(outcome)

    def _is_finished(self, job: outputs.Job, entries: dict[str, manifest.Entry]) -> bool:
        if not self.request.noted or self.request.overwrite:
            return False
        if job.details is not None and not (job.details / run_details.RECORD).is_file():
            return False
        if job.page is not None and not job.page.path.is_file():
            return False
        return manifest.is_finished(job.source, job.output, self.request.fingerprint, entries)

    def _refuse_existing(self, job: outputs.Job) -> None:
        written = [job.output]
        if job.details is not None and not self.request.noted:
            estimated = self.request.kernel is None
            scale = self.request.enlargement.scale or 4
            written += run_details.files(job.details, scale, estimated=estimated)
        if job.page is not None and not self.request.noted:
            written.append(job.page.path)
        elif job.page is not None and not self.request.overwrite:
            pages.refuse_foreign(job.page.path)
        outputs.refuse_existing(written, overwrite=self.request.overwrite)

    def _take(self, outcome: Outcome) -> None:
        """Keep an outcome and tell it."""
        session, source = self.session, outcome.job.source
        self.outcomes.append(outcome)
        place = f"[{len(self.outcomes)}/{self.total}] " if self.total > 1 else ""
        for note in outcome.notes:
            session.say(f"{source}: {note}")
        if outcome.status == FAILED:
            text = outcome.error if str(source) in outcome.error else f"{source}: {outcome.error}"
            session.fail_with(text, trace=outcome.trace)
        elif outcome.status == SKIPPED:
            session.say(f"{place}{source}: finished before")
        else:
            times = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in outcome.seconds.items())
            session.say(f"{place}{source}: {times}")
        if outcome.path is not None or session.as_json:
            session.result(str(outcome.path), **outcome.fields())
        if self.tables is not None and outcome.status == FAILED and self.tables.is_dir():
            tables.write_failures(self.tables, self.outcomes)

    def _finish(self) -> None:
        if self.tables is not None and self.tables.is_dir():
            tables.write_failures(self.tables, self.outcomes)
            if self.originals is not None:
                self._score(self.tables, self.originals)
        if self.index is not None:
            self._list_pages(self.index)
        if self.total > 1:
            counts = Counter(outcome.status for outcome in self.outcomes)
            words = {DONE: "done", SKIPPED: "finished before", FAILED: "failed"}
            parts = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
            seconds = time.monotonic() - self.started
            self.session.say(f"{', '.join(parts)}, in {progress.duration(seconds)}")

    def _list_pages(self, index: Path) -> None:
        outcomes = natsorted(self.outcomes, key=lambda outcome: str(outcome.job.source))
        made = [o.job.page.path for o in outcomes if o.job.page is not None and o.status != FAILED]
        failures = [(str(o.job.source), o.error) for o in outcomes if o.status == FAILED]
        outputs.make_folder(index.parent)
        pages.write_index(index, made, failures, f"{self.total} photographs")
        self.session.say(f"{index}: the page that lists them")

    def _score(self, folder: Path, place: Path) -> None:
        from blindsr.io.photo import READABLE

        originals = tables.originals_in(place, READABLE)
        with progress.starting(self.session, "scoring"):
            rows = [tables.metric_row(outcome, originals) for outcome in self.outcomes]
        tables.write_metrics(folder, rows)
        missing = sum(row["status"] == "no original" for row in rows)
        if missing:
            self.session.say(f"{missing} without an original in {place}")
