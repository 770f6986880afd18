"""Estimators and their names."""

from dataclasses import replace

import pytest

from blindsr.estimators import ESTIMATORS, GuidedConfig, estimator, name_of
from blindsr.spectral.config import SpectralConfig, WelchConfig
from kernelgan.config import PAPER, RELEASED, GANConfig
from srbase.errors import InputError


def test_names() -> None:
    assert estimator("paper") is PAPER
    assert estimator("released") is RELEASED
    assert isinstance(estimator("guided"), GuidedConfig)
    assert isinstance(estimator("spectral"), SpectralConfig)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="'best' is unknown; wanted one of paper, released"):
        estimator("best")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_each_is_called_by_its_name(name: str) -> None:
    assert name_of(estimator(name)) == name


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (replace(PAPER, steps=7), "custom gan"),
        (GuidedConfig(game=replace(PAPER, steps=7)), "custom guided"),
        (SpectralConfig(few_windows=0.0), "custom spectral"),
    ],
)
def test_other_numbers_are_nobodys(config: GANConfig | GuidedConfig | SpectralConfig, name: str) -> None:
    assert name_of(config) == name


def test_the_smallest_image_is_what_every_step_needs() -> None:
    assert [estimator(name).smallest_image for name in ESTIMATORS] == [64] * len(ESTIMATORS)
    wide = SpectralConfig(welch=WelchConfig(window=96))
    assert wide.smallest_image == 96
    assert GuidedConfig(spectral=wide).smallest_image == 96
    assert GuidedConfig(game=GANConfig(generator_crop=80)).smallest_image == 80
