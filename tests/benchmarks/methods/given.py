"""What a method is given here: one image, and an estimation that must not be asked for."""

from benchmarks.methods.base import Given
from benchmarks.settings import named
from tests.benchmarks.bench_fakes import photograph


def given(scale=2, true_kernels=None, estimate=None, settings=None):
    run = settings or named("quick")
    return Given("im_1", photograph(1), scale, 0, run, estimate or never, true_kernels or {})


def never(config):
    raise AssertionError("this method estimates no kernel")
