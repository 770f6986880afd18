"""Methods against one reference method, scale by scale: the table and bars of Fig. A and Fig. C."""

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from benchmarks.reports.figure import bars, colour, drawn
from benchmarks.reports.published import Published
from benchmarks.reports.results import Chosen
from benchmarks.reports.summary import paired_gain, published_for, summary
from benchmarks.reports.tables import (
    PLUS,
    cell,
    footnotes,
    markdown_table,
    sources,
    write_csv,
    write_text,
)


def write_against(
    results: Chosen,
    stem: Path,
    *,
    title: str,
    reference: str,
    published: Sequence[Published],
    words: Mapping[str, str],
) -> list[Path]:
    """``stem`` as CSV, Markdown and PNG: each method's mean and what it loses against ``reference``."""
    published = results.comparable(published)
    frame = _frame(results, reference, published)
    paths = [
        write_csv(stem.with_name(stem.name + ".csv"), frame),
        _text(stem.with_name(stem.name + ".md"), results, frame, title, words, published),
    ]
    picture = stem.with_name(stem.name + ".png")
    with drawn(picture, (7.5 * len(results.scales), 1.5 + 0.42 * max(len(results.methods), 2))) as figure:
        panels = figure.subplots(1, len(results.scales), squeeze=False)[0]
        for axes, scale in zip(panels, results.scales, strict=True):
            _panel(axes, results, frame[frame["scale"] == scale], words)
            more = "; diamonds: published" if published else ""
            axes.set_xlabel(f"PSNR against {words[reference]}, dB{more}", fontsize=9)
            axes.set_title(f"{title}\n{results.title}, x{scale}", fontsize=10, loc="left")
    return [*paths, picture]


def _frame(results: Chosen, reference: str, published: Sequence[Published]) -> pd.DataFrame:
    """The summary, with what each method has over the reference, measured and published."""
    frame = summary(results, published)
    pairs = [(str(m), int(s)) for m, s in zip(frame["method"], frame["scale"], strict=True)]
    frame["reference"] = reference
    frame["over_reference"] = [paired_gain(results, method, reference, scale) for method, scale in pairs]
    frame["published_over_reference"] = [
        _difference(*(published_for(name, scale, published) for name in (method, reference)))
        for method, scale in pairs
    ]
    return frame


def _text(
    path: Path,
    results: Chosen,
    frame: pd.DataFrame,
    title: str,
    words: Mapping[str, str],
    published: Sequence[Published],
) -> Path:
    """Markdown: a table for each scale."""
    reference = str(frame["reference"].iloc[0])
    head = ["", "images", "PSNR", "SSIM", "kernel PSNR", f"against {words[reference]}"]
    head += ["published PSNR", "published SSIM", "published difference"] if published else []
    blocks = [f"# {title}: {results.title}"]
    for scale in results.scales:
        rows = frame[frame["scale"] == scale].to_dict("records")
        lines = [_line(row, words)[: len(head)] for row in rows]
        blocks += [f"## x{scale}", markdown_table(head, lines)]
    return write_text(path, *blocks, sources(published), footnotes(results))


def _line(row: Mapping[Hashable, Any], words: Mapping[str, str]) -> list[str]:
    return [
        words.get(row["method"], row["method"]),
        str(row["n"]) + (f" ({row['failed']} failed)" if row["failed"] else ""),
        cell(row["psnr_y_mean"]),
        cell(row["ssim_y_mean"], ".4f"),
        cell(row["kernel_psnr_mean"]),
        cell(row["over_reference"], PLUS),
        cell(row["published_psnr"]),
        cell(row["published_ssim"], ".3f"),
        cell(row["published_over_reference"], PLUS),
    ]


def _panel(axes: Axes, results: Chosen, frame: pd.DataFrame, words: Mapping[str, str]) -> None:
    """A bar for each method, what it has over the reference; a diamond where that was published."""
    here = frame[frame["over_reference"].notna()].to_dict("records")
    marks = [row["published_over_reference"] for row in here]
    bars(
        axes,
        [words.get(row["method"], row["method"]) for row in here],
        [row["over_reference"] for row in here],
        colours=[colour(row["method"], results.ours) for row in here],
        labels=[f"{row['over_reference']:+.2f}   ({row['psnr_y_mean']:.2f} dB)" for row in here],
        marks=[None if math.isnan(mark) else mark for mark in marks],
    )


def _difference(a: Published | None, b: Published | None) -> float:
    return float("nan") if a is None or b is None else a.psnr - b.psnr
