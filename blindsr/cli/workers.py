"""Photographs on the workers of a running Dask scheduler, which may be on many machines."""

from collections.abc import Iterator, Sequence
from functools import partial

from blindsr.cli.outputs import Job
from blindsr.cli.work import FAILED, Outcome, Request, work
from blindsr.cluster import Cluster, work_through


def on_workers(jobs: Sequence[Job], request: Request, *, scheduler: str, threads: int) -> Iterator[Outcome]:
    """The outcome of each job as it is reached, by the workers of the scheduler at this address.

    Photographs and results must lie under the same path there. A worker that dies costs the photograph in
    its hands, which is tried once more. Raises InputError where no worker answers.
    """
    asked = {_absolute(job): job for job in jobs}
    there = Cluster(scheduler=scheduler, threads=threads)
    for finished in work_through(partial(_work, request), [[job] for job in asked], there):
        job = asked[finished.job]
        if finished.result is None:
            yield Outcome(job, FAILED, error=f"{job.source}: {finished.error}")
        else:
            yield finished.result


def _work(request: Request, job: Job) -> Outcome:
    return work(job, request)


def _absolute(job: Job) -> Job:
    """The same files, named so that a worker finds them wherever it was started."""
    details = None if job.details is None else job.details.resolve()
    page = None if job.page is None else job.page.absolute()
    return Job(job.source.resolve(), job.output.resolve(), details, page)
