"""Pairs that cameras took: what each method gains over bicubic interpolation, and how natural it looks.

Beside them stand the published values of networks that were trained on thousands of photographs. NIQE asks
for no truth: the two columns measure different wishes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.reports.published import Published
from benchmarks.reports.published_real import REAL
from benchmarks.reports.results import Chosen
from benchmarks.reports.summary import summary
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
from benchmarks.reports.wins import TIES, compare
from srbase.errors import InputError

BASE: Final = "bicubic"
HEAD: Final = (*("method", "images", "over bicubic", "95 %", "better on", "p", "PSNR", "SSIM", "NIQE"),)


def write(results: Chosen, out: Path) -> list[Path]:
    """``real-DATASET`` as CSV and Markdown. Raises InputError where no method stands beside bicubic."""
    if BASE not in results.methods or len(results.methods) == 1:
        raise InputError(
            f"{results.dataset} has no rows beside bicubic; the table of real pairs compares them"
        )
    results = results.compared()
    published = () if results.settings == "quick" else published_for(results.dataset)
    frame = table(results)
    blocks = [f"# Real cameras: {results.title}"]
    for scale in results.scales:
        blocks += [f"## x{scale}", _markdown(frame[frame["scale"] == scale], scale, published)]
    blocks += [
        "Gains in PSNR-Y, dB; 95 % is the bootstrap interval over images, p the exact two-sided sign test of "
        "better against worse. NIQE: lower is better, and no truth is asked.",
        "Published values are of all crops of the set; ours may be some of them." if published else "",
        sources(published),
        footnotes(results),
    ]
    stem = out / f"real-{results.dataset}"
    return [
        write_csv(stem.with_name(stem.name + ".csv"), frame),
        write_text(stem.with_name(stem.name + ".md"), *blocks),
    ]


def table(results: Chosen) -> pd.DataFrame:
    """The summary's columns, and over bicubic: ``wins``, ``win_pct``, ``p_value`` (see ``wins``)."""
    frame, psnr = summary(results, ()), results.per_image("psnr_y")
    found = []
    for method, scale in zip(frame["method"], frame["scale"], strict=True):
        known = method in psnr and scale in psnr.index.get_level_values(0)
        here = psnr.loc[scale] if known else pd.DataFrame({method: [], BASE: []}, dtype=float)
        one = compare(here[method], here[BASE], TIES["psnr_y"])
        found.append({"wins": one.wins, "win_pct": one.win_pct, "p_value": one.p_value})
    return pd.concat([frame, pd.DataFrame(found, index=frame.index)], axis=1)


def published_for(dataset: str) -> Sequence[Published]:
    """The published rows of the data set whose name this one begins with."""
    return [entry for entry in REAL if dataset.lower().startswith(entry.data.lower())]


def _markdown(frame: pd.DataFrame, scale: int, published: Sequence[Published]) -> str:
    lines = []
    for row in frame.to_dict("records"):
        base = row["method"] == BASE
        lines.append(
            [
                str(row["method"]),
                str(row["n"]) + (f" ({row['failed']} failed)" if row["failed"] else ""),
                cell(None if base else row["gain_over_bicubic"], PLUS),
                span(None if base else row["gain_low"], row["gain_high"]),
                cell(None) if base else f"{row['wins']} ({cell(row['win_pct'], '.0f')} %)",
                cell(None if base else row["p_value"], ".2g"),
                cell(row["psnr_y_mean"]),
                cell(row["ssim_y_mean"], ".4f"),
                cell(row["niqe_mean"]),
            ]
        )
    for entry in published:
        if entry.scale == scale:
            none = [cell(None)] * 5
            figures = [cell(entry.psnr), cell(entry.ssim, ".4f"), cell(entry.niqe)]
            lines.append([f"_{entry.words}_ (published)", *none, *figures])
    return markdown_table(HEAD, lines)
