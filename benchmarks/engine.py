"""The rows of a run, made by one process or by many (:mod:`blindsr.cluster`)."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.task import Done, Task, Workplace, work
from blindsr.cluster import Cluster, work_through


def run_all(groups: Sequence[Sequence[Task]], place: Workplace, cluster: Cluster) -> Iterator[Done]:
    """Work through groups of tasks, yielding each row when it is done.

    A row whose worker died twice, or whose method cannot travel to a worker, fails with that reason.
    """
    for finished in work_through(partial(_work, place), groups, cluster):
        if finished.result is not None:
            yield finished.result
        else:
            error = finished.error
            yield Done(finished.job.row.failed(str(error) or type(error).__name__), 0.0)


def _work(place: Workplace, task: Task) -> Done:
    return work(task, place)
