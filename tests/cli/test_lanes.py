"""Processes side by side: each answers for its photographs, and the death of one costs one photograph."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest
import torch
from PIL import Image

from blindsr.cli import lanes
from blindsr.cli.outputs import Job
from blindsr.cli.request import DONE, FAILED, Request
from blindsr.configuration import PRESETS
from blindsr.enlargement import Enlargement
from srbase.kernels.kernel import SRKernel

REQUEST = Request(Enlargement(factor=2), PRESETS["instant"], 0, "cpu", "cpu", SRKernel.bicubic(2))


class Deadly(type(Path())):
    """A path that ends the process which takes it out of a pipe."""

    def __reduce__(self):
        return os._exit, (9,)


@pytest.mark.slow
def test_a_process_that_dies_costs_the_photograph_in_its_hands_alone(work):
    jobs = [Job(Deadly("a.png"), Path("a_x2.png")), Job(Path("lr.png"), Path("lr_x2.png"))]
    died, done = lanes.side_by_side(jobs, REQUEST, lanes=1, threads=1)
    assert (died.job, died.status) == (jobs[0], FAILED)
    assert died.error == "a.png: its process ended with code 9"
    assert (done.job.source, done.status) == (jobs[1].source, DONE)
    with Image.open("lr_x2.png") as picture:
        assert picture.size == (166, 142)


def test_a_lane_answers_for_each_photograph_and_ends_with_its_pipe(work):
    ours, theirs = multiprocessing.Pipe()
    sources = [Path("none.png"), Path("lr.png")]
    outcomes = []

    def ask():
        with ours:
            for source in sources:
                ours.send(Job(source, source.with_name("large.png")))
                outcomes.append(ours.recv())

    before, threads = signal.getsignal(signal.SIGINT), torch.get_num_threads()
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with theirs:
            lanes._serve(theirs, REQUEST, threads)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN  # the parent decides
    finally:
        signal.signal(signal.SIGINT, before)
    asking.join()
    assert [outcome.status for outcome in outcomes] == [FAILED, DONE]
    assert "none.png does not exist" in outcomes[0].error
    assert (work / "large.png").exists()
