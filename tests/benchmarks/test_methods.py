"""Methods: what they see, which kernels they use, how they are named."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks.kernel_store import KernelStore
from benchmarks.methods import combination, solve, zero_shot
from benchmarks.methods.base import Given
from benchmarks.methods.registry import METHODS, method, methods
from benchmarks.settings import SETTINGS, config_hash, estimate_of, named
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.photo import Photo, write_photo
from blindsr.imaging.resample import bicubic_upscale
from blindsr.presets import PRESETS
from kernelgan.gan.config import VARIANTS
from tests.benchmarks.bench_fakes import photograph


@pytest.fixture
def used(monkeypatch):
    """Kernels that ZSSR was given, by scale; ZSSR itself is replaced."""
    seen = {}

    def super_resolve(image, kernels, scale, config, *, rng, on_step=None):
        seen.update(kernels)
        return SimpleNamespace(image=bicubic_upscale(image, scale))

    monkeypatch.setattr(solve, "super_resolve", super_resolve)
    return seen


def given(scale=2, true_kernels=None, estimate=None):
    lr = photograph(1)
    return Given("im_1", lr, scale, 0, named("quick"), estimate or never, true_kernels or {})


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


def test_presets_bring_their_own_settings(monkeypatch):
    seen = []

    def fake(lr, kernels, scale, config, *, rng):
        seen.append((config, kernels))
        return type("Result", (), {"image": lr.repeat_interleave(scale, 1).repeat_interleave(scale, 2)})

    monkeypatch.setattr(solve, "super_resolve", fake)
    kernel = SRKernel.bicubic(2)
    asked = []
    made = method("blindsr-instant").run(
        given(4, estimate=lambda config: (asked.append(config), (kernel, 0.5))[1])
    )
    assert asked == [named("quick").adapt(PRESETS["instant"].kernelgan)]
    assert made.kernel_seconds == 0.5
    assert seen[0][0].max_steps == 0
    assert set(seen[0][1]) == {2, 4}
    truth = {2: SRKernel(np.eye(3), 2)}
    assert method("blindsr-gt").run(given(2, truth)).kernel is truth[2]
    assert seen[1][0] == named("quick").adapt_zssr(PRESETS["default"].zssr)
    with pytest.raises(InputError, match="im_1 has no true x2 kernel"):
        method("blindsr-gt").run(given(2))
    labels = {
        name: method(name).label(named("paper")) for name in ("blindsr", "blindsr-instant", "blindsr-gt")
    }
    assert len(set(labels.values())) == 3
    assert all(label.startswith("paper:rcan:-:") for label in labels.values())


def test_any_kernel_with_any_network():
    labels = {name: method(name).label(named("paper")) for name in combination.COMBINATIONS}
    assert len(set(labels.values())) == len(labels) - 2  # bicubic and true kernels are no estimates
    assert labels["bicubic+default"] == labels["blindsr-gt"]
    shares = ["spectral+default", "blindsr-instant"], ["blindsr", "guided+instant", "kernelgan-guided+zssr"]
    for names in shares:
        assert len({estimate_of(method(name).label(named("paper"))) for name in names}) == 1
    assert estimate_of(labels["bicubic+default"]) == "-"
    assert method("blindsr-real").zssr(named("paper")).noise > 0


def test_the_bicubic_kernel_with_our_network(monkeypatch):
    seen = []

    def fake(lr, kernels, scale, config, *, rng):
        seen.append((config, kernels))
        return SimpleNamespace(image=bicubic_upscale(lr, scale))

    monkeypatch.setattr(solve, "super_resolve", fake)
    made = method("bicubic+default").run(given(4))
    assert seen[0][0] == named("quick").adapt_zssr(PRESETS["default"].zssr)
    assert np.array_equal(made.kernel.array, SRKernel.bicubic(4).array)
    assert set(seen[0][1]) == {2, 4}


def test_estimated_kernel_is_composed_at_x4(used):
    kernel = SRKernel.bicubic(2)
    made = method("kernelgan+zssr").run(given(4, estimate=lambda config: (kernel, 12.5)))
    assert made.kernel_seconds == 12.5
    assert used[2] is kernel
    assert np.array_equal(used[4].array, kernel.to_x4().array)


def test_ablations_switch_weights_off_and_nothing_else():
    base = method("kernelgan-paper+zssr").config
    for name, without in zero_shot.ABLATIONS.items():
        constraints = method(name).config.constraints
        for weight in ("sum_to_1", "boundaries", "sparse", "centre"):
            expected = 0.0 if weight in without else getattr(base.constraints, weight)
            assert getattr(constraints, weight) == expected, (name, weight)
        assert method(name).config.steps == base.steps


def test_labels_tell_what_made_a_row():
    labels = {name: method(name).label(named("paper")) for name in METHODS}
    assert labels["bicubic"] == "paper:rcan:-:-"
    assert (
        labels["zssr-bicubic"] == labels["gt+zssr"] == f"paper:rcan:{config_hash(SETTINGS['paper'].zssr)}:-"
    )
    ablated = [labels[name] for name in zero_shot.ABLATIONS]
    assert len({labels["kernelgan-paper+zssr"], *ablated}) == 6
    assert method("bicubic").label(named("quick", "vdsr")) == "quick:vdsr:-:-"
    assert method("gt+zssr").label(named("quick")) != labels["gt+zssr"]


@pytest.mark.parametrize("name", list(VARIANTS))
def test_quick_settings_are_quick_for_every_variant(name):
    config = method(f"kernelgan-{name}+zssr").kernelgan(named("quick"))
    assert config.steps <= 150
    assert config.restarts == 1


def test_a_kernel_is_estimated_once(monkeypatch, tmp_path):
    calls = []

    def estimate(image, config, *, rng, scale, on_step=None):
        calls.append(config)
        return SimpleNamespace(kernel=SRKernel(torch.rand(13, 13, generator=rng).numpy(), 2))

    monkeypatch.setattr("benchmarks.kernel_store.estimate_kernel", estimate)
    store = KernelStore(tmp_path, "set", 2)
    lr, config = photograph(1), VARIANTS["paper"]
    first, seconds = store.estimate("im_1", lr, config, 5)
    again, known = store.estimate("im_1", lr, config, 5)
    assert len(calls) == 1
    assert np.array_equal(first.array, again.array)
    assert seconds == known
    store.estimate("im_1", lr, config, 6)
    store.estimate("im_1", lr, VARIANTS["released"], 5)
    assert len(calls) == 3
    store.estimate("im_1", lr.flip(-1), config, 5)  # another image of the same name
    assert len(calls) == 4


def test_half_a_kernel_entry_does_not_count(monkeypatch, tmp_path):
    store = KernelStore(tmp_path, "set", 2)
    made = SimpleNamespace(kernel=SRKernel.bicubic(2))
    monkeypatch.setattr("benchmarks.kernel_store.estimate_kernel", lambda *a, **k: made)
    store.estimate("im_1", photograph(1), VARIANTS["paper"], 0)
    entry = next(tmp_path.rglob("*.npy"))
    entry.write_bytes(entry.read_bytes()[:100])
    kernel, _ = store.estimate("im_1", photograph(1), VARIANTS["paper"], 0)
    assert np.array_equal(kernel.array, SRKernel.bicubic(2).array)


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
