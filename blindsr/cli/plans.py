"""Checks before the work: the size of each result, whether it fits, which kernels are estimated together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blindsr.cli import files
from blindsr.cli.jobs import Job, Request
from srbase.errors import InputError
from srbase.runtime.memory import require_memory

if TYPE_CHECKING:
    from blindsr.enlargement import Plan
    from blindsr.io.photo import Photo

BATCH_PIXELS: Final = 1 << 26
"""Pixels of all photographs that are in memory together: 0.8 GB in colour."""
UNKNOWN_PIXELS: Final = 12_000_000
"""Assumed pixels of a photograph (a telephone's) if the head of its file does not tell."""


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


def plan_of(photo: "Photo", job: Job, request: Request, *, pages: int = 1) -> "Plan":
    """The plan of a decoded photograph, whose depth and channels are known. Raises InputError."""
    channels, height, width = photo.image.shape
    channels += photo.alpha is not None
    return _plan_of_size(job, request, (width, height), channels=channels, bits=photo.bits, pages=pages)


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


def output_path(job: Job, request: Request) -> Path:
    """The output, whose ending is its format; for standard output a name with the ending of ``--format``."""
    return Path(f"standard output{request.file_format}") if job.output == files.STREAM else job.output


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
        output = output_path(job, request)
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
