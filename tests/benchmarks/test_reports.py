"""Reports from a results file alone."""

import csv
import math
import zlib
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from benchmarks.cli import REPORTS, main
from benchmarks.kernel_store import KernelStore, estimate_key
from benchmarks.ledger import Ledger
from benchmarks.methods.combination import bound_of
from benchmarks.methods.zero_shot import ABLATIONS
from benchmarks.reports import ablation, accuracy, figure, kernels, published, robustness, table1, wins, zssr
from benchmarks.reports.results import chosen
from benchmarks.reports.summary import summary
from benchmarks.reports.wins import compare
from benchmarks.rows import Row
from blindsr.errors import InputError
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.photo import Photo, write_photo
from tests.benchmarks.bench_fakes import photograph, small_set

PSNR = {
    "bicubic": 28.0,
    "zssr-bicubic": 28.5,
    "EDSR+": 28.6,
    "kernelgan-paper+zssr": 29.5,
    "kernelgan+zssr": 30.0,
    "gt+zssr": 32.0,
    **dict.fromkeys(ABLATIONS, 29.0),
}


NETWORK, OTHER = "aaaaaaaa", "bbbbbbbb"
"""Fingerprints of networks."""


def kernel_of(method):
    """The last part of a row's label: where the kernel comes from."""
    if method.startswith("kernelgan"):
        name = method.removeprefix("kernelgan").removesuffix("+zssr").removeprefix("-") or "paper"
        return f"{name}-{fingerprint_of(name)}"
    return {"gt+zssr": "true", "zssr-bicubic": "bicubic"}.get(method, "-")


def fingerprint_of(name):
    return f"{zlib.crc32(name.encode()):08x}"


def rows(settings="paper", dataset="kodak", images=3, runs=2, scales=(2, 4), **more):
    for scale in scales:
        for method, psnr in PSNR.items():
            for image in range(1, images + 1):
                for run in range(1, runs + 1):
                    network = "-" if method in {"bicubic", "EDSR+"} else NETWORK
                    value = psnr + image + (0.1 if run == 2 else 0.0) - 3 * (scale == 4)
                    yield Row(
                        dataset=dataset,
                        image=f"im_{image}",
                        scale=scale,
                        method=method,
                        run=run,
                        seed=run - 1,
                        psnr_y=value,
                        ssim_y=value / 40,
                        psnr_rgb=value - 1,
                        ssim_rgb=value / 42,
                        lr_psnr=45.0,
                        kernel_psnr=40.0 if method.startswith("kernelgan") else None,
                        shift_y=0.0,
                        shift_x=0.0,
                        sr_seconds=2.0,
                        device="cpu",
                        version="0.1.0",
                        settings_hash=f"{settings}:rcan:{network}:{kernel_of(method)}",
                        **more,
                    )


def results(path, made):
    with Ledger(path) as ledger:
        for row in made:
            ledger.append(row)
    return path


def lay(store, estimator):
    """A kernel for im_1 where the estimator of this fingerprint would lay it, of seed 0."""
    path = store.path("im_1", estimate_key(estimator, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, SRKernel.bicubic(2).array)
    path.with_suffix(".json").write_text('{"seconds": 1.0}')


@pytest.fixture(autouse=True)
def coarse_figures(monkeypatch):
    """Few dots an inch: quick, and all there to be seen whether something is drawn."""
    monkeypatch.setattr(figure, "DOTS_PER_INCH", 30)


@pytest.fixture
def whole(tmp_path):
    return results(tmp_path / "r.csv", rows())


def test_summary_means_over_runs(whole):
    frame = summary(chosen(whole)[0], published.TABLE_1).set_index(["method", "scale"])
    ours = frame.loc[("kernelgan+zssr", 2)]
    assert (ours["n"], ours["runs"]) == (3, 2)
    assert ours["psnr_y_mean"] == pytest.approx(30.0 + 2 + 0.05)
    assert ours["psnr_y_sd"] == pytest.approx(0.1 / math.sqrt(2))
    assert ours["gain_over_bicubic"] == pytest.approx(2.0)
    assert ours["below_true_kernel"] == pytest.approx(2.0)
    assert (ours["published_psnr"], ours["published_ssim"]) == (30.36, 0.8669)
    assert ours["published_gain"] == pytest.approx(30.36 - 28.73)


def test_gains_are_paired_and_failures_are_listed(tmp_path):
    made = [
        row.failed("out of memory") if (row.method, row.image) == ("kernelgan+zssr", "im_3") else row
        for row in rows(scales=(2,))
    ]
    made = [Row(**{**vars(r), "psnr_y": None, "ssim_y": None}) if r.status != "ok" else r for r in made]
    found = chosen(results(tmp_path / "r.csv", made))[0]
    ours = summary(found, ()).set_index("method").loc["kernelgan+zssr"]
    assert ours["gain_over_bicubic"] == pytest.approx(2.0)  # not the 1.5 of unpaired means
    assert (ours["n"], ours["failed"]) == (2, 2)
    text = table1.write(found, tmp_path)[1].read_text()
    assert "- failed: kernelgan+zssr, im_3, x2, run 1: out of memory" in text
    assert "means are over different numbers of images (2 to 3)" in text


def test_exact_images_are_left_out_of_means(tmp_path):
    made = [
        Row(**{**vars(r), "psnr_y": math.inf}) if (r.image, r.method) == ("im_3", "bicubic") else r
        for r in rows(scales=(2,), runs=1)
    ]
    frame = summary(chosen(results(tmp_path / "r.csv", made))[0], ()).set_index("method")
    assert frame.loc["bicubic", "psnr_y_mean"] == pytest.approx(29.5)
    assert frame.loc["bicubic", "exact"] == 1


@pytest.mark.parametrize("report", ["table1", "wins", "ablation", "bicubic", "zssr", "kernels"])
def test_every_report_writes_its_files(whole, tmp_path, report, capsys):
    store = KernelStore(tmp_path / "r.kernels", "kodak", 2)
    lay(store, fingerprint_of("paper"))
    store.keep_true("im_1", SRKernel.bicubic(2))
    assert main([report, "--results", str(whole), "--out", str(tmp_path / "t")]) == 0
    paths = capsys.readouterr().out.split()
    kinds = [path.rpartition(".")[2] for path in paths]
    assert kinds[:2] == ["csv", "md"]
    assert ("png" in kinds) == (report != "zssr")
    for path in paths:
        if path.endswith(".png"):
            pixels = np.asarray(Image.open(path).convert("L"))
            assert pixels.std() > 5, path  # something is drawn
        if path.endswith(".csv"):
            with open(path) as file:  # noqa: PTH123
                assert len(list(csv.reader(file))) > 1


def test_table_1_stands_beside_published_values(whole, tmp_path):
    text = table1.write(chosen(whole)[0], tmp_path)[1].read_text()
    ours = next(line for line in text.splitlines() if line.startswith("| **kernelgan+zssr**"))
    assert "32.05 ± 0.07" in ours
    assert "30.36 | 0.8669 | +1.63" in ours
    assert "_DualSR (zero-shot)_" in text
    assert "not re-read at the source" in text
    assert text.index("| bicubic |") < text.index("| EDSR+ |") < text.index("| **kernelgan+zssr**")
    assert "no-sparse" not in text


def test_quick_tables_say_so_and_carry_no_published_value(tmp_path):
    found = chosen(results(tmp_path / "r.csv", rows("quick")))[0]
    for module in (table1, ablation):
        text = module.write(found, tmp_path)[1].read_text()
        assert "QUICK SETTINGS" in text.splitlines()[0]
        assert "published" not in text.lower()
    assert pd.read_csv(tmp_path / "table1-kodak.csv")["published_psnr"].isna().all()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (f"quick:rcan:{NETWORK}:-", r"mixes settings in kodak: paper:rcan:.*, quick:rcan:"),
        (f"paper:vdsr:{NETWORK}:-", r"mixes protocols in kodak: paper:rcan:.*, paper:vdsr:"),
        (f"paper:rcan:{OTHER}:-", rf"mixes ZSSR settings in kodak: .*{NETWORK}.*{OTHER}"),
        ("nonsense", "has settings 'nonsense'; wanted SETTINGS:PROTOCOL:NETWORK:KERNEL"),
    ],
)
def test_mixed_tables_are_refused(tmp_path, other, message):
    odd = Row(dataset="kodak", image="im_9", scale=2, method="other", run=1, seed=0, settings_hash=other)
    path = results(tmp_path / "r.csv", [*rows(), odd])
    with pytest.raises(InputError, match=message):
        chosen(path)


def test_one_method_with_two_settings_is_refused(tmp_path):
    first = next(row for row in rows() if row.method == "kernelgan+zssr")
    odd = Row(**{**vars(first), "image": "im_9", "settings_hash": f"paper:rcan:{NETWORK}:paper-00000000"})
    with pytest.raises(InputError, match=r"mixes settings of kernelgan\+zssr"):
        chosen(results(tmp_path / "r.csv", [*rows(), odd]))


def test_each_data_set_has_its_table(tmp_path):
    path = results(tmp_path / "r.csv", [*rows(), *rows("quick", dataset="sample")])
    assert [one.dataset for one in chosen(path)] == ["kodak", "sample"]
    with pytest.raises(InputError, match="holds no rows of data set 'x'; it has kodak, sample"):
        chosen(path, "x")


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


def test_reports_without_their_rows_say_so(tmp_path):
    only = results(tmp_path / "r.csv", [row for row in rows() if row.method == "bicubic"])
    for report in sorted(set(REPORTS) - {"table1"}):
        assert main([report, "--results", str(only), "--out", str(tmp_path / "t")]) == 1, report
    assert main(["table1", "--results", str(only), "--out", str(tmp_path / "t")]) == 0


def test_published_rows_of_a_set():
    assert [entry.psnr for entry in zssr.published_for("Set5-bicubic")] == [37.37, 31.13]
    assert [entry.psnr for entry in zssr.published_for("set14")] == [33.00, 28.01]
    assert zssr.published_for("kodak") == []


def test_every_published_number_has_a_source():
    for entry in (*published.TABLE_1, *published.ABLATION, *published.BICUBIC, *published.ZSSR):
        assert entry.source
        assert 20 < entry.psnr < 40
    unread = {entry.words for entry in published.TABLE_1 if not entry.reread}
    assert "bicubic interpolation" in unread
    assert "KernelGAN + ZSSR" not in unread


OURS = {
    "blindsr-instant": (31.0, "spectral-11111111"),
    "blindsr": (32.5, "guided-22222222"),
    "blindsr-gt": (33.0, "true"),
    "bicubic+default": (28.4, "bicubic"),
}
"""PSNR, and the kernel's part of the label."""


def with_ours(**keys):
    made = list(rows(**keys))
    for row in made:
        yield row
        if row.method == "bicubic":
            for method, (psnr, kernel) in OURS.items():
                settings, protocol, *_ = row.settings_hash.split(":")
                label = f"{settings}:{protocol}:own-{fingerprint_of(method)}:{kernel}"
                more = {"method": method, "psnr_y": row.psnr_y + psnr - 28, "settings_hash": label}
                yield Row(**{**vars(row), **more})


def test_accuracy_is_over_the_images_that_all_have(tmp_path):
    made = [r for r in with_ours(runs=1) if (r.method, r.image, r.scale) != ("gt+zssr", "im_3", 2)]
    found = chosen(results(tmp_path / "r.csv", made))[0]
    cells = accuracy.table(found).set_index(["scale", "solver", "kernel"])
    true = cells.loc[(2, "kernel-aware ZSSR", "true kernel")]
    assert (true["n"], true["psnr_y"], true["gain"]) == (2, pytest.approx(33 + 1.5), pytest.approx(5.0))
    assert (2, "papers' ZSSR", "guided") not in cells.index
    assert cells.loc[(4, "papers' ZSSR", "true kernel"), "n"] == 3
    answers = accuracy.questions(found).set_index(["scale", "question"])
    bound = answers.loc[(2, "blind default against the papers' bound, true kernel + ZSSR")]
    assert (bound["n"], bound["left_out"]) == (2, 1)
    assert bound["mean_delta"] == pytest.approx(0.5)
    same = answers.loc[(2, "blind against the true kernel, same network")]
    assert (same["n"], same["worst_delta"], same["wins"]) == (3, pytest.approx(-0.5), 0)


def test_accuracy_and_robustness_write_their_files(tmp_path, capsys):
    made = [*with_ours(dataset="motion", runs=1), *with_ours(dataset="div2krk", runs=1)]
    path = results(tmp_path / "r.csv", made)
    assert main(["accuracy", "--results", str(path), "--out", str(tmp_path), "--dataset", "motion"]) == 0
    assert main(["robustness", "--results", str(path), "--out", str(tmp_path)]) == 0
    written = capsys.readouterr().out.split()
    assert sum(name.endswith(".png") for name in written) == 2
    for name in written:
        if name.endswith(".png"):
            assert np.asarray(Image.open(name).convert("L")).std() > 5
    text = (tmp_path / "accuracy-motion.md").read_text()
    assert "| kernel-aware ZSSR | 30.40 (+0.40) | - | - | 34.50 (+4.50) | 35.00 (+5.00) |" in text
    assert "| default against KernelGAN + ZSSR | 3 | +2.50 | +2.50 | +2.50 | 3 (100 %) | 0.25 |" in text
    text = (tmp_path / "robustness.md").read_text()
    assert text.index("| div2krk | 3 | 30.00 | +0.50 | +2.00 | +3.00 | +4.50 | +5.00 |") < text.index(
        "| motion"
    )


def test_accuracy_asks_the_images_of_several_data_sets_together(tmp_path, capsys):
    better = [
        Row(**{**vars(row), "psnr_y": row.psnr_y + 1.0}) if row.method == "blindsr" else row
        for row in with_ours(dataset="second", runs=1)
    ]
    path = results(tmp_path / "r.csv", [*with_ours(dataset="first", runs=1), *better])
    assert main(["accuracy", "--results", str(path), "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "accuracy-all.md") in capsys.readouterr().out.split()
    answers = pd.read_csv(tmp_path / "accuracy-all-answers.csv").set_index(["scale", "question"])
    same = answers.loc[(2, "blind against the true kernel, same network")]
    assert (same["dataset"], same["n"], same["wins"]) == ("all", 6, 3)  # -0.5 dB on three, +0.5 on three
    assert (same["mean_delta"], same["worst_delta"]) == (pytest.approx(0.0), pytest.approx(-0.5))


def test_robustness_wants_something_to_compare(tmp_path):
    path = results(tmp_path / "r.csv", [row for row in rows() if row.method == "bicubic"])
    with pytest.raises(InputError, match="no data set has a bicubic row and one to compare"):
        robustness.write_all(chosen(path), tmp_path)


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


def test_crops_show_what_was_kept(tmp_path, capsys):
    data = small_set(tmp_path / "set", 2)
    folder = tmp_path / "kept" / "set_x2" / "blindsr" / "run_1"
    folder.mkdir(parents=True)
    write_photo(folder / "im_2.png", Photo(photograph(2)))
    command = ["crops", "--data", str(data), "--kept", str(tmp_path / "kept"), "--out", str(tmp_path)]
    assert main([*command, "--methods", "bicubic", "blindsr"]) == 0
    picture = np.asarray(Image.open(capsys.readouterr().out.strip()).convert("L"))
    assert picture.shape[1] > 2 * picture.shape[0]  # one row of three: im_1 was not kept
    assert main([*command, "--methods", "bicubic", "gt+zssr"]) == 1
    assert "has no image of set x2 by all of gt+zssr" in capsys.readouterr().err


def test_the_gallery_shows_each_estimate_once(tmp_path, monkeypatch):
    made = list(with_ours(runs=1))
    label = f"paper:rcan:own-{OTHER}:{kernel_of('kernelgan+zssr')}"
    again = [
        Row(**{**vars(row), "method": "kernelgan+default", "settings_hash": label})
        for row in made
        if row.method == "kernelgan+zssr"
    ]
    found = chosen(results(tmp_path / "r.csv", [*made, *again]))[0]
    store = KernelStore(found.kernels, "kodak", 2)
    store.keep_true("im_1", SRKernel.bicubic(2))
    for finder in (fingerprint_of("paper"), "11111111", "22222222"):
        lay(store, finder)
    figures = []

    @contextmanager
    def kept(path, inches):
        figures.append(Figure())
        yield figures[-1]

    monkeypatch.setattr(kernels, "drawn", kept)
    (path,) = kernels.write_gallery(found, tmp_path / "kernels")
    assert path.name == "kernels-x2.png"
    lines = [axes.get_ylabel() for axes in figures[0].axes if axes.get_ylabel()]
    # of kernelgan+zssr, kernelgan-paper+zssr and kernelgan+default, which share it, the last
    assert lines == ["true", "kernelgan", "blindsr-instant", "blindsr"]


def test_the_bound_has_the_same_network(tmp_path):
    of = {"blindsr": "blindsr-gt", "spectral+default": "blindsr-gt", "blindsr-instant": "gt+instant"}
    assert {name: bound_of(name) for name in of} == of
    assert bound_of("kernelgan+zssr") == "gt+zssr"
    found = chosen(results(tmp_path / "r.csv", with_ours(runs=1)))[0]
    frame = summary(found, ()).set_index(["method", "scale"])
    assert frame.loc[("blindsr", 2), "below_true_kernel"] == pytest.approx(0.5)
    assert frame.loc[("kernelgan+zssr", 2), "below_true_kernel"] == pytest.approx(2.0)
    assert math.isnan(frame.loc[("blindsr-instant", 2), "below_true_kernel"])
    each = kernels.table(found).set_index(["method", "scale", "image"])
    assert each.loc[("blindsr", 2, "im_1"), "below_true_kernel"] == pytest.approx(0.5)


def test_crosses_stand_in_their_own_table(tmp_path):
    found = chosen(results(tmp_path / "r.csv", with_ours(runs=1)))[0]
    for report in (table1, wins):
        text = report.write(found, tmp_path)[1].read_text()
        assert "blindsr-instant" in text
        assert "bicubic+default" not in text
