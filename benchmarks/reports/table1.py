"""Table 1 of the paper: methods by scale, with the published values beside ours."""

import math
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.methods.combination import CROSSES
from benchmarks.methods.trained import is_trained
from benchmarks.methods.zero_shot import ABLATIONS
from benchmarks.reports.figure import bars, colour, drawn
from benchmarks.reports.published import INDEPENDENT, TABLE_1, Published
from benchmarks.reports.results import Chosen
from benchmarks.reports.summary import published_gain, summary
from benchmarks.reports.tables import (
    PLUS,
    cell,
    footnotes,
    markdown_table,
    sources,
    span,
    write_csv,
    write_text,
)

HEAD = (
    *("method", "images", "runs", "PSNR", "SSIM", "over bicubic", "95 %", "below true kernel"),
    *("published PSNR", "published SSIM", "published over bicubic"),
)


def write(results: Chosen, out: Path) -> list[Path]:
    """``table1-DATASET`` as CSV, Markdown and PNG."""
    published = results.comparable(TABLE_1)
    results, frame = table(results)
    stem = out / f"table1-{results.dataset}"
    blocks = [f"# Table 1: {results.title}"]
    for scale in results.scales:
        blocks += [f"## x{scale}", _markdown(frame[frame["scale"] == scale], scale, published, results.ours)]
    if published:
        text = (
            "Published values are of DIV2KRK (100 images, mean of 5 runs); on other images only the gains and"
        )
        blocks += [f"{text} distances compare. {INDEPENDENT}", sources(published)]
    blocks += ["95 %: the bootstrap interval of the gain, over images.", footnotes(results)]
    return [
        write_csv(stem.with_name(stem.name + ".csv"), frame),
        write_text(stem.with_name(stem.name + ".md"), *blocks),
        _picture(stem.with_name(stem.name + ".png"), results, frame),
    ]


def table(results: Chosen) -> tuple[Chosen, pd.DataFrame]:
    """The rows that the table is of, and the table, a row for each method and scale: see
    :func:`benchmarks.reports.summary.summary`. Raises InputError where methods miss images."""
    shown = [name for name in results.methods if name not in (*ABLATIONS, *CROSSES)]
    results = results.compared(*shown)
    frame = summary(results, results.comparable(TABLE_1))  # the crosses too: they are bounds of others
    results = results.only(*shown)
    return results, frame[frame["method"].isin(results.methods)]


def _markdown(frame: pd.DataFrame, scale: int, published: Sequence[Published], ours: str) -> str:
    found = frame.to_dict("records")
    rows = [_cells(row, ours) for row in found if not is_trained(str(row["method"]))]
    trained = [_cells(row, ours) for row in found if is_trained(str(row["method"]))]
    if trained:
        rows += [_divider("trained on other photographs"), *trained]
    have, others = set(frame["method"]), []
    for entry in published:
        if entry.scale == scale and not have.intersection(entry.methods):
            gain = cell(published_gain(entry, published), PLUS)
            none = [cell(None)] * 7
            others.append([f"_{entry.words}_", *none, cell(entry.psnr), cell(entry.ssim, ".4f"), gain])
    if others:
        rows += [_divider("published, on other images"), *others]
    width = len(HEAD) if published else len(HEAD) - 3
    return markdown_table(HEAD[:width], [row[:width] for row in rows])


def _divider(words: str) -> list[str]:
    """A row that heads a group of the table."""
    return [f"*{words}:*", *[""] * (len(HEAD) - 1)]


def _cells(row: dict[Hashable, Any], ours: str) -> list[str]:
    sd = "" if math.isnan(row["psnr_y_sd"]) else f" ± {row['psnr_y_sd']:.2f}"
    ssim_sd = "" if math.isnan(row["ssim_y_sd"]) else f" ± {row['ssim_y_sd']:.4f}"
    bold = "**" if row["method"] == ours else ""
    return [
        f"{bold}{row['method']}{bold}",
        f"{row['n']}" + (f" ({row['failed']} failed)" if row["failed"] else ""),
        f"{row['runs']}",
        cell(row["psnr_y_mean"]) + sd,
        cell(row["ssim_y_mean"], ".4f") + ssim_sd,
        cell(row["gain_over_bicubic"], PLUS),
        cell(None) if row["method"] == "bicubic" else span(row["gain_low"], row["gain_high"]),
        cell(row["below_true_kernel"]),
        cell(row["published_psnr"]),
        cell(row["published_ssim"], ".4f"),
        cell(row["published_gain"], PLUS),
    ]


def _picture(path: Path, results: Chosen, frame: pd.DataFrame) -> Path:
    gains = frame[frame["gain_over_bicubic"].notna() & (frame["method"] != "bicubic")]
    column, unit = "gain_over_bicubic", "PSNR over bicubic interpolation, dB"
    if gains.empty:  # without a bicubic row there is no gain to show
        gains, column, unit = frame[frame["psnr_y_mean"].notna()], "psnr_y_mean", "PSNR, dB"
    elif gains["published_gain"].notna().any():
        unit += "; diamonds: published, DIV2KRK"
    scales = [scale for scale in results.scales if (gains["scale"] == scale).any()] or results.scales
    tallest = max((int((gains["scale"] == scale).sum()) for scale in scales), default=1)
    with drawn(path, (7.5 * len(scales), 1.4 + 0.42 * max(tallest, 2))) as figure:
        for axes, scale in zip(figure.subplots(1, len(scales), squeeze=False)[0], scales, strict=True):
            here = gains[gains["scale"] == scale].to_dict("records")
            published = [row["published_gain"] if column != "psnr_y_mean" else None for row in here]
            bars(
                axes,
                [row["method"] for row in here],
                [row[column] for row in here],
                colours=[colour(row["method"], results.ours) for row in here],
                labels=[
                    f"{row[column]:+.2f}   ({row['psnr_y_mean']:.2f} dB, SSIM {row['ssim_y_mean']:.3f})"
                    for row in here
                ],
                marks=[None if value is None or math.isnan(value) else value for value in published],
            )
            axes.set_xlabel(unit, fontsize=9)
            count = max((row["n"] for row in here), default=0)
            axes.set_title(f"{results.title}, x{scale}, {count} images", fontsize=10, loc="left")
    return path
