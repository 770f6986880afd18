"""Which process makes a result, whether it is finished, and under which name it is written."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blindsr.cli import details, files, manifest, streams
from blindsr.cli.jobs import BUSY, SKIPPED, Job, Outcome, Request
from blindsr.io import atomic

if TYPE_CHECKING:
    from mmap import mmap

FREE_NAMES: Final = 1000
"""Number of other names that are tried if the result's own was taken during the work."""


@contextmanager
def claim(job: Job, request: Request) -> Iterator[Outcome | None]:
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


def write_result(job: Job, request: Request, data: "bytes | mmap", input_sha256: str) -> Path:
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
