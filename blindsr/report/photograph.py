"""The page of one photograph: a file that holds all that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blindsr import api
from blindsr.report.blur_ellipse import blur_ellipse
from blindsr.report.change import change
from blindsr.report.facts import Facts
from blindsr.report.figures import curves_figure, kernel_figure, spectrum_figure
from blindsr.report.findings import findings
from blindsr.report.pixels import (
    Pixels,
    colour_profile,
    colour_space,
    data_uri,
    nearest,
    shown,
    shrunk,
)
from blindsr.report.summary import USED, Summary, summarise
from blindsr.report.templating import render
from blindsr.report.views import View, views
from blindsr.spectral.estimate import GAUSSIAN
from srbase.errors import InputError
from srbase.imaging.resample import crop_to_multiple, resize
from srbase.kernels.kernel import SRKernel

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.enlargement import Plan
    from blindsr.io.photo import Photo
    from srbase.imaging.metrics import Scores

NEAREST, BICUBIC, OURS, ORIGINAL = "nearest", "bicubic", "blindsr", "original"
WORDS: Final = {
    NEAREST: "the photograph enlarged by nearest-neighbour interpolation: its own pixels",
    BICUBIC: "the photograph enlarged by bicubic interpolation",
    OURS: "the photograph enlarged by blindsr",
    ORIGINAL: "the original photograph",
}
NARROW: Final = 0.1
"""HR pixels: a narrower kernel has no ellipse that could be seen."""
THUMBNAIL: Final = 160
"""Pixels of the longer side, in an index."""


@dataclass(frozen=True)
class Saving:
    """How a page that a server shows offers its result.

    Attributes:
        address: of the file; the page adds the strength and the format.
        formats: endings without the dot, the first one chosen.
        back: address of the page before this one.
    """

    address: str
    formats: tuple[str, ...]
    back: str


def photograph_page(
    result: UpscaleResult,
    record: Mapping[str, Any],
    *,
    original: Photo | None = None,
    true_kernel: SRKernel | None = None,
    index: str | None = None,
    notes: Sequence[str] = (),
    saving: Saving | None = None,
) -> str:
    """Make the page of a result.

    Args:
        result: what is shown.
        record: the content of ``run.json``.
        original: the photograph before it was made small; one of another size is left out, and the page says
            so.
        true_kernel: the one that made it small, shown beside ours.
        index: the address of the page that lists this one, relative to it.
        notes: what else to say.
        saving: where a server shows the page, how the result is saved.

    Returns:
        The page as HTML.
    """
    profile = colour_profile(result.photo)
    kernel = result.kernels[result.plan.scale]
    pixels, scores, reasons = _compared(result, original)
    gain = _finite(scores[OURS].psnr_y - scores[BICUBIC].psnr_y) if scores else None
    summary = summarise(result.analysis, record, change(pixels[BICUBIC], pixels[OURS]), gain)
    notes = [_sentence(note) for note in (*result.notes, *reasons, *notes)]
    expected = None if summary.gain is None else (summary.gain.mean, *summary.gain.interval)
    facts = Facts(
        name=Path(record["input"]["path"]).name,
        width=result.plan.width,
        height=result.plan.height,
        seconds=record["seconds"]["total"],
        sentence=summary.sentence,
        treated_as=summary.treated_as,
        blend=summary.blend,
        warnings=(*summary.advice, *notes),
        thumbnail=data_uri(shrunk(pixels[OURS], THUMBNAIL, profile)),
        expected=expected,
        psnr=_finite(scores[OURS].psnr_y) if scores else None,
        gain=gain,
    )
    return render(
        "photograph.html.j2",
        facts=asdict(facts),
        summary=summary,
        names=list(pixels),
        words=WORDS,
        views=[_for_template(view) for view in views(pixels, (BICUBIC, OURS), profile)],
        strength=_strength(summary, profile),
        scores=scores,
        findings=findings(kernel, result.analysis, summary, result.networks),
        figures=_figures(result, kernel, true_kernel, summary),
        record=record,
        made=_made(record),
        notes=notes,
        index=index,
        saving=saving,
    )


def _strength(summary: Summary, profile: bytes | None) -> dict[str, Any] | None:
    """What the slider needs; None where there is nothing to be stronger."""
    if summary.blend <= 0:
        return None
    return {"base": BICUBIC, "ours": OURS, "blend": summary.blend, "space": colour_space(profile)}


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:].rstrip('.')}."


def _compared(
    result: UpscaleResult, original: Photo | None
) -> tuple[dict[str, Pixels], dict[str, Scores], list[str]]:
    """The pixels of all that is shown, by name, their scores, and why there are none."""
    truth, reasons = _comparable(original, result.plan)
    pixels: dict[str, Pixels] = {NEAREST: nearest(result.source, result.plan.height, result.plan.width)}
    scores: dict[str, Scores] = {}
    for name, photo in _versions(result, truth):  # one after another: they may be large
        pixels[name] = shown(photo)
        if truth is not None and name != ORIGINAL:
            scores |= _scored(name, photo, truth, result.plan.scale)
    return pixels, scores, reasons


def _comparable(original: Photo | None, plan: Plan) -> tuple[Photo | None, list[str]]:
    """The original, cropped as it was when it was made small; None, and why, where it has another size."""
    if original is None:
        return None, []
    size, image = (plan.height, plan.width), original.image
    if image.shape[1:] != size and min(image.shape[1:]) >= plan.scale:
        image = crop_to_multiple(image, plan.scale)
    if image.shape[1:] != size:
        sides = f"{original.image.shape[2]}x{original.image.shape[1]}"
        return None, [f"the original is {sides}, the result {plan.width}x{plan.height}: not compared"]
    alpha = None if original.alpha is None else original.alpha[:, : size[0], : size[1]]
    return original.with_image(image, alpha), []


def _versions(result: UpscaleResult, original: Photo | None) -> Iterator[tuple[str, Photo]]:
    """What can be compared, by name, all of the result's size."""
    size, source = (result.plan.height, result.plan.width), result.source
    alpha = None if source.alpha is None else resize(source.alpha, size).clamp(0, 1)
    yield BICUBIC, source.with_image(resize(source.image, size).clamp(0, 1), alpha)
    yield OURS, result.photo
    if original is not None:
        yield ORIGINAL, original


def _scored(name: str, photo: Photo, original: Photo, scale: int) -> dict[str, Scores]:
    try:
        return {name: api.score(photo, original, scale)}
    except InputError:  # gray against colours, or too small for the metric
        return {}


def _for_template(view: View) -> dict[str, Any]:
    pictures = {name: data_uri(webp) for name, webp in view.pictures.items()}
    stops = [asdict(stop) for stop in view.stops]
    return {"title": view.title, "size": view.size, "box": view.box, "pictures": pictures, "stops": stops}


def _figures(
    result: UpscaleResult, kernel: SRKernel, truth: SRKernel | None, summary: Summary
) -> dict[str, Any]:
    """Those that say something: none of a kernel that has no part in the result, nor of flat curves."""
    analysis = result.analysis
    figures: dict[str, Any] = {
        "kernel": None,
        "wide": False,
        "uncertain": False,
        "spectrum": None,
        "curves": curves_figure(analysis, result.trainings),
    }
    if summary.kernel_share < USED and truth is None:
        return figures
    spectral = None if analysis is None else analysis.spectral
    bell = spectral is not None and spectral.family == GAUSSIAN  # the errors are those of a bell's width
    posterior = spectral.posterior if spectral is not None and bell else None
    found = kernel if analysis is None else analysis.kernel
    kernels = {"the kernel given" if analysis is None else "the kernel found": found}
    if truth is not None and truth.scale == kernel.scale:
        if kernel.scale != found.scale:
            kernels["the same, twice"] = kernel
        kernels["the true one"] = truth.centred().cropped()
    figures["kernel"] = kernel_figure(kernels, posterior)
    figures["wide"] = blur_ellipse(found).width > NARROW
    figures["uncertain"] = posterior is not None
    if spectral is not None:
        figures["spectrum"] = spectrum_figure(spectral.spectrum, blur_ellipse(found, posterior))
    return figures


def _made(record: Mapping[str, Any]) -> dict[str, str]:
    """The record's main entries, for people."""
    stages = {"kernel": "the kernel", "sr": "the image", "total": "together"}
    seconds = (f"{stages.get(name, name)} {spent:.1f} s" for name, spent in record["seconds"].items())
    given, made = record["input"], record["output"]
    shrunk_words = ", then shrunk" if made["shrunk"] else ""
    return {
        "photograph": f"{given['path']}, {given['width']} x {given['height']}, {given['bits']} bits",
        "result": f"{made['path']}, {made['width']} x {made['height']}",
        "scale": f"{record['scale']}{shrunk_words}",
        "kernel": str(record["kernel"]["from"]),
        "time": ", ".join(seconds),
        "device": f"{record['device']['description']}, seed {record['seed']}",
        "settings": f"{record['settings_hash']} (algorithm {record['algorithm']})",
        "SHA-256": given["sha256"] or "none: not from a file",
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
