"""The papers' network under one kernel or another."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.estimators import finder
from benchmarks.methods import zero_shot
from benchmarks.methods.registry import method
from benchmarks.settings import named
from blindsr.configuration import ESTIMATORS
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.methods.given import given


@pytest.mark.parametrize("scale", [2, 4])
def test_bicubic_kernel(solving, scale):
    made = method("zssr-bicubic").run(given(scale))
    config, used = solving[0]
    assert config == named("quick").restoration
    assert set(used) == {2, scale}
    assert np.array_equal(used[scale].array, SRKernel.bicubic(scale).array)
    assert made.kernel is used[scale]
    assert made.sr.shape == (3, 146 * scale, 134 * scale)


def test_true_kernel(solving):
    kernels = {2: SRKernel(np.eye(3), 2), 4: SRKernel(np.eye(5), 4)}
    assert method("gt+zssr").run(given(4, kernels)).kernel is kernels[4]
    assert solving[0][1] == kernels
    with pytest.raises(InputError, match="im_1 has no true x2 kernel"):
        method("gt+zssr").run(given(2))


def test_estimated_kernel_is_composed_at_x4(solving):
    kernel = SRKernel.bicubic(2)
    made = method("kernelgan+zssr").run(given(4, estimate=lambda config: (kernel, 12.5)))
    _, used = solving[0]
    assert made.kernel_seconds == 12.5
    assert used[2] is kernel
    assert np.array_equal(used[4].array, kernel.to_x4().array)


@pytest.mark.parametrize("name", sorted(zero_shot.ABLATIONS))
def test_ablations_switch_weights_off_and_nothing_else(name):
    without = dict.fromkeys(zero_shot.ABLATIONS[name], 0.0)
    whole = ESTIMATORS["kernelgan"]
    wanted = replace(whole, constraints=replace(whole.constraints, **without))
    assert method(name).estimator(named("paper")) == wanted
    assert wanted != whole


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_estimator_has_a_row_with_the_papers_network(name):
    found = method(f"{name}+zssr")
    assert found.estimator(named("paper")) == finder(name)
    assert found.own_network(named("paper")) is None
