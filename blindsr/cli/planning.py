"""What a run of ``blindsr upscale`` reads and what it is to write, before any work."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blindsr.cli import details as run_details
from blindsr.cli import inputs, outputs, pages
from blindsr.cli.session import Session
from blindsr.enlargement import Enlargement
from srbase.errors import InputError


@dataclass(frozen=True)
class Found:
    """What there is to read, and whether it is more than one named file."""

    sources: list[inputs.Source]
    several: bool


def found_in(
    session: Session, paths: Sequence[Path], output: Path | None, enlargement: Enlargement, *, deep: bool
) -> Found:
    """The photographs, each once. A folder without any is a failure; what is left out is said."""
    from blindsr.io.photo import READABLE

    sources: list[inputs.Source] = []
    left_out: Counter[str] = Counter()
    for path in paths:
        with session.failures_counted(path):
            if path.is_dir():
                folder = inputs.in_folder(path, READABLE, enlargement.suffix, deep=deep, besides=output)
                sources += folder.photographs
                left_out += folder.left_out
            else:
                sources.append(inputs.Source(path))
    if left_out:
        session.say(inputs.summary(left_out))
    each = list({source.path.resolve(): source for source in reversed(sources)}.values())[::-1]
    return Found(each, len(paths) > 1 or len(each) > 1 or any(path.is_dir() for path in paths))


def plan(
    found: Found, output: Path | None, enlargement: Enlargement, details: Path | None, *, estimated: bool
) -> list[outputs.Job]:
    """What to write. Raises InputError for names that collide or end in no format."""
    from blindsr.io.photo import check_writable_name

    targets = outputs.plan(found.sources, output, enlargement.suffix, folder=found.several)
    for path in targets:
        check_writable_name(path)
    folders = [
        details / source.below / path.stem if details and found.several else details
        for source, path in zip(found.sources, targets, strict=True)
    ]
    scale = enlargement.scale or 4
    kept = [
        path
        for folder in folders
        if folder is not None
        for path in run_details.files(folder, scale, estimated=estimated)
    ]
    outputs.refuse_collisions([*targets, *kept])
    paths = (source.path for source in found.sources)
    return [outputs.Job(*three) for three in zip(paths, targets, folders, strict=True)]


def with_pages(
    planned: Sequence[outputs.Job], found: Found, report: Path, originals: Path | None, *, overwrite: bool
) -> list[outputs.Job]:
    """The same jobs with a page each. Raises InputError for a page that cannot be written."""
    targets = [job.output for job in planned]
    made = pages.plan(report, found.sources, targets, originals, several=found.several)
    jobs = [replace(job, page=page) for job, page in zip(planned, made, strict=True)]
    outputs.refuse_collisions([*targets, *(page.path for page in made), *([report] if found.several else ())])
    if found.several and not overwrite:
        pages.refuse_foreign(report)
    return jobs


def require_places(planned: Sequence[outputs.Job], originals: Path | None) -> None:
    """Raise InputError where a folder cannot be written, or the originals are not there."""
    for folder in {folder for job in planned for folder in job.folders}:
        outputs.require_writable(folder)
    if originals is not None and not originals.exists():
        raise InputError(f"{originals} does not exist; wanted the originals")
