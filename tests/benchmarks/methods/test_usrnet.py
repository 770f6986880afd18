"""USRNet under a kernel from anywhere, and the program with it."""

from dataclasses import replace

import pytest
import torch

from benchmarks.label import Label
from benchmarks.methods.registry import WITH_FILES, method
from benchmarks.methods.trained import is_trained
from benchmarks.methods.usrnet import USRNET_KERNELS
from benchmarks.settings import named
from blindsr.configuration import settings_of_preset
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.errors import InputError
from srbase.imaging.pixels import QUANTISATION
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.methods.given import given
from tests.restoration.network.made import data_steps_alone, saved


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return saved(data_steps_alone(iterations=2), tmp_path_factory.mktemp("weights"))


def test_each_kernel_is_offered(file):
    assert {"gt+usrnet", "spectral+usrnet", "kernelgan+usrnet", "bicubic+usrnet"} <= set(USRNET_KERNELS)
    for name in (*USRNET_KERNELS, "blindsr+usrnet"):
        assert f"{name}=FILE" in WITH_FILES
        assert method(f"{name}={file}").name == name
        assert is_trained(name)


def test_the_kernel_is_the_one_that_was_asked_for(file):
    true = SRKernel.bicubic(2)
    for name, kernels in (("gt+usrnet", {2: true}), ("bicubic+usrnet", {})):
        one = given(true_kernels=kernels)
        made = method(f"{name}={file}").run(one)
        network = TrainedNetwork(NetworkConfig.of(file))
        wanted = network.restore(one.lr, {2: true}, 2, QUANTISATION)
        assert made.kernel is not None
        assert (made.sr - wanted).abs().max() < 0.02  # the noise is measured, and here as good as none
    one = given(estimate=lambda _: (true, 3.0))
    made = method(f"spectral+usrnet={file}").run(one)
    assert made.kernel_seconds == 3.0
    assert torch.equal(made.kernel.tensor(one.lr), true.tensor(one.lr))


def test_only_the_bound_sees_the_true_kernel(file):
    seeing = [name for name in USRNET_KERNELS if method(f"{name}={file}").needs_true_kernels]
    assert seeing == ["gt+usrnet"]


def test_a_row_tells_of_the_weights_and_not_of_their_place(file, tmp_path):
    settings = named("paper")
    elsewhere = tmp_path / "moved.pth"
    elsewhere.write_bytes(file.read_bytes())
    other = saved(data_steps_alone(iterations=3), tmp_path, "other.pth")
    labels = [method(f"spectral+usrnet={path}").label(settings) for path in (file, elsewhere, other)]
    assert labels[0] == labels[1] != labels[2]
    assert labels[0].own
    assert Label.parse(str(labels[0])) == labels[0]


def test_the_program_is_the_default_with_the_network(file):
    program = method(f"blindsr+usrnet={file}")
    wanted = settings_of_preset()
    wanted = replace(wanted, restoration=replace(wanted.restoration, network=NetworkConfig.of(file)))
    assert program.settings(named("default")) == wanted


@pytest.mark.parametrize("name", ["spectral+usrnet", "blindsr+usrnet"])
def test_without_a_usable_file_it_says_so(name, tmp_path):
    with pytest.raises(InputError, match=r"incomplete; wanted .*\+usrnet=FILE"):
        method(name)
    with pytest.raises(InputError, match="wanted the state dict"):
        method(f"{name}={tmp_path / 'none.pth'}")


@pytest.mark.parametrize("name", ["bicubic", "blindsr", "gt+zssr", "kernelgan+zssr"])
def test_the_others_are_untrained(name):
    assert not is_trained(name)
    assert is_trained("dat-light+")
