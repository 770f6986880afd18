"""The work on one photograph of a batch, the same in this process and in another."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from blindsr.cli import details as run_details
from blindsr.cli import manifest, outputs, pages
from blindsr.cli.request import DONE, FAILED, Outcome, Request
from blindsr.cli.session import one_line
from blindsr.cli.words import belief_in_words
from blindsr.io import atomic
from srbase.progress import OnProgress, silent
from srbase.runtime.memory import give_back_freed_blocks, require_memory

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.io.photo import Photo
    from blindsr.pipeline import Found
    from srbase.kernels.kernel import SRKernel

MOST_FREE_NAMES = 1000


@dataclass(frozen=True, eq=False)
class Ahead:
    """A photograph that was read before its turn, and what was found in it."""

    photo: "Photo"
    found: "Found | None" = None


def check(job: outputs.Job, request: Request) -> None:
    """What can be said of a photograph by the head of its file. Raises InputError."""
    from blindsr.io.photo import measure

    size = measure(job.source)
    if size is not None:
        _require_room(job, request, size, channels=1, bits=8)


def work(
    job: outputs.Job,
    request: Request,
    *,
    ahead: Ahead | None = None,
    on_start: Callable[["Photo"], None] = lambda _: None,
    on_progress: OnProgress = silent,
) -> Outcome:
    """Read, super-resolve and write one photograph. A fault in it is an outcome like any other.

    ahead: saves what was done before.
    """
    try:
        return _work(job, request, ahead, on_start, on_progress)
    except Exception as error:  # must not cost the others
        return Outcome(job, FAILED, error=one_line(error), trace=traceback.format_exc())


def _work(
    job: outputs.Job,
    request: Request,
    ahead: Ahead | None,
    on_start: Callable[["Photo"], None],
    on_progress: OnProgress,
) -> Outcome:
    from blindsr.io.photo import encode_photo

    photo = read(job, request) if ahead is None else ahead.photo
    found = None if ahead is None else ahead.found
    on_start(photo)
    for folder in job.folders:
        outputs.make_folder(folder)
    replaceable = request.overwrite or request.noted  # details without their result are left-overs
    result = _upscaled(photo, job, request, found, on_progress, replace=replaceable)
    give_back_freed_blocks()
    data, left_out = encode_photo(job.output, result.photo)
    result = replace(result, notes=result.notes + left_out)
    asked = request.for_record(job.source)
    if job.details is not None:  # before the result, which says that all is there
        run_details.write_record(job.details, asked, result, job.output, replace=replaceable)
    fault = _page(job, asked, result, replace=replaceable)
    path = _written(job, request, data, photo.sha256)
    kept = fault if path == job.output else f"{job.output} exists by now; the result is kept as {path}"
    believed = belief_in_words(result.estimate, result.stored)
    return Outcome(
        job,
        FAILED if kept else DONE,
        path,
        width=result.plan.width,
        height=result.plan.height,
        scale=result.plan.scale,
        error=kept,
        notes=result.notes if believed is None else (believed, *result.notes),
        seconds=result.seconds,
    )


def _upscaled(
    photo: "Photo",
    job: outputs.Job,
    request: Request,
    known: "Found | None",
    on_progress: OnProgress,
    *,
    replace: bool,
) -> "UpscaleResult":
    """The result; its kernels are among the details, where those are wanted, before it is there."""
    from blindsr import api

    def keep(kernels: "Mapping[int, SRKernel]") -> None:
        if job.details is not None:
            run_details.write_kernels(job.details, kernels, replace=replace)

    return api.upscale(
        photo,
        request.enlargement.factor,
        width=request.enlargement.width,
        height=request.enlargement.height,
        kernel=request.kernel,
        known=known,
        seed=request.seed,
        device=request.device,
        settings=request.settings,
        on_progress=on_progress,
        on_kernels=keep,
    )


def _page(job: outputs.Job, asked: run_details.Request, result: "UpscaleResult", *, replace: bool) -> str:
    """Make the page where one is wanted. What is wrong with it is returned: the result must not be lost."""
    if job.page is None:
        return ""
    try:
        pages.write(job.page, result, run_details.record(asked, result, job.output), replacing=replace)
    except Exception as error:
        return f"{job.source}: its page is not made: {one_line(error)}"
    return ""


def read(job: outputs.Job, request: Request) -> "Photo":
    """The decoded photograph, if it can be worked on and its result kept. Raises InputError."""
    from blindsr import pipeline
    from blindsr.io.photo import read_photo

    photo = read_photo(job.source)
    channels, height, width = photo.image.shape
    channels += photo.alpha is not None
    _require_room(job, request, (width, height), channels=channels, bits=photo.bits)
    scale = request.enlargement.plan(width, height).scale
    pipeline.check(photo.image, scale, request.kernel)
    return photo


def _require_room(
    job: outputs.Job, request: Request, size: tuple[int, int], *, channels: int, bits: int
) -> None:
    """Raises InputError where the format, the disk or the memory cannot hold a result of this size."""
    from blindsr.io.photo import check_fits, least_bytes

    try:
        plan = request.enlargement.plan(*size)
        check_fits(job.output, plan.width, plan.height, channels=channels, bits=bits)
        least = least_bytes(job.output, plan.width, plan.height, channels=channels, bits=bits)
        outputs.require_space([(job.output, least)])
        require_memory(plan.scale * size[0], plan.scale * size[1], channels)
    except ValueError as error:
        raise type(error)(f"{job.source}: {error}") from error


def _written(job: outputs.Job, request: Request, data: bytes, input_sha256: str) -> Path:
    """Write the result, under the next free name where its own was taken during the work; where it lies."""
    import hashlib

    path = job.output
    digest = hashlib.sha256(data).hexdigest()
    for number in range(1, MOST_FREE_NAMES):
        if request.noted:
            entry = manifest.Entry(path.name, digest, input_sha256, request.fingerprint)
            manifest.append(path.parent, entry)
        try:
            atomic.write(path, data, replace=request.overwrite)
        except atomic.ExistsError:
            path = job.output.with_name(f"{job.output.stem[:200]}-{number}{job.output.suffix}")
        else:
            return path
    raise atomic.ExistsError(f"{job.output} exists by now, as do all names like it; wanted a free name")
