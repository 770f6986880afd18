"""On how many images ours is better."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.reports import wins
from benchmarks.reports.results import chosen
from benchmarks.reports.wins import compare
from tests.benchmarks.reports.made_rows import results, with_ours


def test_wins_count_ties_apart():
    index = list("abcdef")
    ours = pd.Series([30.0, 30.0, 30.0, 30.0, 30.0, np.nan], index)
    other = pd.Series([29.0, 29.5, 30.004, 31.0, np.nan, 1.0], index)
    found = compare(ours, other, 0.005)
    assert (found.n, found.wins, found.ties, found.losses, found.left_out) == (4, 2, 1, 1, 2)
    assert found.win_pct == 50.0
    assert found.mean_delta == pytest.approx((1 + 0.5 - 0.004 - 1) / 4)
    assert found.p_value == pytest.approx(1.0)


def test_sign_test_is_exact():
    ours, other = pd.Series([1.0] * 10), pd.Series([0.0] * 9 + [2.0])
    assert compare(ours, other, 0.005).p_value == pytest.approx(2 * (1 + 10) / 2**10)
    assert compare(ours, ours, 0.005).p_value == 1.0


def test_wins_of_a_data_set(whole):
    frame = wins.wins(chosen(whole)[0])
    edsr = frame[(frame["baseline"] == "EDSR+") & (frame["metric"] == "psnr_y") & (frame["scale"] == 2)]
    assert edsr[["n", "wins", "losses", "win_pct"]].to_numpy().tolist() == [[3, 3, 0, 100.0]]


@pytest.mark.slow
def test_ours_is_the_default_preset_where_it_ran(tmp_path):
    found = chosen(results(tmp_path / "r.csv", with_ours()))[0]
    assert (found.ours, found.subjects) == ("blindsr", ["blindsr", "kernelgan+zssr"])
    frame = wins.wins(found)
    assert set(frame["method"]) == {"blindsr", "kernelgan+zssr"}
    both = frame[(frame["metric"] == "psnr_y") & (frame["scale"] == 2)].set_index(["method", "baseline"])
    assert both.loc[("blindsr", "kernelgan+zssr"), "wins"] == 3
    assert both.loc[("kernelgan+zssr", "blindsr"), "losses"] == 3
    paths = wins.write(found, tmp_path)
    assert "## kernelgan+zssr" in paths[1].read_text()
