"""How the methods are told apart: a colour and a shape each, the same all over the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from blindsr.report.svg import COLOURS

SHAPES: Final = (
    *(("o", "\u25cf"), ("s", "\u25a0"), ("D", "\u25c6"), ("^", "\u25b2")),
    *(("v", "\u25bc"), ("P", "\u271a"), ("X", "\u2716"), ("*", "\u2605")),
)
"""matplotlib's markers and the characters that look like them."""


@dataclass(frozen=True)
class Mark:
    """``colour`` for a figure, ``variable`` the same in the page's style sheet; ``marker`` of matplotlib,
    ``character`` for text."""

    colour: str
    variable: str
    marker: str
    character: str


def marks_of(methods: Sequence[str]) -> dict[str, Mark]:
    """A mark for each method; no two are alike up to 64 of them."""
    found = {}
    for place, method in enumerate(methods):
        turn, colour = divmod(place, len(COLOURS))
        marker, character = SHAPES[(place + turn) % len(SHAPES)]
        found[method] = Mark(COLOURS[colour], f"--plot-{colour + 1}", marker, character)
    return found
