"""The names that the command line offers are those that there are."""

from pathlib import Path
from typing import get_args

import pytest

from blindsr import api
from blindsr.configuration import ESTIMATORS, PRESETS
from blindsr.io.kernel_files import READERS, WRITERS
from blindsr.io.kernel_layouts import LAYOUTS
from blindsr.names import KERNELS_READ, KERNELS_WRITTEN, EstimatorName, Layout, PresetName

PAGES = Path(__file__).parents[1] / "docs"


def test_presets():
    assert set(get_args(PresetName)) == set(PRESETS)


def test_each_kind_of_estimator_has_a_name():
    offered = [type(ESTIMATORS[name]) for name in get_args(EstimatorName)]
    assert len(offered) == len(set(offered))
    assert set(offered) == {type(config) for config in ESTIMATORS.values()}


def test_layouts():
    assert set(get_args(Layout)) == set(LAYOUTS)


def test_kernel_files():
    assert tuple(READERS) == KERNELS_READ
    assert tuple(WRITERS) == KERNELS_WRITTEN


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        (api.read_kernel.__doc__, KERNELS_READ),
        (api.write_kernel.__doc__, KERNELS_WRITTEN),
        (api.estimate_kernel.__doc__, KERNELS_WRITTEN),
        ((PAGES / "python.md").read_text(), KERNELS_READ),
    ],
)
def test_pages_and_docstrings_name_each_ending_of_a_kernel_file(text, endings):
    assert [ending for ending in endings if f"`{ending}`" not in text] == []
