"""Settings of runs: what they do to estimators and networks, and that they travel."""

import pickle
from dataclasses import replace

import pytest

from benchmarks.settings import QUICK_PRESET_STEPS, QUICK_STEPS, SETTINGS, named
from blindsr.configuration import ESTIMATORS, PRESETS
from blindsr.restoration.config import RestorationConfig
from srbase.errors import InputError
from zssr.config import ZSSRConfig


def test_quick_settings_cut_kernelgan_short_and_leave_its_losses_alone():
    whole = ESTIMATORS["kernelgan"]
    quick = named("quick").adapt(whole)
    assert quick.steps <= QUICK_STEPS
    assert quick.onset < quick.steps
    assert quick.constraints == whole.constraints


@pytest.mark.parametrize("name", ["spectral", "spectral-symmetric"])
def test_quick_settings_leave_the_spectrum_alone(name):
    assert named("quick").adapt(ESTIMATORS[name]) == ESTIMATORS[name]


@pytest.mark.parametrize("preset", PRESETS)
def test_quick_settings_cut_the_presets_networks_short(preset):
    whole = PRESETS[preset].restoration
    quick = named("quick").adapt_restoration(whole)
    steps = min(whole.zssr.max_steps, QUICK_PRESET_STEPS)
    assert quick == replace(whole, zssr=replace(whole.zssr, max_steps=steps))


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"quick"}))
def test_all_others_leave_the_methods_as_they_are(name):
    settings = named(name)
    assert all(settings.adapt(config) is config for config in ESTIMATORS.values())
    restorations = [preset.restoration for preset in PRESETS.values()]
    assert all(settings.adapt_restoration(config) is config for config in restorations)


def test_the_networks_of_the_runs():
    assert SETTINGS["paper"].restoration == RestorationConfig(inverse=None, zssr=ZSSRConfig())
    assert SETTINGS["quick"].restoration.inverse is None
    assert all(SETTINGS[name].restoration == PRESETS[name].restoration for name in ("default", "instant"))


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_know_their_name_and_travel_to_other_processes(name):
    assert SETTINGS[name].name == name
    assert pickle.loads(pickle.dumps(SETTINGS[name])) == SETTINGS[name]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="settings 'best' are unknown; wanted one of paper, default"):
        named("best")
