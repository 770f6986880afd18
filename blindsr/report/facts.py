"""What an index tells of a photograph: kept within the photograph's own page, and read back from there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FACTS: Final = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)
GENERATOR: Final = b'<meta name="generator" content="blindsr '
"""In the head of every page of ours (``base.html.j2``)."""
HEAD_BYTES: Final = 1 << 17
"""Of a page: both are in its head, with a thumbnail, and far smaller."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A photograph in a line.

    Attributes:
        name: of the file.
        width: of the result, pixels.
        height: of the result, pixels.
        seconds: that it took.
        sentence: what was done, and how strongly.
        treated_as: the kind of picture.
        blend: 0 (bicubic interpolation) to 1 (the full restoration).
        warnings: advice and notes, a sentence each.
        thumbnail: an address that holds a small picture.
        expected: gain over bicubic interpolation, dB: mean and the limits of 95 %; None where not estimated.
        psnr: against the original, dB, where it was given.
        gain: the same over bicubic interpolation.
    """

    name: str
    width: int
    height: int
    seconds: float
    sentence: str
    treated_as: str
    blend: float
    warnings: tuple[str, ...]
    thumbnail: str
    expected: tuple[float, float, float] | None = None
    psnr: float | None = None
    gain: float | None = None


def is_ours(page: Path) -> bool:
    """Whether a file is a page that this program made."""
    return GENERATOR in _head(page)


def read_facts(page: Path) -> Facts | None:
    """The facts in a page; None where it is not there, or none of ours."""
    found = FACTS.search(_head(page).decode("utf-8", "replace"))
    if found is None:
        return None
    try:
        return Facts(**json.loads(found[1]))
    except (ValueError, TypeError):  # of another version
        return None


def _head(page: Path) -> bytes:
    try:
        with page.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
