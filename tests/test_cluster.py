"""Jobs on a real Dask cluster of this machine: order, errors, workers that die."""

import os
import sys
import time

import pytest

from blindsr import cluster as module
from blindsr.cluster import Cluster, work_through
from srbase.errors import InputError
from tests.warm import quick_workers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

NO_DASHBOARD = {"dashboard_address": None, "scheduler_kwargs": {"dashboard_address": ":0"}}
"""None is served, and the scheduler takes a port that is free: tests run side by side."""

DASKS_OWN = 30
"""Seconds for which Dask waits if it is not told."""


def double(job):
    if job == 13:
        raise ValueError("no luck")
    return 2 * job


def die_once(job):
    """Takes its process along the first time; ``job`` is a file that remembers."""
    if not job.exists():
        job.touch()
        os._exit(9)
    return "done"


def die(job):
    if job == 2:
        os._exit(9)
    return os.getpid()


def results(found):
    return {finished.job: finished.result for finished in found}


def test_in_this_process_without_dask(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    found = list(work_through(double, [[1, 2], [13, 3]], Cluster()))
    assert [finished.job for finished in found] == [1, 2, 13, 3]
    assert [finished.result for finished in found] == [2, 4, None, 6]
    assert isinstance(found[2].error, ValueError)
    with pytest.raises(InputError, match="several processes need Dask, which is not installed; wanted: pip"):
        list(work_through(double, [[1]], Cluster(jobs=2)))


@pytest.mark.slow
def test_groups_keep_their_order_and_errors_their_words():
    found = list(work_through(double, [[1, 2, 3], [13, 5], []], Cluster(jobs=2)))
    assert results(found) == {1: 2, 2: 4, 3: 6, 13: None, 5: 10}
    order = [finished.job for finished in found]
    assert order.index(1) < order.index(2) < order.index(3)
    assert order.index(13) < order.index(5)
    assert str(next(finished.error for finished in found if finished.job == 13)) == "no luck"


@pytest.fixture
def quick():
    with quick_workers():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_job_whose_worker_dies_is_tried_once_more(tmp_path):
    jobs = [tmp_path / "a", tmp_path / "b"]
    found = list(work_through(die_once, [[job] for job in jobs], Cluster(jobs=2)))
    assert results(found) == dict.fromkeys(jobs, "done")


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_job_that_kills_every_worker_is_an_error_and_the_others_are_done():
    found = {
        finished.job: finished for finished in work_through(die, [[1], [2], [3, 4], [5]], Cluster(jobs=2))
    }
    assert set(found) == {1, 2, 3, 4, 5}
    assert str(found[2].error) == "its worker died 2 times; out of memory?"
    assert all(found[job].result not in (None, os.getpid()) for job in (1, 3, 4, 5))


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_running_scheduler():
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, **NO_DASHBOARD) as running:
        found = work_through(die, [[1], [3]], Cluster(scheduler=running.scheduler_address))
        assert len(set(results(found).values()) - {os.getpid()}) == 1
    with (
        LocalCluster(n_workers=0, processes=False, **NO_DASHBOARD) as empty,
        pytest.raises(InputError, match="has no worker; wanted at least one"),
    ):
        list(work_through(double, [[1]], Cluster(scheduler=empty.scheduler_address)))


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        list(work_through(double, [[1]], Cluster(scheduler="tcp://127.0.0.1:1")))
    assert time.monotonic() - started < DASKS_OWN


@pytest.mark.parametrize("name", ["jobs", "threads"])
def test_counts_are_at_least_one(name):
    with pytest.raises(InputError, match=f"{name} is 0; wanted at least 1"):
        Cluster(**{name: 0})


def test_nothing_heavy_is_imported():
    import subprocess

    script = "import sys, blindsr.cluster; sys.exit(bool({'torch', 'distributed'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
