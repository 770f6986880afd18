"""Presets: names, what may be changed about them, and what may not."""

from dataclasses import replace

import pytest

from blindsr.configuration import ESTIMATORS, PRESETS, Settings, settings_for
from blindsr.estimators import GuidedConfig, estimator
from blindsr.spectral.config import SpectralConfig
from kernelgan.config import GANConfig
from srbase.errors import InputError
from zssr.config import REAL_NOISE, ZSSRConfig


def test_the_default_is_the_default():
    assert settings_for() == settings_for("default") == PRESETS["default"] == Settings()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_without_wishes_is_as_it_stands(preset):
    assert settings_for(preset) == PRESETS[preset]


def test_the_papers_preset_is_the_papers():
    assert PRESETS["paper"] == Settings(estimator=estimator("paper"), zssr=ZSSRConfig())
    assert PRESETS["paper"].zssr.inverse is None


def test_the_instant_preset_trains_nothing():
    instant = PRESETS["instant"]
    assert isinstance(instant.estimator, SpectralConfig)
    assert instant.zssr.max_steps == 0
    assert instant.zssr.inverse is not None
    assert instant.zssr.inverse.adaptive is None


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("name", "kind"), [("guided", GuidedConfig), ("kernelgan", GANConfig), ("spectral", SpectralConfig)]
)
def test_another_estimator_leaves_the_network_alone(preset, name, kind):
    settings = settings_for(preset, estimator=name)
    assert isinstance(settings.estimator, kind)
    own = (preset, name) == ("paper", "kernelgan")
    assert settings.estimator == estimator("paper" if own else ESTIMATORS[name])
    assert settings.zssr == PRESETS[preset].zssr


def test_the_steps_of_either_stage_and_nothing_else():
    guided = settings_for(kernelgan_steps=7)
    assert guided.estimator.game.steps == 7
    before = PRESETS["default"].estimator
    assert guided.estimator == replace(before, game=replace(before.game, steps=7))
    paper = settings_for("paper", kernelgan_steps=8, zssr_steps=9)
    assert paper.estimator == replace(PRESETS["paper"].estimator, steps=8)
    assert paper.zssr == replace(PRESETS["paper"].zssr, max_steps=9)
    mixed = settings_for("instant", estimator="kernelgan", kernelgan_steps=5)
    assert mixed.estimator.steps == 5


def origin_of(settings):
    way = settings.estimator
    return (way if isinstance(way, SpectralConfig) else way.spectral).origin


@pytest.mark.parametrize("preset", ["default", "instant"])
@pytest.mark.parametrize(("real", "assumed"), [("auto", "auto"), ("on", "camera"), ("off", "computer")])
def test_what_a_person_knows_of_the_photograph_is_assumed(preset, real, assumed):
    settings = settings_for(preset, real=real, trust=0.5)
    assert origin_of(settings) == replace(origin_of(PRESETS[preset]), assume=assumed, trust=0.5)
    assert settings.zssr == PRESETS[preset].zssr


def test_what_a_computer_made_small_is_trusted():
    assert origin_of(settings_for(real="off")).trust == 1
    assert origin_of(settings_for(real="auto")).trust is None


def test_the_papers_preset_trains_against_the_noise_of_real_photographs():
    settings = settings_for("paper", real="on")
    assert settings.zssr == replace(PRESETS["paper"].zssr, noise_std=REAL_NOISE, back_projections=0)
    assert settings.estimator == PRESETS["paper"].estimator
    assert settings_for("paper", real="off") == PRESETS["paper"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"preset": "best"}, "preset 'best' is unknown; wanted one of default, paper, instant"),
        ({"estimator": "best"}, "estimator 'best' is unknown; wanted one of guided, kernelgan, spectral"),
        ({"preset": "instant", "kernelgan_steps": 5}, "plays no game; wanted no KernelGAN steps"),
        ({"estimator": "spectral", "kernelgan_steps": 5}, "plays no game; wanted no KernelGAN steps"),
        ({"preset": "instant", "zssr_steps": 5}, "trains no network; wanted no ZSSR steps"),
        ({"kernelgan_steps": 0}, "steps is 0; wanted at least 1"),
        ({"zssr_steps": -1}, "max_steps is -1"),
        ({"trust": 2.0}, "trust is 2.0; wanted 0"),
        ({"preset": "paper", "trust": 0.5}, "says nothing about trust"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wishes, message):
    with pytest.raises(InputError, match=message):
        settings_for(**wishes)
