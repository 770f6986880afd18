"""Every image's gains as points: a column for each image, a mark for each method."""

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.page.groups import group_of
from benchmarks.page.marks import Mark
from blindsr.report.svg import REM_AN_INCH, SVG, svg

INCHES_AN_IMAGE: Final = 0.16
"""At least: a column that a finger or a pointer can hit once the figure is as wide as it may be."""
LEAST_INCHES, HEIGHT = 7.0, 3.6
SIZE: Final = 30
"""Of a point, square points; ours is twice as large."""
LEAST_REM: Final = 5
"""Of an inch: where the page is narrower, the figure scrolls."""


def dots(
    values: pd.DataFrame,
    marks: Mapping[str, Mark],
    *,
    name: str,
    title: str,
    unit: str,
    key: Mapping[str, str],
) -> Markup:
    """The figure. Points and columns carry ``data-open``, what they open.

    values: images by methods, in order, in dB; NaN where there is none. name: of the figure. unit: for the
    axis. key: by image, what its points open.
    """
    methods = [method for method in marks if method in values]
    width = max(LEAST_INCHES, 1.0 + INCHES_AN_IMAGE * len(values))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place in range(len(values)):
            span = axes.axvspan(place - 0.5, place + 0.5, facecolor=COLUMN, lw=0, zorder=0)
            span.set_gid(f"column{place}")
        axes.axhline(0, color="#010203", lw=0.8)
        for number, method in enumerate(methods):
            here = values[method].dropna()
            places = [place for place, there in enumerate(values[method].notna()) if there]
            mark = marks[method]
            kind = group_of(method)
            look: dict[str, Any] = {"c": mark.colour, "lw": 0, "s": SIZE, "zorder": 3}
            if kind == "oracle":  # hollow: not to be had
                look = {"facecolors": "none", "edgecolors": mark.colour, "lw": 1.2, "s": SIZE, "zorder": 3}
            elif kind == "ours":
                look |= {"s": 2 * SIZE, "zorder": 4}
            points = axes.scatter(places, here, marker=mark.marker, **look)
            points.set_gid(f"method{number}")
        step = max(1, round(len(values) / (width * 4)))
        axes.set_xticks(
            range(0, len(values), step), values.index[::step], rotation=60, ha="right", fontsize=7
        )
        axes.set_xlim(-0.5, len(values) - 0.5)
        axes.yaxis.set_major_locator(MaxNLocator(8))
        axes.grid(axis="y")
        axes.set_ylabel(unit)

    def edit(root: ElementTree.Element) -> None:
        root.set("role", "group")  # its columns are buttons
        root.set("style", f"min-width: {LEAST_REM * width:g}rem; max-width: {REM_AN_INCH * width:g}rem")
        _openable(root, values[methods], key)

    text = "Arrow keys go from image to image, Enter opens one. The table below has the same figures."
    return svg(draw, (width, HEIGHT), name=name, title=title, text=text, edit=edit)


COLUMN: Final = "#010205"
"""Of the columns; the style sheet says how they look."""


def _say(element: ElementTree.Element, words: str) -> None:
    title = ElementTree.SubElement(element, f"{{{SVG}}}title")
    title.text = words


def _openable(root: ElementTree.Element, values: pd.DataFrame, key: Mapping[str, str]) -> None:
    """Make each point and each column of the drawn figure open its image, and say what it is."""
    groups = {group.get("id", ""): group for group in root.iter(f"{{{SVG}}}g")}
    for number, method in enumerate(values):
        here = values[method].dropna()
        group = groups[f"method{number}"]
        drawn = list(group.iter(f"{{{SVG}}}use")) or group.findall(f"{{{SVG}}}path")  # hollow ones are paths
        for point, (image, value) in zip(drawn, here.items(), strict=True):
            words = f"{image}, {method}: {value:+.2f} dB"
            point.attrib |= {"class": "dot", "data-method": str(method), "data-open": key[str(image)]}
            _say(point, words)
    for place, image in enumerate(values.index):
        here = values.loc[image].dropna()
        column = groups[f"column{place}"]
        words = ", ".join(f"{method} {value:+.2f}" for method, value in here.items())
        column.attrib |= {
            "class": "column",
            "role": "button",
            "tabindex": "-1" if place else "0",
            "data-open": key[str(image)],
            "aria-label": f"{image}: {words}",
        }
