"""From a results file to ``results.html`` and the folder of pictures beside it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from benchmarks.data.layout import natural
from benchmarks.page.dots import dots
from benchmarks.page.groups import GROUPS, WORDS, group_of, meaning_of
from benchmarks.page.looks import Look, Shelf
from benchmarks.page.marks import Mark, marks_of
from benchmarks.reports import table1, wins
from benchmarks.reports.results import Chosen
from benchmarks.reports.tables import EMPTY, cell, span
from benchmarks.rows import Row
from blindsr.io import atomic
from blindsr.report.templating import render
from srbase.errors import InputError

HERE: Final = Path(__file__).parent
PAGE, FILES = "results.html", "results-files"
MOST_NAMED: Final = 3
"""Data sets in the title."""
BASE: Final = "bicubic"
"""The method over which gains are counted."""


@dataclass(frozen=True)
class Place:
    """One image in the page: its figures by method, and what there is to see of it."""

    key: str
    image: str
    values: Mapping[str, Mapping[str, Any]]
    look: Look


@dataclass(frozen=True)
class Panel:
    """The images of a data set at a scale.

    Attributes:
        dataset: its name.
        scale: 2 or 4.
        figure: every image's values as points.
        methods: in the order of their kinds.
        places: the images.
        gain: whether values are over BASE or PSNR itself.
        ours: the method that is looked at first.
        summary: means, a row a method.
        comparisons: ours against each other method.
    """

    dataset: str
    scale: int
    figure: Markup
    methods: Sequence[str]
    places: Sequence[Place]
    gain: bool
    ours: str
    summary: Sequence[Mapping[str, Any]]
    comparisons: Sequence[Mapping[str, Any]]

    @property
    def published(self) -> bool:
        """Whether there is a published value of any method."""
        return any(cell(row["published_psnr"]) != EMPTY for row in self.summary)


def write(
    found: Sequence[Chosen], out: Path, sets: Sequence[Path] = (), kept: Path | None = None
) -> list[Path]:
    """``results.html`` in the folder ``out``, and ``results-files`` beside it.

    found: as :func:`benchmarks.reports.results.chosen` gives them. sets: data sets, and kept: the folder
    that 'run --keep' filled, for the crops. Raises InputError where a table cannot be made.
    """
    shelf = Shelf(out / FILES, {path.resolve().name: path for path in sets}, kept)
    methods = _in_order(name for results in found for name in results.methods)
    first = list(dict.fromkeys(results.ours for results in found))  # the same colour on every page
    marks = marks_of([*first, *(name for name in methods if name not in (BASE, *first))])
    panels = [
        _panel(results, scale, marks, shelf, _rows(table1.table(results)[1]), _comparisons(results))
        for results in found
        for scale in sorted({int(scale) for scale in results.good["scale"]})
    ]
    failed = [row for results in found for row in results.failed]
    text = render(
        "results.html.j2",
        besides=HERE,
        pictures_from="data: file: 'self'",
        title=", ".join(results.title for results in found)
        if len(found) <= MOST_NAMED
        else f"{len(found)} data sets",
        facts=_facts(found),
        sets=[results.dataset for results in found],
        scales=sorted({panel.scale for panel in panels}),
        groups={group: [name for name in methods if group_of(name) == group] for group in GROUPS},
        words=WORDS,
        group_of=group_of,
        meaning_of=meaning_of,
        marks=marks,
        panels=panels,
        failed=[(row, row.status.removeprefix("failed: ")) for row in sorted(failed, key=Row.order)],
        cell=cell,
        span=span,
    )
    atomic.write(out / PAGE, text.encode("utf-8", "surrogateescape"))
    return [out / PAGE]


def _in_order(methods: Iterable[str]) -> list[str]:
    """Each once, by kind."""
    return sorted(dict.fromkeys(methods), key=lambda name: GROUPS.index(group_of(name)))


def _panel(
    results: Chosen,
    scale: int,
    marks: Mapping[str, Mark],
    shelf: Shelf,
    summary: Sequence[Mapping[str, Any]],
    comparisons: Sequence[Mapping[str, Any]],
) -> Panel:
    good = results.good[results.good["scale"] == scale]
    images = sorted({str(name) for name in good["image"]}, key=natural)
    table = results.per_image("psnr_y")
    psnr = table[table.index.get_level_values("scale") == scale].droplevel("scale").reindex(images)
    gain = BASE in psnr
    shown = psnr.sub(psnr[BASE], axis=0).drop(columns=BASE) if gain else psnr
    name = f"{results.dataset}-x{scale}"
    keys = {image: f"{name}-{image}" for image in images}
    looks = shelf.looks(results, scale, images)
    figures = _figures(good, psnr)
    figure = dots(
        shown,
        marks,
        name=f"dots-{name}",
        title=f"{results.title}, x{scale}: every image",
        unit="PSNR over bicubic, dB" if gain else "PSNR, dB",
        key=keys,
    )
    there = set(psnr.columns[psnr.notna().any()])
    methods = [method for method in _in_order(results.methods) if method in there]
    places = [Place(keys[image], image, figures[image], looks[image]) for image in images]
    return Panel(
        results.dataset,
        scale,
        figure,
        methods,
        places,
        gain,
        results.ours,
        _best_last([row for row in summary if row["scale"] == scale]),
        [row for row in comparisons if row["scale"] == scale],
    )


def _best_last(summary: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows by the kind of their method, within it by PSNR; those without a value first."""

    def order(row: Mapping[str, Any]) -> tuple[int, float]:
        psnr = row["psnr_y_mean"]
        return GROUPS.index(group_of(row["method"])), -math.inf if math.isnan(psnr) else psnr

    return sorted(summary, key=order)


def _figures(good: pd.DataFrame, psnr: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Means over the runs, by image and method, with the gain over BASE and the seconds of all."""
    columns = ["psnr_y", "ssim_y", "kernel_psnr", "lr_psnr", "kernel_seconds", "sr_seconds"]
    means = good.groupby(["image", "method"])[columns].mean()
    base = psnr[BASE] if BASE in psnr else pd.Series(math.nan, index=psnr.index)
    found: dict[str, dict[str, dict[str, Any]]] = {str(image): {} for image in psnr.index}
    for row in _rows(means.reset_index()):
        seconds = row["kernel_seconds"], row["sr_seconds"]
        found[row["image"]][row["method"]] = {
            **row,
            "gain": row["psnr_y"] - base[row["image"]],
            "seconds": sum(spent for spent in seconds if not math.isnan(spent)),
        }
    return found


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _comparisons(results: Chosen) -> list[dict[str, Any]]:
    """Wins by PSNR; none where there is nothing of ours to compare."""
    try:
        frame = wins.table(results)[1]
    except InputError:
        if results.subjects and len(results.methods) > 1:  # there is, and something else is wrong
            raise
        return []
    return _rows(frame[frame["metric"] == "psnr_y"])


def _facts(found: Sequence[Chosen]) -> dict[str, str]:
    """What the rows have in common, or do not."""
    good = pd.concat([results.good for results in found])
    listed = {name: ", ".join(sorted({str(value) for value in good[name]})) for name in ("device", "version")}
    return {
        "rows": f"{len(good)}, and {sum(len(results.failed) for results in found)} failed",
        "data sets": ", ".join(results.title for results in found),
        "images": str(good.groupby("dataset")["image"].nunique().sum()),
        "runs": str(good["run"].nunique()),
        "protocol": ", ".join(sorted({results.protocol for results in found})),
        **listed,
    }
