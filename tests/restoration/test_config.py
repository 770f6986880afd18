"""What settings of the inverse are refused, and that none can be written to."""

from dataclasses import FrozenInstanceError

import pytest

from blindsr.restoration.config import AdaptiveConfig, InverseConfig, LinearConfig, RoundsConfig
from srbase.errors import InputError


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"weight": 0.0}, "inverse weight is 0.0; wanted a number over 0"),
        ({"weight": float("nan")}, "inverse weight is nan"),
        ({"weight": float("inf")}, "inverse weight is inf"),
        ({"radii": ()}, "inverse radii are"),
        ({"radii": (0, 16)}, "inverse radii are"),
        ({"tail": 0.0}, "inverse tail is 0.0; wanted a share of 1"),
        ({"tail": 1.0}, "inverse tail is 1.0"),
    ],
)
def test_a_linear_inverse_that_is_none(wrong, message):
    with pytest.raises(InputError, match=message):
        LinearConfig(**wrong)


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"steps": 0}, {"strength": 0.0}])
def test_rounds_that_are_none(wrong):
    with pytest.raises(InputError, match=f"adaptive {next(iter(wrong))}"):
        RoundsConfig(**({"rounds": 1, "steps": 1, "strength": 1.0} | wrong))


@pytest.mark.parametrize("wrong", [{"floor": 0.0}, {"blur": float("nan")}, {"doubt": -1.0}])
def test_an_adaptive_inverse_that_is_none(wrong):
    with pytest.raises(InputError, match=f"adaptive {next(iter(wrong))}"):
        AdaptiveConfig(**wrong)


@pytest.mark.parametrize("settings", [LinearConfig(), AdaptiveConfig(), InverseConfig()])
def test_settings_are_frozen(settings):
    with pytest.raises(FrozenInstanceError):
        settings.doubt = 1.0
