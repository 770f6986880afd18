"""The page of one photograph: a file that holds all that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blindsr import api
from blindsr.imaging.resample import crop_to_multiple, resize
from blindsr.report.figures import curves_figure, kernel_figure, spectrum_figure
from blindsr.report.findings import confidence, findings
from blindsr.report.pixels import data_uri, shown, shrunk
from blindsr.report.shape import shape_of
from blindsr.report.templating import render
from blindsr.report.views import views

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.imaging.kernel import SRKernel
    from blindsr.imaging.metrics import Scores
    from blindsr.imaging.photo import Photo

BICUBIC, OURS, ORIGINAL = "bicubic", "blindsr", "original"
WORDS: Final = {
    BICUBIC: "The photograph enlarged by bicubic interpolation",
    OURS: "The photograph enlarged by blindsr",
    ORIGINAL: "The original photograph",
}
THUMBNAIL: Final = 160
"""Pixels of the longer side, in an index."""


@dataclass(frozen=True)
class Known:
    """What is known of a photograph besides the result: its original, and the kernel that made it small."""

    original: Photo | None = None
    kernel: SRKernel | None = None


def photograph_page(
    result: UpscaleResult, record: Mapping[str, Any], known: Known | None = None, *, index: str | None = None
) -> str:
    """The page of a result, as HTML.

    record: the content of ``run.json``. index: the address of the page that lists this one, relative to it.
    An original of another size is left out, and a note says so.
    """
    known = known or Known()
    versions, notes = _versions(result, known.original)
    scores = {name: api.score(photo, versions[ORIGINAL], result.plan.scale) for name, photo in versions.items()
              if name != ORIGINAL} if ORIGINAL in versions else {}
    pixels = {name: shown(photo) for name, photo in versions.items()}
    icc = result.photo.metadata.icc
    thumbnail = data_uri(shrunk(pixels[OURS], THUMBNAIL, icc))
    parts = [
        {
            "title": view.title,
            "size": view.size,
            "box": view.box,
            "pictures": {name: data_uri(webp) for name, webp in view.pictures.items()},
        }
        for view in views(pixels, icc)
    ]
    return render(
        "photograph.html.j2",
        names=list(versions),
        words=WORDS,
        views=parts,
        scores=scores,
        record=record,
        index=index,
        notes=[*result.notes, *notes],
        made=_made(record),
        facts=facts(result, record, scores, thumbnail),
        **_found(result, known.kernel),
    )
