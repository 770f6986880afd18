"""Gains by how LR was made."""

import pytest

from benchmarks.reports import robustness
from benchmarks.reports.results import chosen
from srbase.errors import InputError
from tests.benchmarks.reports.made_rows import results, rows


def test_robustness_wants_something_to_compare(tmp_path):
    path = results(tmp_path / "r.csv", [row for row in rows() if row.method == "bicubic"])
    with pytest.raises(InputError, match="no data set has a bicubic row and one to compare"):
        robustness.write_all(chosen(path), tmp_path)
