"""The page that lists photographs: small pictures, what was found in each, and what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blindsr.report.facts import Facts
from blindsr.report.templating import render


def index_page(photographs: Mapping[str, Facts], failures: Sequence[tuple[str, str]], *, title: str) -> str:
    """Make the page.

    Args:
        photographs: by the address of their page, relative to this one.
        failures: name and reason of each.
        title: of the page.

    Returns:
        The page as HTML.
    """
    return render(
        "index.html.j2",
        title=title,
        photographs=photographs,
        failures=failures,
        expected=any(facts.expected is not None for facts in photographs.values()),
        warned=any(facts.warnings for facts in photographs.values()),
        scored=any(facts.psnr is not None for facts in photographs.values()),
    )
