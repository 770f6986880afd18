"""Files of weights: what is accepted, what is refused and how."""

import hashlib
import shutil

import pytest
import torch

import blindsr
from blindsr.configuration import fingerprint, settings_of_preset, tree
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.architecture import TINY, Layout, USRNet, layout_of
from blindsr.restoration.network.weights import network_on, read_network
from srbase.errors import InputError
from tests.restoration.network.made import SMALL, random_network, saved

CPU = torch.device("cpu")
FULL = Layout(iterations=8, channels=(64, 128, 256, 512), blocks=2, hidden=64)


@pytest.mark.parametrize(("layout", "parameters"), [(TINY, 590_332), (FULL, 17_016_016)])
def test_the_published_sizes(layout, parameters):
    with torch.device("meta"):
        network = USRNet(layout)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert layout_of(network.state_dict()) == layout


@pytest.mark.parametrize(
    "layout", [SMALL, Layout(iterations=5, channels=(4, 6, 8, 10), blocks=3, hidden=7)], ids=str
)
def test_sizes_are_read_from_the_tensors(layout, tmp_path):
    path = saved(random_network(layout), tmp_path)
    found = read_network(path)
    assert found.layout == layout
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_weights_are_those_of_the_file(tmp_path):
    network = random_network()
    again = network_on(saved(network, tmp_path), read_network(tmp_path / "network.pth").sha256, CPU)
    image, kernel = torch.rand(1, 3, 16, 16), blindsr.random_kernel(2).array
    assert torch.allclose(network(image, kernel, 2, 0.01), again(image, kernel, 2, 0.01), atol=1e-6)


class _Run:
    def __reduce__(self):
        return print, ("executed",)


def _without(name):
    state = random_network().state_dict()
    del state[name]
    return state


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of weights"),
        (b"\x89PNG\r\n\x1a\n and so on", "no file of weights"),
        (_Run(), "no file of weights"),
        ([1, 2], "no mapping"),
        ({"a": 1}, "no mapping"),
        ({}, "p.m_head.weight"),
        ({"p.m_head.weight": torch.zeros(3)}, "p.m_down1"),
        (_without("p.m_body.0.res.0.weight"), "p.m_body.0.res.0.weight"),
        (random_network().state_dict() | {"more": torch.zeros(1)}, "'more'"),
        (random_network().state_dict() | {"h.mlp.0.bias": torch.zeros(9)}, r"\(9,\), not \(4,\)"),
        (random_network().state_dict() | {"h.mlp.0.bias": torch.full((4,), torch.nan)}, "not finite"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_what_was_wanted(content, said, tmp_path, capsys):
    path = tmp_path / "wrong.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(InputError, match=said) as caught:
        read_network(path)
    assert "\n" not in str(caught.value)
    assert "wrong.pth" in str(caught.value)
    assert "wanted the state dict of a USRNet" in str(caught.value)
    assert "executed" not in capsys.readouterr().out


def test_no_file_at_all(tmp_path):
    with pytest.raises(InputError, match=r"none\.pth cannot be read"):
        NetworkConfig.of(tmp_path / "none.pth")
    with pytest.raises(InputError, match="cannot be read"):
        NetworkConfig.of(tmp_path)


def test_a_file_that_changed_is_noticed(tmp_path):
    config = NetworkConfig.of(saved(random_network(), tmp_path))
    path = saved(random_network(seed=1), tmp_path)
    with pytest.raises(InputError, match="has changed"):
        network_on(path, config.sha256, CPU)


def test_the_record_names_the_file_and_the_fingerprint_its_content(tmp_path):
    one = saved(random_network(), tmp_path, "one.pth")
    same = shutil.copy(one, tmp_path / "same.pth")
    other = saved(random_network(seed=1), tmp_path, "other.pth")
    settings = settings_of_preset(network=one)
    written = tree(settings)["restoration"]["network"]
    assert written["file"] == str(one)
    assert written["sha256"] == hashlib.sha256(one.read_bytes()).hexdigest()
    assert written["architecture"].startswith("USRNet, 3 iterations")
    assert fingerprint(settings) == fingerprint(settings_of_preset(network=same))
    assert fingerprint(settings) != fingerprint(settings_of_preset(network=other))


def test_without_a_network_no_record_tells_of_one():
    assert "network" not in tree(settings_of_preset())["restoration"]


@pytest.mark.parametrize(
    ("field", "value"), [("noise_level", 0.0), ("noise_level", float("nan")), ("tile", 2), ("rim", -1)]
)
def test_settings_say_what_they_want(field, value, tmp_path):
    with pytest.raises(InputError, match=field):
        NetworkConfig(file="", sha256="", architecture="", **{field: value})
