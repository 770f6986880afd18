"""The names that the command line offers are those that there are."""

from typing import get_args

from blindsr.configuration import ESTIMATORS, PRESETS
from blindsr.io.kernel_layouts import LAYOUTS
from blindsr.names import EstimatorName, Layout, PresetName


def test_presets():
    assert set(get_args(PresetName)) == set(PRESETS)


def test_estimators():
    assert set(get_args(EstimatorName)) <= set(ESTIMATORS)


def test_layouts():
    assert set(get_args(Layout)) == set(LAYOUTS)
