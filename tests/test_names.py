"""The names that the command line offers are those that there are."""

from typing import get_args

from blindsr.configuration import ESTIMATORS, PRESETS
from blindsr.io.kernel_layouts import LAYOUTS
from blindsr.names import EstimatorName, Layout, PresetName


def test_presets():
    assert set(get_args(PresetName)) == set(PRESETS)


def test_each_kind_of_estimator_has_a_name():
    offered = [type(ESTIMATORS[name]) for name in get_args(EstimatorName)]
    assert len(offered) == len(set(offered))
    assert set(offered) == {type(config) for config in ESTIMATORS.values()}


def test_layouts():
    assert set(get_args(Layout)) == set(LAYOUTS)
