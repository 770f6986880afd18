"""Photographs in several processes: the death of a process costs the photograph in its hands and no other."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from blindsr.cli import executors
from blindsr.cli.jobs import DONE, FAILED, Job, Outcome, Request
from blindsr.configuration import PRESETS
from blindsr.enlargement import Enlargement

REQUEST = Request(
    enlargement=Enlargement(factor=2), settings=PRESETS["instant"], seed=0, device="cpu", device_name="cpu"
)
SECONDS = 5.0  # to kill processes that would run for a minute; a busy machine is slow

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_processes")]


class DeadlyPath(type(Path())):
    """A path that ends the process which unpickles it."""

    def __reduce__(self):
        return os._exit, (9,)


def measure(group, request):
    """Stands for the work: succeeds if the photograph can be opened."""
    outcomes = []
    for job in group:
        with Image.open(job.source) as picture:
            outcomes.append(Outcome(job=job, status=DONE, figures={"size": picture.size}))
    return outcomes


def sleep(group, request):
    time.sleep(60)
    return []


def job(name):
    return Job(source=Path(name), output=Path("out.png"))


def test_a_killed_process_is_a_failure_and_the_others_go_on(work):
    deadly = Job(source=DeadlyPath("a.png"), output=Path("a_x2.png"))
    groups = [[deadly], [job("lr.png")], [job("none.png")], [job("lr.png")]]
    outcomes = executors.on_processes(measure, groups, REQUEST, processes=1, threads=1)
    died, done, missing, again = (outcome for group in outcomes for outcome in group)
    assert (died.status, died.error) == (FAILED, "a.png: its process was killed; out of memory?")
    assert (done.status, done.figures) == (DONE, {"size": (83, 71)})
    assert missing.status == FAILED
    assert "none.png" in missing.error
    assert again.status == DONE
    assert not multiprocessing.active_children()


def test_processes_end_with_the_iterator_whatever_they_are_doing(work):
    deadly = Job(source=DeadlyPath("a.png"), output=Path("a_x2.png"))
    groups = [[job("lr.png")], [deadly], [job("lr.png")]]
    outcomes = executors.on_processes(sleep, groups, REQUEST, processes=2, threads=1)
    assert next(outcomes)[0].status == FAILED
    started = time.monotonic()
    outcomes.close()
    assert time.monotonic() - started < SECONDS
    assert not multiprocessing.active_children()
