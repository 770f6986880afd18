"""The page that lists photographs: small pictures, what was found in each, and what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from blindsr.report.facts import Facts
from blindsr.report.templating import render

RANK: Final = {"high": 3, "medium": 2, "low": 1}
"""By which confidence is sorted."""


def index_page(photographs: Mapping[str, Facts], failures: Sequence[tuple[str, str]], *, title: str) -> str:
    """The page as HTML.

    photographs: by the address of their page, relative to this one. failures: name and reason of each.
    """
    return render(
        "index.html.j2",
        title=title,
        photographs=photographs,
        failures=failures,
        rank=RANK,
        scored=any(facts.psnr is not None for facts in photographs.values()),
    )
