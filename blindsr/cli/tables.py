"""The tables that a batch leaves in its output folder: what failed, and how near the results are to
originals.
"""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from blindsr.cli.request import FAILED, Outcome
from blindsr.io import atomic

FAILURES, METRICS = "failures.csv", "metrics.csv"
FAILURE_COLUMNS = ("input", "output", "error")
METRIC_COLUMNS = (
    *("image", "gt", "sr", "scale", "width", "height", "psnr_y", "ssim_y", "psnr", "ssim", "crop_border"),
    *("protocol", "status", "error"),
)

MARKS = re.compile(r"(?:^|[_\-. ])(?:gt|hr|lr|sr|img|im|image|x[0-9.]+)(?=$|[_\-. ])", re.IGNORECASE)
"""Words in names that say which side of a pair a file is, and not which pair."""


def write_failures(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Write ``failures.csv``; without failures, remove that of an earlier run. Raises InputError."""
    rows = [
        {"input": str(outcome.job.source), "output": str(outcome.job.output), "error": outcome.error}
        for outcome in outcomes
        if outcome.status == FAILED
    ]
    if rows:
        _write(folder / FAILURES, FAILURE_COLUMNS, rows)
    else:
        (folder / FAILURES).unlink(missing_ok=True)


def write_metrics(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write ``metrics.csv``, a row for each photograph. Raises InputError."""
    _write(folder / METRICS, METRIC_COLUMNS, rows)


def metric_row(outcome: Outcome, originals: Mapping[str, Path]) -> dict[str, Any]:
    """The row of a photograph: its scores against the original of its name, or why there are none."""
    from blindsr import api
    from srbase.errors import InputError

    source = outcome.job.source
    row: dict[str, Any] = {"image": source.name, "sr": str(outcome.path or ""), "status": outcome.status}
    row |= {"scale": outcome.scale or "", "width": outcome.width or "", "height": outcome.height or ""}
    if outcome.path is None or outcome.status == FAILED:
        return row | {"error": outcome.error}
    original = originals.get(key_of(source.stem))
    if original is None:
        return row | {"status": "no original"}
    border = math.ceil(outcome.scale or 2)
    try:
        scores = api.score(outcome.path, original, border)
    except InputError as error:
        return row | {"gt": str(original), "status": FAILED, "error": str(error)}
    figures = {
        "psnr_y": f"{scores.psnr_y:.4f}",
        "ssim_y": f"{scores.ssim_y:.6f}",
        "psnr": f"{scores.psnr_rgb:.4f}",
        "ssim": f"{scores.ssim_rgb:.6f}",
    }
    return row | figures | {"gt": str(original), "crop_border": border, "protocol": "rcan"}


def originals_in(place: Path, kinds: Iterable[str]) -> dict[str, Path]:
    """The originals of a folder (or the one file) by what their names have in common with their photographs'.

    ``img_7_gt.png`` is the original of ``im_7.png``, ``cat.png`` that of ``cat.jpg`` and ``cat_x2.png``.
    """
    files = [place] if place.is_file() else sorted(p for p in place.iterdir() if p.suffix.lower() in kinds)
    return {key_of(path.stem): path for path in files}


def key_of(stem: str) -> str:
    """What of a name says which pair it belongs to.

    >>> key_of("img_7_gt"), key_of("im_7"), key_of("Cat_x2")
    ('7', '7', 'cat')
    """
    bare = MARKS.sub("", stem.lower()).strip("_-. ")
    return bare or stem.lower()


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    atomic.write(path, text.getvalue().encode("utf-8", "surrogateescape"))
