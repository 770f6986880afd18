"""Settings: presets, what may be changed about them, and a record that leaves no number out."""

import dataclasses
import json
from dataclasses import replace
from itertools import count

import pytest
import torch

from benchmarks import estimators
from benchmarks.estimators import kernel_fingerprint
from benchmarks.kernel_store import KernelStore
from benchmarks.label import Label
from benchmarks.methods.registry import method
from benchmarks.settings import named
from blindsr import configuration
from blindsr.configuration import (
    ESTIMATORS,
    PRESETS,
    Settings,
    assuming,
    fingerprint,
    settings_of_preset,
    tree,
)
from blindsr.restoration.config import InverseConfig
from blindsr.spectral.config import SpectralConfig, WelchConfig
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from tests.leaves import at, changed, is_settings, leaves, written
from zssr.config import REAL_NOISE, ZSSRConfig

PAPER_KERNELGAN = type(ESTIMATORS["kernelgan"])()

METHOD = {"default": "blindsr", "instant": "blindsr-instant", "paper": "kernelgan+zssr"}
"""The method of the benchmarks that runs a preset."""
CHOSEN_BY_METHODS = (("analysis", "assume"), ("analysis", "picture"), ("restoration", "trust"))
"""What each method tells the program of the photograph, whatever the preset."""


# Presets


def test_the_default_is_the_default():
    assert settings_of_preset() == PRESETS["default"] == Settings()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_without_changes_is_as_it_stands(preset):
    assert settings_of_preset(preset) == PRESETS[preset]


def test_the_papers_preset_is_the_papers():
    paper = PRESETS["paper"]
    assert paper.estimator == PAPER_KERNELGAN
    assert paper.analysis is None
    assert paper.restoration.inverse is None
    assert paper.restoration.zssr == ZSSRConfig()


def test_the_instant_preset_trains_nothing_and_inverts_linearly():
    instant = PRESETS["instant"]
    assert isinstance(instant.estimator, SpectralConfig)
    assert instant.estimator.antisymmetric is None
    assert instant.restoration.zssr.max_steps == 0
    assert instant.restoration.inverse == InverseConfig(adaptive=None)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", ["spectral", "kernelgan"])
def test_another_estimator_leaves_all_else_alone(preset, name):
    settings = settings_of_preset(preset, estimator=name)
    assert type(settings.estimator) is type(ESTIMATORS[name])
    assert replace(settings, estimator=PRESETS[preset].estimator) == PRESETS[preset]


def test_a_presets_own_estimator_of_the_same_kind_stays():
    assert settings_of_preset("instant", estimator="spectral") == PRESETS["instant"]


def test_the_steps_of_either_stage_and_nothing_else():
    shorter = settings_of_preset("paper", kernelgan_steps=8, zssr_steps=9)
    paper = PRESETS["paper"]
    assert shorter.estimator == replace(paper.estimator, steps=8)
    zssr = replace(paper.restoration.zssr, max_steps=9)
    assert replace(shorter, estimator=paper.estimator) == replace(
        paper, restoration=replace(paper.restoration, zssr=zssr)
    )
    assert settings_of_preset("instant", estimator="kernelgan", kernelgan_steps=5).estimator.steps == 5


@pytest.mark.parametrize("preset", ["default", "instant"])
@pytest.mark.parametrize(("real", "assumed"), [("auto", "auto"), ("on", "camera"), ("off", "computer")])
def test_a_known_origin_is_assumed_and_changes_nothing_else(preset, real, assumed):
    settings = settings_of_preset(preset, real=real)
    assert settings.analysis == replace(PRESETS[preset].analysis, assume=assumed)
    assert assuming(settings, "auto") == PRESETS[preset]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("estimator", ["spectral", "kernelgan"])
def test_trust_is_the_restorations_for_every_preset_and_estimator(preset, estimator):
    settings, without = (
        settings_of_preset(preset, estimator=estimator, trust=trust) for trust in (0.5, None)
    )
    assert settings == replace(without, restoration=replace(without.restoration, trust=0.5))


def test_the_papers_preset_trains_against_the_noise_of_real_photographs():
    settings, paper = settings_of_preset("paper", real="on"), PRESETS["paper"]
    wanted = replace(paper.restoration.zssr, noise_std=REAL_NOISE, back_projections=0)
    assert settings == replace(paper, restoration=replace(paper.restoration, zssr=wanted))
    assert settings_of_preset("paper", real="off") == paper


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": "best"}, "preset 'best' is unknown; wanted one of default, paper, instant"),
        ({"estimator": "best"}, "estimator 'best' is unknown; wanted one of kernelgan, spectral"),
        ({"kernelgan_steps": 5}, "KernelGAN is not the estimator; wanted no KernelGAN steps"),
        (
            {"preset": "paper", "estimator": "spectral", "kernelgan_steps": 5},
            "KernelGAN is not the estimator",
        ),
        ({"preset": "instant", "zssr_steps": 5}, "trains no network; wanted no ZSSR steps"),
        ({"preset": "paper", "kernelgan_steps": 0}, "steps is 0; wanted at least 1"),
        ({"zssr_steps": -1}, "max_steps is -1"),
        ({"trust": 2.0}, "trust is 2.0; wanted 0"),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        settings_of_preset(**changes)


def test_edges_cannot_be_read_from_an_inverse_without_edges():
    with pytest.raises(InputError, match="no adaptive settings"):
        Settings(edges=InverseConfig(adaptive=None))


def test_the_smallest_image_is_what_every_step_needs():
    assert {config.smallest_image for config in ESTIMATORS.values()} == {64}
    assert SpectralConfig(welch=WelchConfig(window=96)).smallest_image == 96
    assert replace(ESTIMATORS["kernelgan"], generator_crop=80).smallest_image == 80


# The record: no number is left out, so that whichever changes, the names of what depends on it change too


def test_the_walk_reaches_the_depths():
    assert {
        ("estimator", "shapes", "shapes", 1, "radius"),
        ("estimator", "antisymmetric", "doubt"),
        ("edges", "noise", "band"),
        ("analysis", "features", "window"),
        ("restoration", "inverse", "adaptive", "doubt"),
    } <= set(leaves(PRESETS["default"]))
    assert ("estimator", "constraints", "sparse_floor") in set(leaves(PRESETS["paper"]))


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
    monkeypatch.setitem(ESTIMATORS, "kernelgan" if preset == "paper" else "spectral", settings.estimator)
    monkeypatch.setitem(PRESETS, preset, settings)
    run = named("paper")
    if preset == "paper":  # whose restoration is that of the run
        run = replace(run, restoration=settings.restoration)
    return method(METHOD[preset]).label(run)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_number_is_in_the_label_of_the_rows(preset, monkeypatch):
    settings = PRESETS[preset]
    before = label_of(preset, settings, monkeypatch)
    unused = ("analysis", "edges", "spectral_fit", "tones", "bars", "narrow") if preset == "paper" else ()
    for path in leaves(settings):
        after = label_of(preset, changed(settings, path), monkeypatch)
        in_kernel = path[0] == "estimator"
        in_network = not in_kernel and path[0] not in unused and path not in CHOSEN_BY_METHODS
        in_network |= preset == "paper" and path[0] == "restoration"
        assert (before.kernel != after.kernel) == in_kernel, written(path)
        assert (before.network != after.network) == in_network, written(path)
        rest = replace(after, kernel=before.kernel, network=before.network)
        assert rest == before, written(path)


@pytest.fixture
def estimations(monkeypatch):
    """The estimators that the kernel store has run; each gives another kernel."""
    seen, numbers = [], count(1)

    def find(images, config, *, seed, scale):
        seen.append(config)
        array = torch.ones(13, 13).numpy()
        array[0, 0] = next(numbers)
        return [SRKernel(array, 2) for _ in images]

    monkeypatch.setattr("benchmarks.kernel_store.find_kernels", find)
    return seen


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_number_of_an_estimator_is_in_the_key_of_its_kernels(tmp_path, estimations, name):
    store, lr = KernelStore(tmp_path, "set", 2), torch.zeros(3, 31, 37)
    config = ESTIMATORS[name]
    kernels = {"": store.estimate("im_1", lr, config, 0)[0].array[0, 0]}
    for path in leaves(config):
        kernels[written(path)] = store.estimate("im_1", lr, changed(config, path), 0)[0].array[0, 0]
    assert len(set(kernels.values())) == len(kernels) == len(estimations)
    assert store.estimate("im_1", lr, config, 0)[0].array[0, 0] == kernels[""]
    assert len(estimations) == len(kernels)  # the first one lies where it lay


def test_every_number_of_the_edges_inverse_is_in_the_key_of_a_kernel_that_reads_edges(monkeypatch):
    symmetric, whole = ESTIMATORS["spectral-symmetric"], ESTIMATORS["spectral"]
    keys, others, edges = {kernel_fingerprint(whole)}, kernel_fingerprint(symmetric), InverseConfig()
    for path in leaves(edges):
        if path != ("adaptive",):
            other = replace(Settings(), edges=changed(edges, path))
            monkeypatch.setattr(estimators, "settings_of", lambda _, other=other: other)
            keys.add(kernel_fingerprint(whole))
            assert kernel_fingerprint(symmetric) == others
    assert len(keys) == 1 + len(list(leaves(edges)))


@pytest.mark.parametrize("preset", PRESETS)
def test_another_algorithm_is_another_fingerprint_label_and_key(preset, monkeypatch, tmp_path, estimations):
    settings, store, lr = PRESETS[preset], KernelStore(tmp_path, "set", 2), torch.zeros(3, 31, 37)

    def names():
        store.estimate("im_1", lr, settings.estimator, 0)
        return fingerprint(settings), *dataclasses.astuple(label_of(preset, settings, monkeypatch))

    before = names()
    monkeypatch.setattr(configuration, "ALGORITHM", configuration.ALGORITHM + 1)
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
            found = found.get(step) if isinstance(found, dict) else found[step]  # optional ones may lack
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
    wanted = {"Settings", "SpectralConfig", "ZSSRConfig", "AnalysisConfig", "RestorationConfig", "Disc"}
    assert wanted | {type(ESTIMATORS["kernelgan"]).__name__} <= {name for name, _ in found}
    assert all(name == kind for name, kind in found)


def test_what_a_record_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="a record knows no such value"):
        tree({"image": torch.zeros(1)})


def test_an_estimator_without_the_antisymmetric_part_is_not_the_presets():
    settings = settings_of_preset("default", estimator="spectral-symmetric")
    assert settings.estimator == ESTIMATORS["spectral-symmetric"]
    assert settings_of_preset("default", estimator="spectral").estimator == PRESETS["default"].estimator
