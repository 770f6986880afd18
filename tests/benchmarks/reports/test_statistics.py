"""How sure the tables are: intervals, the sign test, comparisons that are refused, real pairs."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.cli import main
from benchmarks.ledger import Ledger
from benchmarks.reports import published_real, real, table1, wins
from benchmarks.reports.results import chosen
from benchmarks.reports.statistics import mean_over_images, sign_test
from benchmarks.reports.summary import summary
from benchmarks.rows import Row
from srbase.errors import InputError

DRAWN = 0.12  # of a standard error: 9,999 resamples, and percentiles where the normal law has quantiles
GAINS = {"bicubic": 0.0, "zssr-bicubic": 0.4, "kernelgan+zssr": 1.5, "blindsr": 2.5, "gt+zssr": 3.5}


def rows(images=8, settings="paper", scale=2, dataset="kodak", without=()):
    """Gains that grow with the image's number, by a tenth of a dB; ``without``: (method, image)."""
    for method, gain in GAINS.items():
        for image in range(1, images + 1):
            if (method, image) not in without:
                psnr = 28 + image + gain * (1 + image / 10)
                yield Row(
                    dataset=dataset,
                    image=f"im_{image}",
                    scale=scale,
                    method=method,
                    run=1,
                    seed=0,
                    psnr_y=psnr,
                    ssim_y=psnr / 40,
                    niqe=9 - gain,
                    device="cpu",
                    version="0.1.0",
                    settings_hash=f"{settings}:rcan:{'aaaaaa' if 'zssr' in method else '-'}:-",
                )


def written(path, made):
    with Ledger(path) as ledger:
        for row in made:
            ledger.append(row)
    return path


def test_the_interval_is_that_of_the_mean():
    values = np.random.default_rng(0).normal(1.0, 2.0, 400)
    found = mean_over_images(values)
    error = values.std(ddof=1) / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=DRAWN * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=DRAWN * error)
    assert mean_over_images(values) == found


def test_few_values_have_no_interval():
    assert mean_over_images([2.0]).value == 2.0
    assert math.isnan(mean_over_images([2.0, math.inf]).low)
    assert math.isnan(mean_over_images([]).value)


def test_the_sign_test():
    assert sign_test(8, 0) == pytest.approx(2 / 2**8)
    assert sign_test(3, 3) == 1.0
    assert sign_test(0, 0) == 1.0


def test_gains_have_intervals(tmp_path):
    found = chosen(written(tmp_path / "r.csv", rows()))[0]
    ours = summary(found, ()).set_index("method").loc["blindsr"]
    assert ours["gain_over_bicubic"] == pytest.approx(2.5 * 1.45)
    assert 2.5 * 1.1 < ours["gain_low"] < ours["gain_over_bicubic"] < ours["gain_high"] < 2.5 * 1.8
    assert ours["niqe_mean"] == pytest.approx(6.5)
    text = table1.write(found, tmp_path)[1].read_text()
    assert f"{ours['gain_low']:+.2f} to {ours['gain_high']:+.2f}" in text
    frame = wins.wins(found).set_index(["method", "baseline", "metric"])
    against = frame.loc[("blindsr", "kernelgan+zssr", "psnr_y")]
    assert (against["wins"], against["p_value"]) == (8, pytest.approx(2 / 2**8))
    assert against["mean_low"] < against["mean_delta"] < against["mean_high"]


@pytest.mark.parametrize("report", ["table1", "wins", "real"])
def test_a_comparison_on_other_images_is_refused(tmp_path, report, capsys):
    path = written(tmp_path / "r.csv", rows(without=[("blindsr", 3), ("gt+zssr", 5)]))
    command = [report, "--results", str(path), "--out", str(tmp_path / "t")]
    assert main(command) == 1
    assert "kodak x2: blindsr has no row of im_3, which others have" in capsys.readouterr().err
    assert main([*command, "--common"]) == 0
    assert "| 6 |" in (tmp_path / "t" / f"{report}-kodak.md").read_text()


def test_a_method_without_any_image_does_not_forbid_the_others(tmp_path):
    made = [row.failed("not installed") if row.method == "zssr-bicubic" else row for row in rows()]
    made = [Row(**{**vars(r), "psnr_y": None, "ssim_y": None}) if r.status != "ok" else r for r in made]
    found = chosen(written(tmp_path / "r.csv", made))[0]
    text = table1.write(found, tmp_path)[1].read_text()
    assert "| zssr-bicubic | 0 (8 failed) |" in text


def test_the_table_of_real_pairs(tmp_path):
    found = chosen(written(tmp_path / "r.csv", rows(scale=4, dataset="realsr")))[0]
    paths = real.write(found, tmp_path)
    text = paths[1].read_text()
    ours = next(line for line in text.splitlines() if line.startswith("| blindsr |"))
    assert "| +3.62 |" in ours
    assert "| 8 (100 %) | 0.0078 |" in ours
    assert ours.endswith("| 6.50 |")
    assert "| _OSEDiff_ (published) | - | - | - | - | - | 25.15 | 0.7341 | 5.65 |" in text
    assert text.count("not re-read at the source") == 1
    frame = pd.read_csv(paths[0]).set_index("method")
    assert frame.loc["blindsr", "win_pct"] == 100
    with pytest.raises(InputError, match="no rows beside bicubic"):
        real.write(found.only("bicubic"), tmp_path)


def test_published_values_of_real_sets_stand_by_the_name():
    assert [entry.psnr for entry in real.published_for("drealsr-30")][:2] == [28.75, 28.64]
    assert real.published_for("kodak") == []
    assert all(entry.niqe and entry.source for entry in published_real.REAL)
