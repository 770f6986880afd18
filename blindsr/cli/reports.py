"""What a run leaves for people: pages of ``--report``, ``failures.csv`` and ``metrics.csv``."""

import csv
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from blindsr.cli.jobs import BUSY, FAILED, Job, Outcome, Page
from blindsr.io import atomic
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.cli.files import Source
    from srbase.kernels.kernel import SRKernel

PAGE_ENDINGS: Final = (".html", ".htm")
FAILURES, METRICS = "failures.csv", "metrics.csv"
FAILURE_COLUMNS: Final = ("input", "output", "error")
METRIC_COLUMNS: Final = (
    *("image", "gt", "sr", "scale", "width", "height", "psnr_y", "ssim_y", "psnr", "ssim", "crop_border"),
    *("protocol", "status", "error"),
)

MARKS: Final = re.compile(r"(?:^|[_\-. ])(?:gt|hr|lr|sr|img|im|image|x[0-9.]+)(?=$|[_\-. ])", re.IGNORECASE)
"""Parts of names that say which side of a pair a file is, and not which pair."""


def page_of_one(report: Path, original: Path | None = None) -> Page:
    """The page of a single photograph.

    Args:
        report: The page's file.
        original: The photograph before it was downscaled.

    Raises:
        InputError: The name does not end in ``.html``.
    """
    if report.suffix.lower() not in PAGE_ENDINGS:
        raise InputError(f"{report} ends in '{report.suffix}'; wanted a page, .html")
    return Page(path=report, original=original)


def with_pages(
    jobs: Sequence[Job], sources: Sequence["Source"], report: Path, originals: Path | None, *, several: bool
) -> list[Job]:
    """The jobs with a page each: ``report`` itself, or for several photographs files in a folder beside it.

    Args:
        jobs: The photographs.
        sources: Their files, in the same order.
        report: The page, or the index of pages.
        originals: Folder or file of originals, matched by name.
        several: Whether ``report`` is an index.

    Raises:
        InputError: ``report`` does not end in ``.html``.
    """
    single, known = page_of_one(report), originals_in(originals)
    made = []
    for job, source in zip(jobs, sources, strict=True):
        original = known.get(pair_key(source.path.stem))
        path = report.with_suffix("") / source.below / f"{job.output.stem}.html"
        page = Page(path=path, index=report, original=original)
        made.append(replace(job, page=page if several else replace(single, original=original)))
    return made


def refuse_foreign(path: Path) -> None:
    """Raise InputError if the file exists and is no page of this program."""
    from blindsr.report.facts import is_ours

    if os.path.lexists(path) and not is_ours(path):
        raise InputError(f"{path} exists and is no page of blindsr; --overwrite replaces it")


def write_page(
    page: Page,
    result: "UpscaleResult",
    record: Mapping[str, Any],
    *,
    true_kernel: "SRKernel | None" = None,
    replacing: bool,
) -> None:
    """Make the page of a result.

    Args:
        page: Its file, index and original.
        result: What was made.
        record: The content of ``run.json``.
        true_kernel: The kernel that the photograph was downscaled with, if it is known.
        replacing: Replace a file that exists.

    Raises:
        InputError: The page cannot be written.
    """
    from blindsr.io.photo import read_photo
    from blindsr.report.photograph import photograph_page

    original, notes = None, []
    if page.original is not None:
        try:
            original = read_photo(page.original)
        except InputError as error:
            notes.append(f"the original is not shown: {error}")
    index = None if page.index is None else _address(page.index, page.path.parent)
    text = photograph_page(
        result, record, original=original, true_kernel=true_kernel, index=index, notes=notes
    )
    atomic.write(page.path, text.encode("utf-8", "surrogateescape"), replace=replacing)


def write_index(index: Path, pages: Sequence[Path], failures: Sequence[tuple[str, str]], title: str) -> None:
    """Make the page that lists pages, in their order, and the failures.

    Args:
        index: Its file.
        pages: Those that exist are listed.
        failures: Photograph and reason.
        title: Of the page.

    Raises:
        InputError: The page cannot be written.
    """
    from blindsr.report.facts import read_facts
    from blindsr.report.index import index_page

    known = {_address(page, index.parent): facts for page in pages if (facts := read_facts(page)) is not None}
    text = index_page(known, failures, title=title)
    atomic.write(index, text.encode("utf-8", "surrogateescape"))


def write_failures(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Write ``failures.csv``; without failures remove that of an earlier run.

    Rows of photographs that another process works on are kept.

    Args:
        folder: The output folder.
        outcomes: So far.

    Raises:
        InputError: The file cannot be written.
    """
    outcomes = list(outcomes)
    path = folder / FAILURES
    elsewhere = {str(outcome.job.source) for outcome in outcomes if outcome.status == BUSY}
    rows = [row for row in _read(path) if row.get("input") in elsewhere] if elsewhere else []
    rows += [
        {"input": str(outcome.job.source), "output": str(outcome.job.output), "error": outcome.error}
        for outcome in outcomes
        if outcome.status == FAILED
    ]
    if rows:
        _write(path, FAILURE_COLUMNS, rows)
    else:
        path.unlink(missing_ok=True)


def write_metrics(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write ``metrics.csv``.

    Args:
        folder: The output folder.
        rows: From :func:`metric_row`.

    Raises:
        InputError: The file cannot be written.
    """
    _write(folder / METRICS, METRIC_COLUMNS, rows)


def metric_row(outcome: Outcome, originals: Mapping[str, Path]) -> dict[str, Any]:
    """The row of a photograph: its scores against the original of its name, or why there are none.

    Args:
        outcome: Of the photograph.
        originals: From :func:`originals_in`.
    """
    from blindsr import api

    source, plan = outcome.job.source, outcome.plan
    path = outcome.paths[0] if outcome.paths else None
    row: dict[str, Any] = {"image": source.name, "sr": str(path or ""), "status": outcome.status}
    if plan is not None:
        row |= {"scale": plan.scale, "width": plan.width, "height": plan.height}
    if path is None or outcome.status == FAILED:
        return row | {"error": outcome.error}
    original = originals.get(pair_key(source.stem))
    if original is None:
        return row | {"status": "no original"}
    border = math.ceil(plan.scale if plan is not None else 2)
    try:
        scores = api.score(path, original, border)
    except InputError as error:
        return row | {"gt": str(original), "status": FAILED, "error": str(error)}
    figures = {
        "psnr_y": f"{scores.psnr_y:.4f}",
        "ssim_y": f"{scores.ssim_y:.6f}",
        "psnr": f"{scores.psnr_rgb:.4f}",
        "ssim": f"{scores.ssim_rgb:.6f}",
    }
    return row | figures | {"gt": str(original), "crop_border": border, "protocol": "rcan"}


def originals_in(place: Path | None) -> dict[str, Path]:
    """The originals of a folder (or the single file) by their key (:func:`pair_key`).

    ``img_7_gt.png`` is the original of ``im_7.png``, ``cat.png`` that of ``cat.jpg`` and of ``cat_x2.png``.

    Args:
        place: A folder or a file; None, or one that does not exist: there are none.
    """
    from blindsr.io.formats import READABLE

    if place is None or not place.exists():
        return {}
    if place.is_file():
        return {pair_key(place.stem): place}
    return {pair_key(path.stem): path for path in sorted(place.iterdir()) if path.suffix.lower() in READABLE}


def pair_key(stem: str) -> str:
    """The part of a name that says which pair of photograph and original it belongs to.

    >>> pair_key("img_7_gt"), pair_key("im_7"), pair_key("Cat_x2")
    ('7', '7', 'cat')

    Args:
        stem: File name without extension.
    """
    bare = MARKS.sub("", stem.lower()).strip("_-. ")
    return bare or stem.lower()


def _address(target: Path, folder: Path) -> str:
    """URL of a file for a link in a page of the folder."""
    return quote(Path(os.path.relpath(target, folder)).as_posix())


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            return list(csv.DictReader(file))
    except OSError:
        return []


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    atomic.write(path, text.getvalue().encode("utf-8", "surrogateescape"))
