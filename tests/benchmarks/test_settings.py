"""Settings of runs: what they do to estimators and networks, and that they travel."""

import pickle
from dataclasses import replace

import pytest

from benchmarks.settings import QUICK_PRESET_STEPS, QUICK_STEPS, SETTINGS, named
from blindsr.configuration import PRESETS
from blindsr.estimators import ESTIMATORS, GuidedConfig, estimator
from blindsr.spectral.config import SpectralConfig
from kernelgan.config import KernelGANConfig
from srbase.errors import InputError
from zssr.config import ZSSRConfig


def game_of(config) -> KernelGANConfig:
    return config.game if isinstance(config, GuidedConfig) else config


@pytest.mark.parametrize("name", ESTIMATORS)
def test_quick_settings_cut_every_game_short_and_leave_the_spectrum_alone(name):
    whole = estimator(name)
    quick = named("quick").adapt(whole)
    if isinstance(whole, SpectralConfig):
        assert quick == whole
        return
    game = game_of(quick)
    assert game.steps <= QUICK_STEPS
    assert game.constraints == game_of(whole).constraints
    if isinstance(whole, GuidedConfig):
        assert quick == replace(whole, game=game)


@pytest.mark.parametrize("preset", PRESETS)
def test_quick_settings_cut_the_presets_networks_short(preset):
    whole = PRESETS[preset].zssr
    quick = named("quick").adapt_zssr(whole)
    assert quick == replace(whole, max_steps=min(whole.max_steps, QUICK_PRESET_STEPS))


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"quick"}))
def test_all_others_leave_the_methods_as_they_are(name):
    settings = named(name)
    assert all(settings.adapt(config) is config for config in ESTIMATORS.values())
    assert all(settings.adapt_zssr(preset.zssr) is preset.zssr for preset in PRESETS.values())


def test_the_networks_of_the_runs():
    assert SETTINGS["paper"].zssr == ZSSRConfig()
    assert all(SETTINGS[name].zssr == PRESETS[name].zssr for name in ("default", "instant"))


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_know_their_name_and_travel_to_other_processes(name):
    assert SETTINGS[name].name == name
    assert pickle.loads(pickle.dumps(SETTINGS[name])) == SETTINGS[name]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="settings 'best' are unknown; wanted one of paper, default"):
        named("best")
