"""The work on photographs, the same in this process, in another process and on another machine.

A fault in a photograph is an outcome like any other, so that it stops no other photograph.
"""

import hashlib
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blindsr.cli import details, files, manifest, reports, streams
from blindsr.cli.jobs import BUSY, DONE, FAILED, SKIPPED, Job, Outcome, Request
from blindsr.cli.options import ALL
from blindsr.cli.session import one_line
from blindsr.io import atomic
from srbase.errors import InputError
from srbase.progress import OnProgress, silent
from srbase.runtime.memory import give_back_freed_blocks, require_memory

if TYPE_CHECKING:
    from mmap import mmap

    from blindsr.api import UpscaleResult
    from blindsr.enlargement import Plan
    from blindsr.estimation import Analysis
    from blindsr.io.photo import Photo
    from blindsr.io.stack import Stack
    from srbase.kernels.kernel import SRKernel

FREE_NAMES: Final = 1000
"""Number of other names that are tried if the result's own was taken during the work."""

BATCH_PIXELS: Final = 1 << 26
"""Pixels of all photographs that are in memory together: 0.8 GB in colour."""
UNKNOWN_PIXELS: Final = 12_000_000
"""Assumed pixels of a photograph (a telephone's) if the head of its file does not tell."""

OnStart = Callable[["Photo"], None]
"""Called with each photograph once it was read and can be used."""


def plan(job: Job, request: Request) -> Job:
    """Check what the head of the file tells, before any work.

    Args:
        job: A photograph.
        request: What is asked of it.

    Returns:
        The job with its plan; without one if only decoding tells the size, or if it is a stream.

    Raises:
        InputError: The file is no image, or its result is too large for the format, the disk or the memory.
    """
    if files.is_stream(job.source):
        return job
    from blindsr.io.photo import read_size

    size = read_size(job.source)
    return job if size is None else replace(job, plan=_plan_of_size(job, request, size, channels=1, bits=8))


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
            with _claim(job, request) as outcome:
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
                outcome = locks.enter_context(_claim(job, request))
                if outcome is not None:
                    outcomes.append(outcome)
                    continue
                photo = streams.read_photo(job.source, page=request.page)
                _plan_of(photo, job, request)
            except Exception as error:
                outcomes.append(_failure(job, error))
                continue
            on_start(photo)
            ready.append((job, photo))
            if sum(one.image[0].numel() for _, one in ready) > BATCH_PIXELS:  # heads told too little
                outcomes += _estimate(ready, request, on_progress)
                ready = []
        outcomes += _estimate(ready, request, on_progress)
    return outcomes


def estimation_groups(jobs: Sequence[Job], request: Request) -> Iterator[list[Job]]:
    """Groups of jobs whose kernels are estimated together: as many as the device and its memory favour.

    Args:
        jobs: In the order of work.
        request: What is asked of them.

    Yields:
        Groups; of one job each if the device gains nothing by more.
    """
    from kernelgan.config import KernelGANConfig
    from kernelgan.estimate import BATCH_SIZE
    from srbase.runtime.device import can_replay, resolve_device

    trains = isinstance(request.settings.estimator, KernelGANConfig)
    most = BATCH_SIZE if trains and can_replay(resolve_device(request.device)) else 1
    group: list[Job] = []
    held = 0
    for job in jobs:
        scale = 1 if job.plan is None else job.plan.scale
        pixels = UNKNOWN_PIXELS if job.plan is None else job.plan.width * job.plan.height // scale**2
        if group and (len(group) == most or held + pixels > BATCH_PIXELS):
            yield group
            group, held = [], 0
        group.append(job)
        held += pixels
    if group:
        yield group


def is_finished(job: Job, request: Request, entries: Mapping[str, manifest.Entry]) -> bool:
    """Whether an earlier run made everything that is asked for.

    Args:
        job: A photograph.
        request: What is asked of it.
        entries: The manifest of its output folder.
    """
    if not request.batch or request.overwrite:
        return False
    besides = [*job.copies]
    besides += [] if job.details is None else [job.details / details.RECORD]
    besides += [] if job.page is None else [job.page.path]
    if not all(path.is_file() for path in besides):
        return False
    return manifest.is_finished(job.source, job.output, request.fingerprint(job.kernel), dict(entries))


@contextmanager
def _claim(job: Job, request: Request) -> Iterator[Outcome | None]:
    """Hold the lock of the job's result.

    Yields:
        None if the job is ours to do; else its outcome: done or in the hands of another process.
    """
    if not request.batch:
        yield None
        return
    files.make_folder(job.output.parent)
    with manifest.locked(job.output) as owner:
        if owner is not None:
            yield Outcome(job=job, status=BUSY, notes=(f"being made by {owner}",))
        elif is_finished(job, request, manifest.read(job.output.parent)):
            yield Outcome(job=job, status=SKIPPED, paths=(job.output, *job.copies), plan=job.plan)
        else:
            yield None


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
    job = replace(job, plan=_plan_of(photo, job, request))
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
    data, left_out = encode_photo(_named(job, request), result.photo)
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
    plan = _plan_of(photo, job, request, pages=len(stack))
    job = replace(job, plan=plan)
    on_start(photo)
    _make_folders(job)
    folder = Path(tempfile.gettempdir()) if job.output == files.STREAM else job.output.parent
    with stacks.upscaled_pages(
        stack,
        folder,
        request.enlargement,
        plan,
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
    record = details.record(job, request, result) | dict(pages)
    if job.details is not None:  # before the result, which says that all is there
        details.write_record(job.details, record, replace=request.replaces)
    fault = _page(job, request, result, record)
    path = _write(job, request, data, result.source.sha256)
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
    data = encode_kernel(kernel, _named(job, request).suffix, layout=layout)
    path = _write(job, request, data, photo.sha256)
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


def _plan_of(photo: "Photo", job: Job, request: Request, *, pages: int = 1) -> "Plan":
    """The plan of a decoded photograph, whose depth and channels are known. Raises InputError."""
    channels, height, width = photo.image.shape
    channels += photo.alpha is not None
    return _plan_of_size(job, request, (width, height), channels=channels, bits=photo.bits, pages=pages)


def _plan_of_size(
    job: Job, request: Request, size: tuple[int, int], *, channels: int, bits: int, pages: int = 1
) -> "Plan":
    """The plan of a photograph of this size.

    Args:
        job: The photograph.
        request: What is asked of it.
        size: Width and height.
        channels: With alpha.
        bits: Of a sample.
        pages: Of the result.

    Raises:
        InputError: The photograph is too small, or the format, the disk or the memory cannot hold its result.
    """
    import torch

    from blindsr import pipeline
    from blindsr.io.photo import check_fits, least_bytes

    try:
        plan = request.enlargement.plan(*size)
        output = _named(job, request)
        if not request.makes_kernels:
            check_fits(output, plan.width, plan.height, channels=channels, bits=bits)
        of_this_size = torch.zeros(()).expand(1, size[1], size[0])  # takes no memory
        pipeline.check(of_this_size, plan.scale, job.kernel)
        if request.makes_kernels:
            return plan
        if job.output != files.STREAM:
            least = least_bytes(output, plan.width, plan.height, channels=channels, bits=bits)
            files.require_space([(output, least * (pages if pages == 1 else 2 * pages))])  # made, then copied
        require_memory(plan.scale * size[0], plan.scale * size[1], channels)
    except InputError as error:
        raise InputError(f"{job.source}: {error}") from error
    return plan


def _named(job: Job, request: Request) -> Path:
    """The output's name, whose ending is its format; standard output gets the one of ``--format``."""
    return Path(f"standard output{request.file_format}") if job.output == files.STREAM else job.output


def _write(job: Job, request: Request, data: "bytes | mmap", input_sha256: str) -> Path:
    """Write the result; if its name was taken during the work, under a free name like it.

    Returns:
        Where it is.
    """
    path = job.output
    if path == files.STREAM:
        streams.write(data)
        return path
    digest = hashlib.sha256(data).hexdigest()
    for number in range(1, FREE_NAMES):
        if request.batch:
            request_hash = request.fingerprint(job.kernel)
            manifest.append(path.parent, manifest.Entry(path.name, digest, input_sha256, request_hash))
        try:
            atomic.write(path, data, replace=request.overwrite)
        except atomic.ExistsError:
            path = job.output.with_name(f"{job.output.stem[:200]}-{number}{job.output.suffix}")
        else:
            return path
    raise atomic.ExistsError(f"{job.output} exists by now, as do all names like it; wanted a free name")


def _failure(job: Job, error: Exception) -> Outcome:
    return Outcome(job=job, status=FAILED, error=one_line(error), trace=traceback.format_exc())
