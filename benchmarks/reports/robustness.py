"""How far the program holds: gains by kernel family, noise and JPEG quality; a data set for each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.data.protocols import PROTOCOLS
from benchmarks.reports.figure import drawn
from benchmarks.reports.results import Chosen
from benchmarks.reports.summary import summary
from benchmarks.reports.tables import (
    EMPTY,
    PLUS,
    cell,
    footnotes,
    markdown_table,
    span,
    write_csv,
    write_text,
)
from srbase.errors import InputError

METHODS: Final = (
    "zssr-bicubic",
    "kernelgan+zssr",
    "blindsr-instant",
    "blindsr",
    "blindsr-real",
    "blindsr-off",
    "blindsr-instant-off",
    "blindsr-gt",
)
COLOURS: Final = {
    "zssr-bicubic": "#94a3b8",
    "kernelgan+zssr": "#475569",
    "blindsr-instant": "#f0a87f",
    "blindsr": "#c2410c",
    "blindsr-real": "#7c3aed",
    "blindsr-off": "#0369a1",
    "blindsr-instant-off": "#7dd3fc",
    "blindsr-gt": "#15803d",
}


def write_all(results: Sequence[Chosen], out: Path) -> list[Path]:
    """``robustness`` as CSV, Markdown and PNG: each data set is a line, in the order of the protocols."""
    order = {name: place for place, name in enumerate(PROTOCOLS)}
    results = sorted(results, key=lambda found: order.get(found.dataset, len(order)))
    frame = pd.concat([summary(found, ()) for found in results], ignore_index=True)
    frame = frame[frame["gain_over_bicubic"].notna()]
    names = [name for name in METHODS if (frame["method"] == name).any()]
    if not names:
        raise InputError("no data set has a bicubic row and one to compare with it; wanted both")
    blocks = ["# Gains over bicubic interpolation, by how LR was made"]
    for scale in sorted(set(frame["scale"])):
        here = frame[frame["scale"] == scale]
        blocks += [f"## x{scale}", _means(here, names)]
        blocks += [f"### Intervals of the means, x{scale}", _table(here, names, _interval)]
        blocks += [f"### Worst photograph, x{scale}", _table(here, names, _worst)]
    quick = ", at QUICK SETTINGS (few steps)" if results[0].settings == "quick" else ""
    blocks.append(
        f"Mean PSNR-Y over bicubic interpolation, dB{quick}. `blindsr-real` is `--real on`, "
        "`-off` is `--real off`. Intervals are 95 % of a bootstrap over images."
    )
    blocks += [f"{found.dataset}:\n\n{footnotes(found)}" for found in results if found.failed]
    together = replace(results[0], good=pd.concat([found.good for found in results]), failed=())
    blocks.append(footnotes(together))
    stem = out / "robustness"
    return [
        write_csv(stem.with_suffix(".csv"), frame),
        write_text(stem.with_suffix(".md"), *blocks),
        _picture(stem.with_suffix(".png"), frame, names),
    ]


def _means(frame: pd.DataFrame, names: Sequence[str]) -> str:
    lines = []
    for dataset in dict.fromkeys(frame["dataset"]):
        here = frame[frame["dataset"] == dataset].set_index("method")
        base = here["psnr_y_mean"].get("bicubic")
        gains = [cell(here["gain_over_bicubic"].get(name), PLUS) for name in names]
        least, most = int(here["n"].min()), int(here["n"].max())
        lines.append([dataset, f"{most}" if least == most else f"{least} to {most}", cell(base), *gains])
    return markdown_table(["LR made by", "images", "bicubic PSNR", *names], lines)


def _table(frame: pd.DataFrame, names: Sequence[str], shown: Callable[[pd.Series], str]) -> str:
    """One cell a data set and method that has a row."""
    lines = []
    for dataset in dict.fromkeys(frame["dataset"]):
        here = frame[frame["dataset"] == dataset].set_index("method")
        lines.append([dataset, *(shown(here.loc[name]) if name in here.index else EMPTY for name in names)])
    return markdown_table(["LR made by", *names], lines)


def _interval(row: pd.Series) -> str:
    return span(row["gain_low"], row["gain_high"])


def _worst(row: pd.Series) -> str:
    return cell(row["gain_worst"], PLUS)


def _picture(path: Path, frame: pd.DataFrame, names: Sequence[str]) -> Path:
    scales = sorted(set(frame["scale"]))
    datasets = list(dict.fromkeys(frame["dataset"]))
    with drawn(path, (max(7.0, 1.5 + 0.9 * len(datasets)), 3.4 * len(scales))) as figure:
        for axes, scale in zip(figure.subplots(len(scales), 1, squeeze=False)[:, 0], scales, strict=True):
            here = frame[frame["scale"] == scale]
            width = 0.8 / len(names)
            for place, name in enumerate(names):
                gains = here[here["method"] == name].set_index("dataset")["gain_over_bicubic"]
                xs = [i + (place - (len(names) - 1) / 2) * width for i in range(len(datasets))]
                values = [gains.get(dataset, float("nan")) for dataset in datasets]
                axes.bar(xs, values, width=0.9 * width, color=COLOURS[name], label=name)
            axes.set_xticks(range(len(datasets)), datasets, fontsize=8)
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set_ylabel("PSNR over bicubic, dB", fontsize=9)
            axes.set_title(f"x{scale}", fontsize=10, loc="left")
            axes.legend(fontsize=7, frameon=False, ncols=len(names))
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
    return path
