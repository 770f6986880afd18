"""Fig. B of the rebuttal: on how many images is ours better, baseline by baseline?"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.methods.combination import CROSSES
from benchmarks.reports.figure import BOUND_COLOUR, BOUNDS, OTHER_COLOUR, OURS_COLOUR, TIE_COLOUR, drawn
from benchmarks.reports.results import Chosen
from benchmarks.reports.statistics import mean_over_images, sign_test
from benchmarks.reports.tables import PLUS, cell, footnotes, markdown_table, span, write_csv, write_text
from srbase.errors import InputError

TIES = {"psnr_y": 0.005, "ssim_y": 0.00005}
"""Differences that two decimals of dB, or four of SSIM, do not show."""

COLUMNS = (
    *("dataset", "scale", "method", "baseline", "metric", "n", "wins", "ties", "losses", "win_pct"),
    *("mean_delta", "mean_low", "mean_high", "median_delta", "p_value", "left_out"),
)


@dataclass(frozen=True)
class Comparison:
    """Ours against one baseline; ``left_out`` images are missing from one side. ``mean_low`` and
    ``mean_high``: the bootstrap interval of the mean."""

    n: int
    wins: int
    ties: int
    losses: int
    win_pct: float
    mean_delta: float
    mean_low: float
    mean_high: float
    median_delta: float
    p_value: float
    left_out: int


def compare(ours: "pd.Series[float]", baseline: "pd.Series[float]", tie: float) -> Comparison:
    """Image by image. A win is a difference over ``tie``; ties are no wins; p is the exact sign test
    (two-sided) over wins and losses.
    """
    delta = (ours - baseline).dropna()
    n, wins, losses = len(delta), int((delta > tie).sum()), int((delta < -tie).sum())
    left_out = int((ours.notna() ^ baseline.notna()).sum())
    mean, median = mean_over_images(delta.to_numpy(float)), float(delta.median()) if n else float("nan")
    percent = 100 * wins / n if n else float("nan")
    ties, p = n - wins - losses, sign_test(wins, losses)
    return Comparison(n, wins, ties, losses, percent, mean.value, mean.low, mean.high, median, p, left_out)


def wins(results: Chosen) -> pd.DataFrame:
    """Every comparison of a data set; a value is the mean over the runs. Raises InputError without ours."""
    if not results.subjects:
        raise InputError(
            f"{results.dataset} has no {results.ours} row that succeeded; wins compares it with others"
        )
    rows = []
    for metric, tie in TIES.items():
        table = results.per_image(metric)
        for method, scale in product(results.subjects, results.scales):
            if method not in table or scale not in table.index.get_level_values(0):
                continue
            here = table.loc[scale]
            for name in results.methods:
                if name == method or name not in here:
                    continue
                head = {"dataset": results.dataset, "scale": scale, "method": method, "baseline": name}
                found = compare(here[method], here[name], tie)
                if found.n:
                    rows.append({**head, "metric": metric, **asdict(found)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table(results: Chosen) -> tuple[Chosen, pd.DataFrame]:
    """The rows that are compared, and every comparison. Raises InputError where there is none."""
    results = results.only(*(name for name in results.methods if name not in CROSSES)).compared()
    frame = wins(results)
    if frame.empty:
        raise InputError(
            f"{results.dataset} has no method beside {results.ours}; wins compares it with others"
        )
    return results, frame


def write(results: Chosen, out: Path) -> list[Path]:
    """``wins-DATASET`` as CSV, Markdown and PNG."""
    results, frame = table(results)
    stem = out / f"wins-{results.dataset}"
    shown = frame[frame["metric"] == "psnr_y"]
    blocks = [f"# On how many images is ours better? {results.title}"]
    for method in results.subjects:
        blocks += [f"## {method}", _markdown(shown[shown["method"] == method])]
    blocks += [
        f"A win is a PSNR higher by more than {TIES['psnr_y']} dB; p is the exact two-sided sign test; "
        "95 % is the bootstrap interval of the mean over images.",
        footnotes(results),
    ]
    return [
        write_csv(stem.with_name(stem.name + ".csv"), frame),
        write_text(stem.with_name(stem.name + ".md"), *blocks),
        _picture(stem.with_name(stem.name + ".png"), results, shown),
    ]


def _markdown(frame: pd.DataFrame) -> str:
    head = [
        "against",
        "scale",
        "images",
        "wins",
        "ties",
        "losses",
        "wins %",
        "mean dB",
        "95 %",
        "median dB",
        "p",
    ]
    lines = [
        [
            row["baseline"],
            f"x{row['scale']}",
            *(str(row[name]) for name in ("n", "wins", "ties", "losses")),
            cell(row["win_pct"], ".0f"),
            cell(row["mean_delta"], PLUS),
            span(row["mean_low"], row["mean_high"]),
            cell(row["median_delta"], PLUS),
            cell(row["p_value"], ".2g"),
        ]
        for row in frame.to_dict("records")
    ]
    return markdown_table(head, lines)


def _picture(path: Path, results: Chosen, frame: pd.DataFrame) -> Path:
    """A panel for each of ours and each scale."""
    panels = [(name, scale) for name in results.subjects for scale in sorted(set(frame["scale"]))]
    groups = [frame[(frame["method"] == m) & (frame["scale"] == s)].to_dict("records") for m, s in panels]
    columns = len(set(frame["scale"]))
    tallest = max(len(group) for group in groups)
    size = (6.5 * columns, len(results.subjects) * (1.5 + 0.42 * max(tallest, 2)))
    with drawn(path, size) as figure:
        grid = figure.subplots(len(results.subjects), columns, squeeze=False)
        for axes, (method, scale), here in zip(grid.flat, panels, groups, strict=True):
            _panel(axes, here)
            images = max((row["n"] for row in here), default=0)
            title = f"{method} against each\n{results.title}, x{scale}, {images} images"
            axes.set_title(title, fontsize=10, loc="left")
    return path


def _panel(axes: Any, here: Sequence[Mapping[Hashable, Any]]) -> None:
    for place, row in enumerate(here):
        parts = (("wins", OURS_COLOUR), ("ties", TIE_COLOUR), ("losses", OTHER_COLOUR))
        left = 0.0
        for name, colour in parts:
            width = 100 * row[name] / row["n"]
            axes.barh(place, width, left=left, color=colour, height=0.62)
            left += width
        label = f" {row['win_pct']:.0f} %  ({row['mean_delta']:+.2f} dB, p = {row['p_value']:.2g})"
        axes.text(100, place, label, va="center", ha="left", fontsize=8)
    bounds = [row["baseline"] in BOUNDS for row in here]
    names = [row["baseline"] + (" (bound)" if bound else "") for row, bound in zip(here, bounds, strict=True)]
    axes.set_yticks(range(len(here)), names, fontsize=9)
    for text, bound in zip(axes.get_yticklabels(), bounds, strict=True):
        text.set_color(BOUND_COLOUR if bound else "black")
    axes.invert_yaxis()
    axes.axvline(50, color="black", linewidth=0.8, linestyle=":")
    axes.set_xlim(0, 148)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("% of the images: ours better (orange), equal, worse (grey)", fontsize=9)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
