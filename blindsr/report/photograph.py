"""The page of one photograph: a file that holds all that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blindsr import api
from blindsr.report.confidence import confidence
from blindsr.report.facts import Facts
from blindsr.report.figures import curves_figure, kernel_figure, spectrum_figure
from blindsr.report.findings import findings
from blindsr.report.pixels import Pixels, colour_profile, data_uri, shown, shrunk
from blindsr.report.shape import shape_of
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

BICUBIC, OURS, ORIGINAL = "bicubic", "blindsr", "original"
WORDS: Final = {
    BICUBIC: "the photograph enlarged by bicubic interpolation",
    OURS: "the photograph enlarged by blindsr",
    ORIGINAL: "the original photograph",
}
NARROW: Final = 0.1
"""HR pixels: a narrower kernel has no ellipse that could be seen."""
THUMBNAIL: Final = 160
"""Pixels of the longer side, in an index."""


def photograph_page(
    result: UpscaleResult,
    record: Mapping[str, Any],
    *,
    original: Photo | None = None,
    true_kernel: SRKernel | None = None,
    index: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The page of a result, as HTML.

    record: the content of ``run.json``. original: the photograph before it was made small; one of another
    size is left out, and the page says so. true_kernel: the one that made it small, shown beside ours. index:
    the address of the page that lists this one, relative to it. notes: what else to say.
    """
    truth, reasons = _comparable(original, result.plan)
    pixels: dict[str, Pixels] = {}
    scores: dict[str, Scores] = {}
    for name, photo in _versions(result, truth):  # one after another: they may be large
        pixels[name] = shown(photo)
        if truth is not None and name != ORIGINAL:
            scores |= _scored(name, photo, truth, result.plan.scale)
    profile = colour_profile(result.photo)
    kernel = result.kernels[result.plan.scale]
    found = findings(kernel, result.analysis)
    facts = Facts(
        name=Path(record["input"]["path"]).name,
        width=result.plan.width,
        height=result.plan.height,
        seconds=record["seconds"]["total"],
        headline=found[0].text,
        confidence=confidence(result.analysis),
        thumbnail=data_uri(shrunk(pixels[OURS], THUMBNAIL, profile)),
        psnr=_finite(scores[OURS].psnr_y) if scores else None,
        gain=_finite(scores[OURS].psnr_y - scores[BICUBIC].psnr_y) if scores else None,
    )
    return render(
        "photograph.html.j2",
        facts=asdict(facts),
        names=list(pixels),
        words=WORDS,
        views=[_for_template(view) for view in views(pixels, profile)],
        scores=scores,
        findings=found,
        figures=_figures(result, kernel, true_kernel),
        record=record,
        made=_made(record),
        notes=[*result.notes, *reasons, *notes],
        index=index,
    )


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
    return {"title": view.title, "size": view.size, "box": view.box, "pictures": pictures}


def _figures(result: UpscaleResult, kernel: SRKernel, truth: SRKernel | None) -> dict[str, Any]:
    estimate = result.analysis
    spectral = None if estimate is None else estimate.spectral
    bell = spectral is not None and spectral.family == GAUSSIAN  # the errors are those of a bell's width
    posterior = spectral.posterior if spectral is not None and bell else None
    found = kernel if estimate is None else estimate.kernel
    kernels = {"the kernel given" if estimate is None else "the kernel found": found}
    if truth is not None and truth.scale == kernel.scale:
        if kernel.scale != found.scale:
            kernels["the same, twice"] = kernel
        kernels["the true one"] = truth.centred().cropped()
    spectrum = None
    if spectral is not None:
        spectrum = spectrum_figure(spectral.spectrum, shape_of(found, posterior))
    return {
        "kernel": kernel_figure(kernels, posterior),
        "wide": shape_of(found).width > NARROW,
        "uncertain": posterior is not None,
        "spectrum": spectrum,
        "curves": curves_figure(estimate, result.trainings),
    }


def _made(record: Mapping[str, Any]) -> dict[str, str]:
    """The record's main entries, for people."""
    stages = {"kernel": "the kernel", "sr": "the image", "total": "together"}
    seconds = (f"{stages.get(name, name)} {spent:.1f} s" for name, spent in record["seconds"].items())
    given, made = record["input"], record["output"]
    shrunk_words = ", then shrunk" if made["shrunk_bicubically"] else ""
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
