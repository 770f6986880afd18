"""Any kernel with any of the program's own networks."""

import numpy as np
import pytest

from benchmarks.estimators import finder
from benchmarks.methods import combination
from benchmarks.methods.registry import method
from benchmarks.settings import named
from blindsr.configuration import ESTIMATORS, PRESETS
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.methods.given import given


def test_the_presets_bring_their_own_networks(solving):
    kernel, asked = SRKernel.bicubic(2), []

    def estimate(config):
        asked.append(config)
        return kernel, 0.5

    made = method("spectral+instant").run(given(4, estimate=estimate))
    assert asked == [finder("spectral")]  # which plays no game that quick settings could cut short
    assert made.kernel_seconds == 0.5
    network, kernels = solving[0]
    assert network == PRESETS["instant"].restoration
    assert set(kernels) == {2, 4}
    assert kernels[2] is kernel


def test_the_default_presets_network_with_the_true_kernel(solving):
    truth = {2: SRKernel(np.eye(3), 2)}
    assert method("blindsr-gt").run(given(2, truth)).kernel is truth[2]
    assert solving[0][0] == named("quick").adapt_restoration(PRESETS["default"].restoration)
    with pytest.raises(InputError, match="im_1 has no true x2 kernel"):
        method("blindsr-gt").run(given(2))


@pytest.mark.parametrize("name", sorted(combination.COMBINATIONS))
def test_any_kernel_with_any_of_the_programs_networks(name, solving):
    """Each asks for the kernel that it names, and for no other; its network is the preset's."""
    parts, asked = combination.COMBINATIONS[name], []

    def estimate(config):
        asked.append(config)
        return SRKernel.bicubic(2), 0.5

    run = named("paper")
    truth = {2: SRKernel(np.eye(3), 2)}
    method(name).run(given(2, truth, estimate, run))
    wanted = PRESETS[parts.solver].restoration
    assert solving[0][0] == wanted
    assert asked == ([finder(parts.kernel)] if parts.kernel in ESTIMATORS else [])
    assert (solving[0][1] == truth) == (parts.kernel == "gt")


def test_methods_that_share_an_estimate_share_its_fingerprint():
    shares = (
        ["spectral+instant", "spectral+zssr"],
        ["spectral-symmetric+default", "spectral-symmetric+zssr"],
        ["kernelgan+default", "kernelgan+instant", "kernelgan+zssr"],
    )
    for names in shares:
        assert len({method(name).label(named("paper")).kernel for name in names}) == 1
    assert method("bicubic+default").label(named("paper")).kernel == "-"


def test_the_bicubic_kernel_with_our_network(solving):
    made = method("bicubic+default").run(given(4))
    assert np.array_equal(made.kernel.array, SRKernel.bicubic(4).array)
    assert set(solving[0][1]) == {2, 4}
