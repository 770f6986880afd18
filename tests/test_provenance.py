"""No number is left out: whichever setting changes, the names of what depends on it change too."""

import dataclasses
import json
from itertools import count

import pytest
import torch

from benchmarks.kernel_store import KernelStore
from benchmarks.label import Label
from benchmarks.methods.registry import method
from benchmarks.settings import named
from blindsr import configuration as presets
from blindsr import estimators as config
from blindsr import provenance
from blindsr.configuration import PRESETS, Settings
from blindsr.provenance import DIGITS, fingerprint, tree
from srbase.kernels.kernel import SRKernel
from tests.leaves import at, changed, is_settings, leaves, written

METHOD = {"default": "blindsr", "instant": "blindsr-instant", "paper": "kernelgan-paper+zssr"}
"""The method of the benchmarks that runs a preset."""
WAY = {"default": "guided", "instant": "spectral", "paper": "paper"}
"""The estimator of each."""
TOLD = (("origin", "assume"), ("origin", "trust"))
"""What each method tells the program of the photograph, whatever the preset."""


def test_the_walk_reaches_the_depths():
    assert {
        ("estimator", "game", "constraints", "sparse_floor"),
        ("estimator", "spectral", "shapes", "shapes", 1, "radius"),
        ("estimator", "odd", "inverse", "noise", "band"),
        ("zssr", "inverse", "adaptive", "doubt"),
    } <= set(leaves(PRESETS["default"]))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_number_is_in_the_fingerprint(preset):
    settings = PRESETS[preset]
    before, missing = fingerprint(settings), []
    for path in leaves(settings):
        other = changed(settings, path)
        assert at(other, path) != at(settings, path), written(path)
        if fingerprint(other) == before:
            missing.append(written(path))
    assert missing == []


def label_of(preset: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Label:
    """The benchmarks' label of the preset's method, had the program these settings."""
    monkeypatch.setitem(config.ESTIMATORS, WAY[preset], settings.estimator)
    monkeypatch.setitem(presets.PRESETS, preset, settings)
    run = named("paper")
    if preset == "paper":  # whose network is that of the run
        run = dataclasses.replace(run, zssr=settings.zssr)
    return method(METHOD[preset]).label(run)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_number_is_in_the_label_of_the_rows(preset, monkeypatch):
    settings = PRESETS[preset]
    before = label_of(preset, settings, monkeypatch)
    ours = ("zssr",) if preset == "paper" else ("zssr", "restore", "tones", "bars", "narrow")
    for path in leaves(settings):
        after = label_of(preset, changed(settings, path), monkeypatch)
        in_kernel, in_network = path[0] == "estimator" and path[-2:] not in TOLD, path[0] in ours
        assert (before.kernel != after.kernel) == in_kernel, written(path)
        assert (before.network != after.network) == in_network, written(path)
        rest = dataclasses.replace(after, kernel=before.kernel, network=before.network)
        assert rest == before, written(path)


@pytest.fixture
def estimations(monkeypatch):
    """The estimators that the kernel store has run; each gives another kernel."""
    seen, numbers = [], count(1)

    def find(image, config, *, rng, scale):
        seen.append(config)
        array = torch.ones(13, 13).numpy()
        array[0, 0] = next(numbers)
        return SRKernel(array, 2)

    monkeypatch.setattr("benchmarks.kernel_store.find_kernel", find)
    return seen


@pytest.mark.parametrize("name", config.ESTIMATORS)
def test_every_number_of_an_estimator_is_in_the_key_of_its_kernels(tmp_path, estimations, name):
    store, lr = KernelStore(tmp_path, "set", 2), torch.zeros(3, 31, 37)
    way = config.ESTIMATORS[name]
    kernels = {"": store.estimate("im_1", lr, way, 0)[0].array[0, 0]}
    for path in leaves(way):
        kernels[written(path)] = store.estimate("im_1", lr, changed(way, path), 0)[0].array[0, 0]
    assert len(set(kernels.values())) == len(kernels) == len(estimations)
    assert store.estimate("im_1", lr, way, 0)[0].array[0, 0] == kernels[""]
    assert len(estimations) == len(kernels)  # the first one lies where it lay


@pytest.mark.parametrize("preset", PRESETS)
def test_another_algorithm_is_another_fingerprint_label_and_key(preset, monkeypatch, tmp_path, estimations):
    settings, store, lr = PRESETS[preset], KernelStore(tmp_path, "set", 2), torch.zeros(3, 31, 37)

    def names():
        store.estimate("im_1", lr, settings.estimator, 0)
        return fingerprint(settings), *dataclasses.astuple(label_of(preset, settings, monkeypatch))

    before = names()
    monkeypatch.setattr(provenance, "ALGORITHM", provenance.ALGORITHM + 1)
    after = names()
    different = [old for old, new in zip(before, after, strict=True) if old != new]
    assert len(different) == 3  # the fingerprint itself, the label's network, and its kernel
    assert len(estimations) == 2


@pytest.mark.parametrize("preset", PRESETS)
def test_the_tree_is_the_settings_in_plain_values(preset):
    settings = PRESETS[preset]
    plain = json.loads(json.dumps(tree(settings), allow_nan=False))
    for path in leaves(settings):
        found = plain
        for step in path:
            found = found[step]
        value = at(settings, path)
        assert found == (list(value) if isinstance(value, tuple) else value)


def test_each_branch_says_what_it_is():
    def kinds(settings):
        if is_settings(settings):
            yield type(settings).__name__, tree(settings)["kind"]
            for field in dataclasses.fields(settings):
                yield from kinds(getattr(settings, field.name))
        elif isinstance(settings, tuple):
            for item in settings:
                yield from kinds(item)

    found = [pair for settings in PRESETS.values() for pair in kinds(settings)]
    assert {"Settings", "GuidedConfig", "GANConfig", "SpectralConfig", "ZSSRConfig", "Disc"} <= {
        name for name, _ in found
    }
    assert all(name == kind for name, kind in found)


def test_a_fingerprint_is_short_and_comes_again():
    assert fingerprint(Settings()) == fingerprint(PRESETS["default"])
    assert len(fingerprint(Settings())) == DIGITS
    assert int(fingerprint(Settings()), 16) >= 0


def test_what_a_record_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="a record knows no such value"):
        tree({"image": torch.zeros(1)})
