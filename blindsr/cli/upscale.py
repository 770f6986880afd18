"""``blindsr upscale``: photographs in, larger ones out."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blindsr.cli import details as run_details
from blindsr.cli import inputs, options, outputs, pages, progress
from blindsr.cli.session import Session, pass_session, usage
from blindsr.enlargement import Enlargement
from blindsr.errors import InputError
from blindsr.names import Real

if TYPE_CHECKING:
    from blindsr.cli.batch import Batch
    from blindsr.cli.work import Request
    from blindsr.presets import Settings

EXAMPLES = """\b
Examples:
  blindsr upscale photo.jpg                     photo_x2.png beside it
  blindsr upscale photo.heic -s 3 -o large.jpg  three times, as JPEG
  blindsr upscale scan.tif --width 4000         4000 pixels wide
  blindsr upscale holiday/ -r -o large/         a folder and those below it; again to resume
  blindsr upscale lr/ -o sr/ --gt hr/           with PSNR and SSIM in sr/metrics.csv
  blindsr upscale photo.jpg --report page.html  and a page to look at, before and after
  blindsr upscale a.png b.png -o out/ --json    a JSON object a line on stdout

\b
Files:
  Of several photographs OUT/blindsr.jsonl notes the finished ones: the same command again does the
  rest, --overwrite does all anew. OUT/failures.csv lists those that failed. A file is never replaced
  unasked, and appears whole or not at all; --overwrite through a symlink replaces what it points to.

\b
Exit codes:
  0 all done; 1 some photograph failed; 2 wrong usage; 130 Ctrl-C, 143 SIGTERM.
"""


@click.command(short_help="Super-resolve photographs, blindly or with a given kernel.", epilog=EXAMPLES)
@click.argument("paths", metavar="INPUT...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    metavar="FILE|DIR",
    help="A file for one input, or a folder.  [default: <stem>_x<scale>.png beside the input]",
)
@options.size
@click.option("-r", "--recursive", is_flag=True, help="Also the folders below a folder; their tree is kept.")
@click.option(
    "-k",
    "--kernel",
    "kernel_file",
    type=options.PATH,
    metavar="FILE",
    help="The downscaling kernel for this scale (.mat, .npy, .npz, .txt, .csv); skips the estimation.",
)
@options.real
@options.trust
@options.device
@options.threads
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Photographs at a time, on CPUs."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A running Dask scheduler, whose workers take the photographs instead.",
)
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.zssr_steps
@click.option(
    "--details",
    type=options.PATH,
    metavar="DIR",
    help="Keep the kernels, as soon as they are known, and run.json (settings, versions, losses) here; "
    "in a folder for each photograph where there are several.",
)
@click.option(
    "--gt",
    type=options.PATH,
    metavar="DIR|FILE",
    help="The originals, to score against: metrics.csv lies with the results.",
)
@options.report
@options.as_json
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    paths: tuple[Path, ...],
    output: Path | None,
    enlargement: Enlargement,
    recursive: bool,
    kernel_file: Path | None,
    real: Real,
    trust: float | None,
    device: str,
    jobs: int,
    scheduler: str | None,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    zssr_steps: int | None,
    details: Path | None,
    gt: Path | None,
    report: Path | None,
    overwrite: bool,
) -> int:
    """Super-resolve photographs and print the path of each result.

    INPUT is an image or a folder of images. The kernel that made the photograph small is estimated
    from the photograph itself (KernelGAN), then undone by a network trained on it alone (ZSSR).
    """
    with progress.starting(session):
        from blindsr import api

        found = _found(session, paths, output, enlargement, deep=recursive)
        with usage():
            planned = _planned(found, output, enlargement, details, estimated=kernel_file is None)
            if report is not None:
                planned = _with_pages(planned, found, report, gt, overwrite=overwrite)
            settings = api.settings(
                preset,
                estimator=estimator,
                kernelgan_steps=kernelgan_steps,
                zssr_steps=zssr_steps,
                real=real,
                trust=trust,
            )
            for folder in {folder for job in planned for folder in job.folders}:
                outputs.require_writable(folder)
            if gt is not None and not gt.exists():
                raise InputError(f"{gt} does not exist; wanted the originals")
        asked = _Asked(enlargement, settings, seed, device, kernel_file, overwrite, here=scheduler is None)
        batch = _batch(session, asked, found, planned, output, gt)
        batch.index = report if found.several else None
        if jobs > 1 and not batch.request.device.startswith("cpu"):
            raise click.UsageError(f"--jobs is for CPUs, and the device is {batch.request.device}")
        left = batch.checked(planned)
    lanes = min(jobs, len(left))
    threads = _threads_a_lane(session, lanes) if scheduler is None else session.threads or 1
    batch.run(left, lanes_wanted=lanes, threads=threads, scheduler=scheduler)
    return session.code


@dataclass(frozen=True)
class _Found:
    """What there is to read, and whether it is more than one named file."""

    sources: list[inputs.Source]
    several: bool


@dataclass(frozen=True)
class _Asked:
    """The options that a result depends on."""

    enlargement: Enlargement
    settings: "Settings"
    seed: int
    device: str
    kernel_file: Path | None
    overwrite: bool
    here: bool  # the device is this machine's


def _found(
    session: Session, paths: Sequence[Path], output: Path | None, enlargement: Enlargement, *, deep: bool
) -> _Found:
    """The photographs, each once. A folder without any is a failure; what is left out is said."""
    from blindsr.imaging.photo import READABLE

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
    return _Found(each, len(paths) > 1 or len(each) > 1 or any(path.is_dir() for path in paths))


def _planned(
    found: _Found, output: Path | None, enlargement: Enlargement, details: Path | None, *, estimated: bool
) -> list[outputs.Job]:
    """What to write. Raises InputError for names that collide or end in no format."""
    from blindsr.imaging.photo import check_writable_name

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


def _with_pages(
    planned: Sequence[outputs.Job], found: _Found, report: Path, originals: Path | None, *, overwrite: bool
) -> list[outputs.Job]:
    """The same jobs with a page each. Raises InputError for a page that cannot be written."""
    targets = [job.output for job in planned]
    made = pages.plan(report, found.sources, targets, originals, several=found.several)
    jobs = [replace(job, page=page) for job, page in zip(planned, made, strict=True)]
    outputs.refuse_collisions([*targets, *(page.path for page in made), *([report] if found.several else ())])
    if found.several and not overwrite:
        pages.refuse_foreign(report)
    return jobs


def _batch(
    session: Session,
    asked: _Asked,
    found: _Found,
    planned: Sequence[outputs.Job],
    output: Path | None,
    originals: Path | None,
) -> "Batch":
    from blindsr import api
    from blindsr.cli.batch import Batch
    from blindsr.cli.work import Request
    from blindsr.device import describe, resolve_device

    with usage():
        place = resolve_device(asked.device) if asked.here else None
        scale = asked.enlargement.scale
        if asked.kernel_file is not None and scale is None:
            raise InputError("a kernel is for one scale; wanted -s instead of --width or --height")
    kernel = None if asked.kernel_file is None else api.read_kernel(asked.kernel_file, scale or 2)
    request = Request(
        asked.enlargement,
        asked.settings,
        asked.seed,
        str(place or asked.device),
        describe(place) if place else f"the workers' device ({asked.device})",
        kernel,
        asked.kernel_file,
        overwrite=asked.overwrite,
        noted=found.several,
    )
    folder = None
    if found.several and planned:
        folder = output or planned[0].output.parent
    elif originals is not None and planned:
        folder = planned[0].output.parent
    return Batch(session, request, _headline(asked, request), folder, originals)


def _headline(asked: _Asked, request: "Request") -> str:
    from kernelgan.config import name_of

    enlargement, zssr = asked.enlargement, asked.settings.zssr
    size = enlargement.suffix.lstrip("_")
    estimator = f"the {name_of(asked.settings.estimator)} estimator"
    source = estimator if asked.kernel_file is None else str(asked.kernel_file)
    begins = "bicubic interpolation" if zssr.inverse is None else "the kernel's inverse"
    steps = f"at most {zssr.max_steps} steps" if zssr.max_steps else "untrained"
    network = f"ZSSR (from {begins}, {steps}{', for noise' if zssr.noise else ''})"
    return f"{size} on {request.device_name}, seed {asked.seed}; kernel by {source}; {network}"


def _threads_a_lane(session: Session, lanes: int) -> int:
    import torch

    if session.threads is not None:
        return session.threads
    return max(1, min(torch.get_num_threads(), (os.cpu_count() or 1) // max(1, lanes)))
