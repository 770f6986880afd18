"""Methods: what they see, which kernels they use, how they are named."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks.methods import combination, solve, zero_shot
from benchmarks.methods.base import Given
from benchmarks.methods.registry import METHODS, method, methods
from benchmarks.settings import SETTINGS, named
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.photo import Photo, write_photo
from blindsr.imaging.resample import bicubic_upscale
from blindsr.presets import ESTIMATORS, PRESETS
from blindsr.provenance import fingerprint
from kernelgan.config import ESTIMATORS as ESTIMATORS_OF_ALL_KINDS
from kernelgan.config import estimator
from kernelgan.gan.config import PAPER
from tests.benchmarks.bench_fakes import photograph
from zssr.config import for_real_photographs


@pytest.fixture
def used(monkeypatch):
    """Kernels that ZSSR was given, by scale; ZSSR itself is replaced."""
    seen = {}

    def super_resolve(image, kernels, scale, config, *, rng, on_step=None):
        seen.update(kernels)
        return SimpleNamespace(image=bicubic_upscale(image, scale))

    monkeypatch.setattr(solve, "super_resolve", super_resolve)
    return seen


def given(scale=2, true_kernels=None, estimate=None, settings=None):
    run = settings or named("quick")
    return Given("im_1", photograph(1), scale, 0, run, estimate or never, true_kernels or {})


def never(config):
    raise AssertionError("this method estimates no kernel")


def test_every_method_of_the_issue_is_there():
    wanted = {"bicubic", "zssr-bicubic", "kernelgan+zssr", "kernelgan-released+zssr", "gt+zssr"}
    assert wanted | set(zero_shot.ABLATIONS) <= set(METHODS)
    for name in METHODS:
        assert method(name).name == name


def test_an_unknown_method_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"method 'edsr' is unknown; wanted one of bicubic, zssr-bicubic, .*DIR"
    ):
        methods(["bicubic", "edsr"])


def test_only_the_upper_bounds_see_true_kernels():
    bounds = {name for name in METHODS if method(name).needs_true_kernels}
    assert bounds == {"gt+zssr", "blindsr-gt", "gt+instant"}
    assert "gt" not in Given.__dataclass_fields__


@pytest.mark.parametrize("scale", [2, 4])
def test_bicubic_kernel(used, scale):
    made = method("zssr-bicubic").run(given(scale))
    assert set(used) == {2, scale}
    assert np.array_equal(used[scale].array, SRKernel.bicubic(scale).array)
    assert made.kernel is used[scale]
    assert made.sr.shape == (3, 146 * scale, 134 * scale)


def test_true_kernel(used):
    kernels = {2: SRKernel(np.eye(3), 2), 4: SRKernel(np.eye(5), 4)}
    assert method("gt+zssr").run(given(4, kernels)).kernel is kernels[4]
    assert used == kernels
    with pytest.raises(InputError, match="im_1 has no true x2 kernel"):
        method("gt+zssr").run(given(2))


@pytest.fixture
def solving(monkeypatch):
    """The settings and kernels that ZSSR was given, call by call; ZSSR itself is replaced."""
    seen = []

    def super_resolve(lr, kernels, scale, config, *, rng):
        seen.append((config, kernels))
        return SimpleNamespace(image=bicubic_upscale(lr, scale))

    monkeypatch.setattr(solve, "super_resolve", super_resolve)
    return seen


def test_the_presets_bring_their_own_networks(solving):
    kernel, asked = SRKernel.bicubic(2), []

    def estimate(config):
        asked.append(config)
        return kernel, 0.5

    made = method("blindsr-instant").run(given(4, estimate=estimate))
    assert asked == [PRESETS["instant"].estimator]  # which plays no game that quick settings could cut short
    assert made.kernel_seconds == 0.5
    network, kernels = solving[0]
    assert network == PRESETS["instant"].zssr
    assert set(kernels) == {2, 4}
    assert kernels[2] is kernel


def test_the_default_presets_network_with_the_true_kernel(solving):
    truth = {2: SRKernel(np.eye(3), 2)}
    assert method("blindsr-gt").run(given(2, truth)).kernel is truth[2]
    assert solving[0][0] == named("quick").adapt_zssr(PRESETS["default"].zssr)
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
    wanted = PRESETS[parts.solver].zssr
    assert solving[0][0] == (for_real_photographs(wanted) if parts.real else wanted)
    assert asked == ([estimator(ESTIMATORS[parts.kernel])] if parts.kernel in ESTIMATORS else [])
    assert (solving[0][1] == truth) == (parts.kernel == "gt")


def test_methods_that_share_an_estimate_share_its_fingerprint():
    shares = ["spectral+default", "blindsr-instant"], ["blindsr", "guided+instant", "kernelgan-guided+zssr"]
    for names in shares:
        assert len({method(name).label(named("paper")).kernel for name in names}) == 1
    assert method("bicubic+default").label(named("paper")).kernel == "-"


def test_the_bicubic_kernel_with_our_network(solving):
    made = method("bicubic+default").run(given(4))
    assert np.array_equal(made.kernel.array, SRKernel.bicubic(4).array)
    assert set(solving[0][1]) == {2, 4}


def test_estimated_kernel_is_composed_at_x4(used):
    kernel = SRKernel.bicubic(2)
    made = method("kernelgan+zssr").run(given(4, estimate=lambda config: (kernel, 12.5)))
    assert made.kernel_seconds == 12.5
    assert used[2] is kernel
    assert np.array_equal(used[4].array, kernel.to_x4().array)


@pytest.mark.parametrize("name", sorted(zero_shot.ABLATIONS))
def test_ablations_switch_weights_off_and_nothing_else(name):
    without = dict.fromkeys(zero_shot.ABLATIONS[name], 0.0)
    wanted = replace(PAPER, constraints=replace(PAPER.constraints, **without))
    assert method(name).estimator(named("paper")) == wanted
    assert wanted != PAPER


@pytest.mark.parametrize("name", sorted(ESTIMATORS_OF_ALL_KINDS))
def test_every_estimator_has_a_row_with_the_papers_network(name):
    found = method(f"kernelgan-{name}+zssr")
    assert found.estimator(named("paper")) == estimator(name)
    assert found.own_network(named("paper")) is None


def test_the_labels_of_methods():
    labels = {name: str(method(name).label(named("paper"))) for name in METHODS}
    network = fingerprint(SETTINGS["paper"].zssr)
    assert labels["bicubic"] == "paper:rcan:-:-"
    assert labels["zssr-bicubic"] == f"paper:rcan:{network}:bicubic"
    assert labels["gt+zssr"] == f"paper:rcan:{network}:true"
    assert labels["kernelgan-paper+zssr"] == f"paper:rcan:{network}:paper-{fingerprint(PAPER)}"
    ours = PRESETS["default"]
    assert labels["blindsr"] == (
        f"paper:rcan:own-{fingerprint(ours.zssr)}:guided-{fingerprint(ours.estimator)}"
    )
    assert str(method("bicubic").label(named("quick", "vdsr"))) == "quick:vdsr:-:-"
    assert str(method("gt+zssr").label(named("quick"))) != labels["gt+zssr"]


def test_external_images_are_found_by_stem_or_number(tmp_path):
    for name in ("img_1_x2_EDSR.png", "im_10.png"):
        write_photo(tmp_path / name, Photo(torch.full((3, 292, 268), 0.5)))
    external = method(f"external:EDSR+={tmp_path}")
    assert external.name == "EDSR+"
    assert external.run(given()).sr.shape == (3, 292, 268)
    with pytest.raises(InputError, match="has no image for im_2"):
        external.find(list(tmp_path.iterdir()), "im_2")
    write_photo(tmp_path / "im_01.png", Photo(torch.zeros(3, 20, 20)))
    with pytest.raises(InputError, match=r"several images for im_1: .*im_01\.png"):
        external.find(sorted(tmp_path.iterdir()), "im_1")
    write_photo(tmp_path / "im_1.png", Photo(torch.zeros(3, 20, 20)))
    with pytest.raises(InputError, match=r"im_1\.png is 20x20; wanted 268x292 at x2"):
        external.run(given())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("external:A", "is incomplete; wanted external:NAME=DIR"),
        ("external:A=/nowhere/at/all", "is not a folder"),
        ("external:bicubic=/tmp", "is that of a built-in method"),
    ],
)
def test_bad_external_methods(name, message):
    with pytest.raises(InputError, match=message):
        method(name)
