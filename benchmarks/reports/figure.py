"""The look of the figures, and the one way they are made: without a screen, whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from blindsr.io.atomic import written

OURS_COLOUR = "#c2410c"
OTHER_COLOUR = "#64748b"
BOUND_COLOUR = "#15803d"
TIE_COLOUR = "#cbd5e1"
DOTS_PER_INCH = 150
BOUNDS = ("gt+zssr", "gt+srmd", "gt+usrnet", "gt+instant", "blindsr-gt")
"""Methods that are given the true kernel."""


@contextmanager
def drawn(path: Path, inches: tuple[float, float]) -> Iterator[Figure]:
    """An empty figure, written to ``path`` when the block ends well."""
    figure = Figure(figsize=inches, layout="constrained")
    FigureCanvasAgg(figure)
    yield figure
    with written(path) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, format="png", metadata={"Software": None})


def colour(method: str, ours: str) -> str:
    """Ours, the bound, or another."""
    return OURS_COLOUR if method == ours else BOUND_COLOUR if method in BOUNDS else OTHER_COLOUR


def bars(
    axes: Any,
    names: Sequence[str],
    values: Sequence[float],
    *,
    colours: Sequence[str],
    labels: Sequence[str],
    marks: Sequence[float | None] = (),
) -> None:
    """Horizontal bars, the first on top, their labels in a column to the right; diamonds mark
    published values.
    """
    places = range(len(names))
    axes.barh(places, values, color=colours, height=0.62)
    for place, label in zip(places, labels, strict=True):
        axes.text(1.02, place, label, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    known = [(mark, place) for place, mark in zip(places, marks, strict=False) if mark is not None]
    if known:
        axes.scatter(*zip(*known, strict=True), marker="D", s=28, c="white", edgecolors="black", zorder=3)
    axes.set_yticks(list(places), names, fontsize=9)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.margins(x=0.06)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
