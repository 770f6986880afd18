"""The work on photographs, the same in this process, in another process and on another machine.

A fault in a photograph is an outcome like any other, so that it stops no other photograph.
"""

import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from blindsr.cli import details, files, plans, reports, streams
from blindsr.cli.claims import claim, write_result
from blindsr.cli.jobs import DONE, FAILED, Job, Outcome, Request
from blindsr.cli.options import ALL
from blindsr.cli.plans import output_path, plan_of
from blindsr.cli.session import one_line
from blindsr.io import atomic
from srbase.progress import OnProgress, silent
from srbase.runtime.memory import give_back_freed_blocks

if TYPE_CHECKING:
    from mmap import mmap

    from blindsr.api import UpscaleResult
    from blindsr.estimation import Analysis
    from blindsr.io.photo import Photo
    from blindsr.io.stack import Stack
    from srbase.kernels.kernel import SRKernel

OnStart = Callable[["Photo"], None]
"""Called with each photograph once it was read and can be used."""


def upscale_group(
    group: Sequence[Job],
    request: Request,
    *,
    on_start: OnStart = lambda _: None,
    on_progress: OnProgress = silent,
) -> list[Outcome]:
    """Read, enlarge and write photographs, one after the other.

    Args:
        group: The photographs.
        request: What is asked of them.
        on_start: Called once a photograph was read.
        on_progress: Called with the progress of each photograph.
    """
    outcomes = []
    for job in group:
        try:
            with claim(job, request) as outcome:
                outcomes.append(outcome or _upscale(job, request, on_start, on_progress))
        except Exception as error:
            outcomes.append(_failure(job, error))
    return outcomes


def estimate_group(
    group: Sequence[Job],
    request: Request,
    *,
    on_start: OnStart = lambda _: None,
    on_progress: OnProgress = silent,
) -> list[Outcome]:
    """Read photographs, estimate their kernels together, and write these.

    If the estimation fails for one of several, it is repeated for each alone.

    Args:
        group: The photographs.
        request: What is asked of them.
        on_start: Called once a photograph was read.
        on_progress: Called with the progress of the estimation.
    """
    outcomes: list[Outcome] = []
    with ExitStack() as locks:
        ready: list[tuple[Job, Photo]] = []
        for job in group:
            try:
                outcome = locks.enter_context(claim(job, request))
                if outcome is not None:
                    outcomes.append(outcome)
                    continue
                photo = streams.read_photo(job.source, page=request.page)
                plan_of(photo, job, request)
            except Exception as error:
                outcomes.append(_failure(job, error))
                continue
            on_start(photo)
            ready.append((job, photo))
            if sum(one.image[0].numel() for _, one in ready) > plans.BATCH_PIXELS:  # heads told too little
                outcomes += _estimate(ready, request, on_progress)
                ready = []
        outcomes += _estimate(ready, request, on_progress)
    return outcomes


def _upscale(job: Job, request: Request, on_start: OnStart, on_progress: OnProgress) -> Outcome:
    from blindsr import api
    from blindsr.io.photo import encode_photo

    if request.pages == ALL:
        stack = streams.read_stack(job.source)
        if len(stack) > 1:
            return _upscale_stack(stack, job, request, on_start, on_progress)
        photo = stack.page(0)
    else:
        photo = streams.read_photo(job.source, page=request.page)
    job = replace(job, plan=plan_of(photo, job, request))
    on_start(photo)
    result = api.upscale(
        photo,
        request.enlargement.factor,
        width=request.enlargement.width,
        height=request.enlargement.height,
        kernel=job.kernel,
        seed=request.seed,
        device=request.device,
        settings=request.settings,
        on_progress=on_progress,
        on_kernels=_kernels_kept(job, request),
    )
    give_back_freed_blocks()
    data, left_out = encode_photo(output_path(job, request), result.photo)
    result = replace(result, notes=result.notes + left_out)
    pages = {} if request.page is None else {"pages": {"number": request.page}}
    _make_folders(job)
    return _finish(job, request, result, data, pages)


def _upscale_stack(
    stack: "Stack", job: Job, request: Request, on_start: OnStart, on_progress: OnProgress
) -> Outcome:
    """The same of every page of a file, with one kernel."""
    from blindsr import stack as stacks

    photo = stack.page(0)
    plan = plan_of(photo, job, request, pages=len(stack))
    job = replace(job, plan=plan)
    on_start(photo)
    _make_folders(job)
    folder = Path(tempfile.gettempdir()) if job.output == files.STREAM else job.output.parent
    with stacks.open_upscaled_stack(
        stack,
        folder,
        request.enlargement,
        plan.scale,
        kernel=job.kernel,
        seed=request.seed,
        device=request.device,
        settings=request.settings,
        on_progress=on_progress,
        on_kernels=_kernels_kept(job, request),
    ) as (made, data):
        pages = {"count": made.pages, "kernel_from": made.page if job.kernel is None else None}
        return _finish(job, request, made.result, data, {"pages": pages})


def _make_folders(job: Job) -> None:
    for folder in job.folders:
        files.make_folder(folder)


def _finish(
    job: Job, request: Request, result: "UpscaleResult", data: "bytes | mmap", pages: Mapping[str, object]
) -> Outcome:
    """Write the record, the page and the result, whose file is ``data``, to folders that exist."""
    fault = ""
    if job.details is not None or job.page is not None:
        record = details.record(job, request, result) | dict(pages)
        if job.details is not None:  # before the result, which says that all is there
            details.write_record(job.details, record, replace=request.replaces)
        fault = _page(job, request, result, record)
    path = write_result(job, request, data, result.source.sha256)
    if path != job.output:
        fault = f"{job.output} exists by now; the result is kept as {path}"
    return Outcome(
        job=job,
        status=FAILED if fault else DONE,
        paths=(path,),
        plan=job.plan,
        error=fault,
        notes=result.notes,
        seconds=result.seconds,
    )


def _kernels_kept(job: Job, request: Request) -> "Callable[[Mapping[int, SRKernel]], None]":
    """What writes kernels to the details of a job."""

    def keep(kernels: "Mapping[int, SRKernel]") -> None:
        if job.details is not None:
            files.make_folder(job.details)
            details.write_kernels(job.details, kernels, replace=request.replaces)

    return keep


def _estimate(
    ready: Sequence[tuple[Job, "Photo"]], request: Request, on_progress: OnProgress
) -> list[Outcome]:
    """Estimate the kernels of photographs together, or of each alone if that fails, and write them."""
    if not ready:
        return []
    try:
        analyses = _analyses([photo for _, photo in ready], request, on_progress)
    except Exception as error:
        if len(ready) == 1:
            return [_failure(ready[0][0], error)]
        return [outcome for pair in ready for outcome in _estimate([pair], request, on_progress)]
    outcomes = []
    for (job, photo), analysis in zip(ready, analyses, strict=True):
        try:
            outcomes.append(_write_kernels(job, request, photo, analysis))
        except Exception as error:
            outcomes.append(_failure(job, error))
    return outcomes


def _analyses(photos: Sequence["Photo"], request: Request, on_progress: OnProgress) -> "Sequence[Analysis]":
    """The analysis of each photograph, in order; their KernelGANs are trained together."""
    from blindsr import estimation

    scale = request.enlargement.scale
    assert scale is not None  # ``blindsr kernel`` sets it
    return estimation.analyse(
        [photo.image for photo in photos],
        scale,
        file_evidence=[photo.file_evidence for photo in photos],
        settings=request.settings,
        seed=request.seed,
        device=request.device,
        on_progress=on_progress,
    )


def _write_kernels(job: Job, request: Request, photo: "Photo", analysis: "Analysis") -> Outcome:
    """Write the kernel of the asked scale to ``job.copies``, then to ``job.output``.

    The manifest lists only the latter, which says that all are there.

    Returns:
        The outcome; FAILED where the output's name was taken meanwhile and another was used.
    """
    from blindsr.io.kernel_files import encode_kernel
    from blindsr.pipeline import kernels_for
    from blindsr.summary import kernel_summary

    scale, layout = request.enlargement.scale, request.layout
    assert scale is not None  # ``blindsr kernel`` sets both
    assert layout is not None
    kernel = kernels_for(analysis.kernel, scale)[scale]
    _make_folders(job)
    for path in job.copies:
        atomic.write(path, encode_kernel(kernel, path.suffix, layout=layout), replace=request.replaces)
    data = encode_kernel(kernel, output_path(job, request).suffix, layout=layout)
    path = write_result(job, request, data, photo.sha256)
    moved = path != job.output
    return Outcome(
        job=job,
        status=FAILED if moved else DONE,
        paths=(path, *job.copies),
        figures={"scale": kernel.scale, **details.kernel_figures(kernel)},
        error=f"{job.output} exists by now; the kernel is kept as {path}" if moved else "",
        notes=photo.notes + kernel_summary(analysis),
        seconds={"kernel": analysis.seconds},
    )


def _page(job: Job, request: Request, result: "UpscaleResult", record: Mapping[str, object]) -> str:
    """Make the page if one is asked for. Its fault is returned, since it must not cost the result."""
    if job.page is None:
        return ""
    try:
        reports.write_page(job.page, result, record, replacing=request.replaces)
    except Exception as error:
        return f"{job.source}: its page is not made: {one_line(error)}"
    return ""


def _failure(job: Job, error: Exception) -> Outcome:
    return Outcome(job=job, status=FAILED, error=one_line(error), trace=traceback.format_exc())
