"""``--report``: a page to look at for each photograph, and for several one that lists them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from blindsr.io import atomic
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.cli.inputs import Source
    from srbase.kernels.kernel import SRKernel

ENDINGS: Final = (".html", ".htm")


@dataclass(frozen=True)
class Page:
    """Where the page of a photograph goes, the page that lists it, and the photograph's original."""

    path: Path
    index: Path | None = None
    original: Path | None = None

    def absolute(self) -> "Page":
        """The same files, whatever folder one is in."""
        index, original = (None if path is None else path.resolve() for path in (self.index, self.original))
        return Page(self.path.resolve(), index, original)


def single(report: Path, original: Path | None = None) -> Page:
    """The page of one photograph. Raises InputError where ``report`` is no name of a page."""
    if report.suffix.lower() not in ENDINGS:
        raise InputError(f"{report} ends in '{report.suffix}'; wanted a page, .html")
    return Page(report, None, original)


def plan(
    report: Path,
    sources: Sequence["Source"],
    outputs: Sequence[Path],
    originals: Path | None,
    *,
    several: bool,
) -> list[Page]:
    """The page of each result: ``report`` itself, or of several one each in a folder beside it.

    originals: the folder or file of originals, which belong to photographs by their names. Raises
    InputError where ``report`` is no name of a page.
    """
    from blindsr.cli.tables import key_of

    own, known = single(report), _originals(originals)
    pages = []
    for source, output in zip(sources, outputs, strict=True):
        original = known.get(key_of(source.path.stem))
        path = report.with_suffix("") / source.below / f"{output.stem}.html"
        pages.append(Page(path, report, original) if several else replace(own, original=original))
    return pages


def refuse_foreign(path: Path) -> None:
    """Raises InputError where there is something else than a page of ours, which may be made anew."""
    from blindsr.report.facts import is_ours

    if os.path.lexists(path) and not is_ours(path):
        raise InputError(f"{path} exists and is no page of blindsr; --overwrite replaces it")


def write(
    page: Page,
    result: "UpscaleResult",
    record: Mapping[str, Any],
    *,
    true_kernel: "SRKernel | None" = None,
    replacing: bool,
) -> None:
    """Make the page of a result; ``record`` is the content of ``run.json``. Raises InputError."""
    from blindsr.io.photo import read_photo
    from blindsr.report.photograph import photograph_page

    original, notes = None, []
    if page.original is not None:
        try:
            original = read_photo(page.original)
        except InputError as error:
            notes.append(f"the original is not shown: {error}")
    index = None if page.index is None else address(page.index, page.path.parent)
    text = photograph_page(
        result, record, original=original, true_kernel=true_kernel, index=index, notes=notes
    )
    atomic.write(page.path, text.encode("utf-8", "surrogateescape"), replace=replacing)


def write_index(index: Path, pages: Sequence[Path], failures: Sequence[tuple[str, str]], title: str) -> None:
    """Make the page that lists the pages, in their order, and what failed. Raises InputError."""
    from blindsr.report.facts import read_facts
    from blindsr.report.index import index_page

    known = {address(page, index.parent): facts for page in pages if (facts := read_facts(page)) is not None}
    text = index_page(known, failures, title=title)
    atomic.write(index, text.encode("utf-8", "surrogateescape"))


def address(target: Path, folder: Path) -> str:
    """Of a file, for a link in a page of the folder."""
    return quote(Path(os.path.relpath(target, folder)).as_posix())


def _originals(place: Path | None) -> dict[str, Path]:
    if place is None or not place.exists():
        return {}
    from blindsr.cli.tables import originals_in
    from blindsr.io.photo import READABLE

    return originals_in(place, READABLE)
