"""Stacks: every page of a file is upscaled with one kernel, page by page."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blindsr import api, estimation
from blindsr.configuration import Settings, with_choices
from blindsr.enlargement import Enlargement
from blindsr.io import atomic
from blindsr.io.convert import Kernel, kernel_of
from blindsr.io.stack import Stack, StackWriter, check_holds_pages, read_stack
from srbase.errors import InputError
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.memory import give_back_freed_blocks
from srbase.runtime.torch_state import initial_torch_state

if TYPE_CHECKING:
    from blindsr.estimation import Analysis
    from blindsr.names import KindChoice, Real
    from blindsr.pipeline import OnKernels

EXAMINED: Final = 9
"""Pages in which a kernel is looked for, evenly spread: about a second each."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StackResult:
    """A stack of SR images and how it came about.

    Attributes:
        pages: their number.
        page: number, from 1, of the page that the kernel was estimated on; of the first page if it was given.
        result: of that page; its times are those of all pages, its notes those of the whole file.
        output: the file written.
    """

    pages: int
    page: int
    result: api.UpscaleResult
    output: Path | None = None


@initial_torch_state()
def upscale_stack(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    scale: float = 2,
    *,
    width: int | None = None,
    height: int | None = None,
    kernel: Kernel | None = None,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    real: Real | None = None,
    kind: KindChoice | None = None,
    trust: float | None = None,
    network: str | os.PathLike[str] | None = None,
    on_progress: OnProgress = silent,
) -> StackResult:
    """Super-resolve every page of a stack with one kernel, and write a multi-page TIFF.

    The kernel, and how the pages are restored, are found on the page that shows the kernel best. The file is
    in memory, and a few of its pages at a time.

    Args:
        path: a TIFF of pages, a FITS of planes or a DICOM of frames, all of one size. A file of one picture
            is upscaled as by :func:`blindsr.upscale`.
        output: a TIFF to write or replace.
        scale: as of :func:`blindsr.upscale`, as are all that follow.
        width: the result's, pixels, in place of a scale.
        height: the same.
        kernel: for the scale that is computed; None: it is estimated.
        seed: of each page's random numbers.
        device: where to compute.
        settings: of the run; None: the default.
        real: origin of the pages.
        kind: what kind of picture they are.
        trust: blend.
        network: trained weights.
        on_progress: called with each step of the work.

    Returns:
        What was made.

    Raises:
        InputError: for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    target = Path(output)
    check_holds_pages(target)
    stack, enlargement = read_stack(Path(path)), Enlargement(factor=scale, width=width, height=height)
    settings = with_choices(settings or Settings(), real=real, kind=kind, trust=trust, network=network)
    first = stack.page(0)
    if len(stack) == 1:
        result = api.upscale(
            first,
            scale,
            width=width,
            height=height,
            kernel=kernel,
            output=target,
            seed=seed,
            device=device,
            settings=settings,
            on_progress=on_progress,
        )
        return StackResult(pages=1, page=1, result=result, output=target)
    plan = enlargement.plan(first.image.shape[2], first.image.shape[1])
    with open_upscaled_stack(
        stack,
        target.parent,
        enlargement,
        plan.scale,
        kernel=kernel,
        seed=seed,
        device=device,
        settings=settings,
        on_progress=on_progress,
    ) as (made, data):
        atomic.write(target, data)
    return replace(made, output=target)


@contextmanager
def open_upscaled_stack(
    stack: Stack,
    folder: Path,
    enlargement: Enlargement,
    scale: int,
    *,
    kernel: Kernel | None,
    seed: int,
    device: str,
    settings: Settings,
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> Iterator[tuple[StackResult, mmap.mmap]]:
    """Super-resolve every page of a stack into a temporary multi-page TIFF, which is deleted on exit.

    Args:
        stack: of two pages or more.
        folder: of the temporary file.
        enlargement: what was asked for.
        scale: that is computed for pages of this size, 2 or 4.
        kernel: for the scale that is computed; None: it is estimated.
        seed: of each page's random numbers.
        device: where to compute.
        settings: of the run.
        on_progress: called with each step of the work; its stages have the page's number.
        on_kernels: called with the kernels by scale as soon as they are known.

    Yields:
        The result, and the bytes of the multi-page TIFF as a memory map.

    Raises:
        InputError: for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    count = len(stack)
    chosen, kernel_page, analysis = kernel_of(kernel, scale), 0, None
    seconds: dict[str, float] = {}
    kernel_result: api.UpscaleResult | None = None
    notes: list[str] = []
    settings.restoration.detail_for(scale)  # refused before any work
    dtype = stack.data_type()
    with open_unnamed_file(folder) as file:
        if chosen is None:
            kernel_page, analysis = _analysis(stack, scale, settings, seed, device, on_progress)
            seconds["kernel"] = analysis.seconds
        writer = StackWriter(file, count, dtype)
        for index, photo in enumerate(stack):
            result = api.upscale(
                photo,
                enlargement.factor,
                width=enlargement.width,
                height=enlargement.height,
                kernel=chosen,
                seed=seed,
                device=device,
                settings=settings,
                analysis=analysis,
                on_progress=_of_page(on_progress, index + 1, count),
                on_kernels=on_kernels if index == 0 else None,
            )
            for stage, spent in result.seconds.items():
                seconds[stage] = seconds.get(stage, 0.0) + spent
            notes += [line for line in result.notes if line not in notes]
            writer.append(result.photo)
            if index == kernel_page:
                kernel_result = result
            give_back_freed_blocks()
        writer.close()
        assert kernel_result is not None
        number = stack.numbers[kernel_page] or 1
        origin = "given" if analysis is None else f"that page {number} shows best"
        note = f"{count} pages, with the kernel {origin}"
        kernel_result = replace(kernel_result, seconds=seconds, notes=(note, *notes, *writer.notes))
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield StackResult(pages=count, page=number, result=kernel_result), data


def _analysis(
    stack: Stack, scale: int, settings: Settings, seed: int, device: str, on_progress: OnProgress
) -> tuple[int, Analysis]:
    """The place of the page that shows its kernel best among some of them, and its analysis."""
    last = len(stack) - 1
    places = sorted({round(step * last / (EXAMINED - 1)) for step in range(EXAMINED)})
    pages = map(stack.page, places)
    shown, analysis = estimation.analyse_clearest(
        ((page.image, page.file_evidence) for page in pages),
        scale,
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
    )
    return places[shown], analysis


def _of_page(on_progress: OnProgress, number: int, count: int) -> OnProgress:
    """The callback with the page's number in the names of the stages."""

    def report(progress: Progress) -> None:
        on_progress(replace(progress, stage=f"{progress.stage}, page {number} of {count}"))

    return report


def open_unnamed_file(folder: Path) -> Any:
    """A file without a name in a folder. Raises InputError."""
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; wanted a writable folder") from error
