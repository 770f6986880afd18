"""What a host has set does not reach the work, and is there afterwards."""

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

import blindsr
from srbase.runtime.torch_state import initial_torch_state, usable
from tests.few_steps import SMALL, SMALL_INSTANT
from tests.pictures import face

PAGE = Path(__file__).parents[3] / "docs" / "python.md"


@contextmanager
def default_dtype(dtype):
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def default_device(name):
    torch.set_default_device(name)
    try:
        yield
    finally:
        torch.set_default_device(None)


HOSTS = {
    "inference_mode": torch.inference_mode,
    "no_grad": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "float64": lambda: default_dtype(torch.float64),
    "float16": lambda: default_dtype(torch.float16),
    "device": lambda: default_device("meta"),
}


def state():
    return (
        torch.is_inference_mode_enabled(),
        torch.is_grad_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_default_dtype(),
        torch.get_default_device(),
    )


@pytest.mark.parametrize("host", HOSTS)
def test_the_state_is_the_first_one_inside_and_the_hosts_afterwards(host):
    first = state()
    with HOSTS[host]():
        before = state()
        assert before != first
        with initial_torch_state():
            assert state() == first
        assert state() == before
        with pytest.raises(KeyError), initial_torch_state():
            raise KeyError
        assert state() == before
    assert state() == first


@pytest.fixture(scope="module")
def pixels():
    return np.ascontiguousarray((face(65, 71) * 255).round().byte().permute(1, 2, 0).numpy())


@pytest.fixture(scope="module")
def wanted(pixels):
    """What a host without any state gets: images, and a kernel."""
    images = {
        name: blindsr.upscale(pixels, settings=settings, device="cpu").image
        for name, settings in (("instant", SMALL_INSTANT), ("default", SMALL))
    }
    return images | {"kernel": blindsr.estimate_kernel(pixels, settings=SMALL_INSTANT, device="cpu").array}


@pytest.mark.parametrize("way", ["instant", "default"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_changes_no_byte(host, way, pixels, wanted):
    with HOSTS[host]():
        result = blindsr.upscale(pixels, settings=SMALL if way == "default" else SMALL_INSTANT, device="cpu")
        kernel = blindsr.estimate_kernel(pixels, settings=SMALL_INSTANT, device="cpu")
        assert np.array_equal(result.image, wanted[way])
    assert np.array_equal(kernel.array, wanted["kernel"])


def test_tensors_that_were_made_for_inference_are_copied():
    from blindsr import estimation, pipeline

    with torch.inference_mode():
        image = face(65, 71) + 0
        assert image.is_inference()
        result = pipeline.upscale(image, settings=SMALL, device="cpu")
        (analysis,) = estimation.analyse([image], settings=SMALL, device="cpu")
    assert torch.equal(result.image, pipeline.upscale(face(65, 71), settings=SMALL, device="cpu").image)
    assert analysis.kernel.shape == (13, 13)
    ordinary = face(8, 9)
    assert usable(ordinary) is ordinary


@pytest.mark.parametrize("host", ["inference_mode", "no_grad", "autocast", "float16"])
def test_the_documented_node_runs_in_a_host(host):
    text = PAGE.read_text().partition("def upscale_node(")[2].partition("```")[0]
    code = "import blindsr\nimport numpy as np\ndef upscale_node(" + text
    with HOSTS[host]():
        exec(compile(code, str(PAGE), "exec"), {})
