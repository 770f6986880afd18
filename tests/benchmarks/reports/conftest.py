"""A results file with every method of the papers, and figures that are quick to draw."""

import pytest

from benchmarks.reports import figure
from tests.benchmarks.reports.made_rows import results, rows


@pytest.fixture(autouse=True)
def coarse_figures(monkeypatch):
    """Few dots an inch: quick, and all there to be seen whether something is drawn."""
    monkeypatch.setattr(figure, "DOTS_PER_INCH", 30)


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch):
    """A results file of a test need not outlive a failure of power, which its every row would wait for."""
    monkeypatch.setattr("benchmarks.ledger.os.fsync", lambda file: None)


@pytest.fixture
def whole(tmp_path):
    return results(tmp_path / "r.csv", rows())
