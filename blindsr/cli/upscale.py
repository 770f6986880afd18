"""``blindsr upscale``: enlarge photographs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blindsr.cli import details as run_details
from blindsr.cli import files, options, reports
from blindsr.cli.jobs import FAILED, Job, Outcome, Request
from blindsr.cli.progress import loading
from blindsr.cli.session import Session, pass_session, usage
from blindsr.enlargement import Enlargement
from blindsr.names import KERNELS_READ, KindChoice, Real
from srbase.errors import InputError

if TYPE_CHECKING:
    from srbase.kernels.kernel import SRKernel

EXAMPLES = """\b
Examples:
  blindsr upscale photo.jpg                     writes photo_x2.png beside it
  blindsr upscale photo.heic -s 3 -o large.jpg  3 times as large, as JPEG
  blindsr upscale scan.tif --width 4000         4000 pixels wide
  blindsr upscale stack.tif --pages all         every page, with one kernel
  blindsr upscale holiday/ -r -o large/         a folder and its sub-folders
  blindsr upscale photos/ -k kernels/ -o large/ with a kernel for each photograph
  blindsr upscale lr/ -o sr/ --gt hr/           also writes PSNR and SSIM to sr/metrics.csv
  blindsr upscale photo.jpg --report page.html  also makes a page: before and after
  blindsr upscale - -o - < a.jpg > a_x2.png     from standard input to standard output

\b
Several photographs:
  OUT/blindsr.jsonl lists the finished results. Run the same command again to continue after an
  interruption; --overwrite starts anew. Two runs on one folder share the work. OUT/failures.csv
  lists photographs that failed; they do not stop the others.

\b
Files:
  A file that exists is never replaced without --overwrite. A result appears whole or not at all.
  --overwrite on a symbolic link replaces the file that it points to.

\b
Exit codes:
  0 all done; 1 a photograph failed; 2 wrong usage; 130 Ctrl-C; 143 SIGTERM.
"""


@click.command(short_help="Enlarge photographs, with an estimated or a given kernel.", epilog=EXAMPLES)
@click.argument("paths", metavar="INPUT...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    metavar="FILE|DIR|-",
    help="Output file (for one photograph), output folder, or - for standard output.  [default: "
    "<stem>_x<scale>.png beside the input; .tif with --pages all, <stem>_p<N>_x<scale>.png with --pages N]",
)
@options.size
@options.pages
@options.recursive
@click.option(
    "-k",
    "--kernel",
    "kernel_path",
    type=options.PATH,
    metavar="FILE|DIR",
    help=f"Use this kernel ({', '.join(KERNELS_READ)}) instead of an estimate; or a folder of kernels, "
    "matched by name: cat_kernel_x2.mat or cat.mat for cat.jpg.",
)
@options.real
@options.kind
@options.trust
@click.option(
    "--format",
    "file_format",
    type=click.Choice(list(options.IMAGE_FORMATS)),
    help="File format of results without a name of their own.  [default: png]",
)
@options.device
@options.threads
@options.jobs
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Send the work to the workers of this running Dask scheduler.",
)
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.zssr_steps
@options.network
@click.option(
    "--details",
    type=options.PATH,
    metavar="DIR",
    help="Also write the kernels and run.json (settings, versions, losses) to this folder; for several "
    "photographs to a sub-folder each.",
)
@click.option(
    "--gt",
    type=options.PATH,
    metavar="FILE|DIR",
    help="Originals (ground truth): write PSNR and SSIM to metrics.csv beside the results.",
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
    pages: int | str | None,
    recursive: bool,
    kernel_path: Path | None,
    real: Real,
    kind: KindChoice,
    trust: float | None,
    file_format: str | None,
    device: str,
    jobs: int,
    scheduler: str | None,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    zssr_steps: int | None,
    network: Path | None,
    details: Path | None,
    gt: Path | None,
    report: Path | None,
    overwrite: bool,
) -> int:
    """Enlarge photographs and print the path of each result.

    INPUT is an image file, a folder of images, or - for standard input.

    A picture may have been downscaled by a blur kernel, resized by a program or taken by a camera. blindsr
    analyses it and combines bicubic interpolation, a small filter and the inverse of the kernel or of a
    camera's blur, so that the expected loss is least. If the kernel is certain, a network that is trained on
    this photograph alone (ZSSR) refines its inverse. Only --network adds detail that was learned from other
    photographs.
    """
    if kernel_path is not None:
        _refuse_beside_kernel(estimator, kernelgan_steps, kind)
    if pages == options.ALL:
        _refuse_beside_pages(file_format, gt)
        file_format = "tiff"
    suffix = options.IMAGE_FORMATS[file_format or "png"]
    with loading(session):
        from blindsr import api
        from blindsr.cli.batch import Batch, device_of
        from blindsr.cli.work import upscale_group
        from blindsr.io.stack import check_holds_pages

        page = f"_p{pages}" if isinstance(pages, int) else ""
        ending = f"{page}{enlargement.suffix}{suffix}"
        with usage():
            session.stdout_is_data = output == files.STREAM
            sources = files.sources_of(session, paths, output, ending, recursive=recursive)
            planned = _jobs(sources, output, ending, enlargement, details, estimated=kernel_path is None)
            if pages == options.ALL:
                for job in planned:
                    if job.output != files.STREAM:
                        check_holds_pages(job.output)
            _check_streams(planned, output, gt, scheduler)
            if report is not None:
                planned = _with_pages(planned, sources, report, gt, overwrite=overwrite)
            settings = api.settings(
                preset,
                estimator=estimator,
                kernelgan_steps=kernelgan_steps,
                zssr_steps=zssr_steps,
                real=real,
                kind=kind,
                trust=trust,
                network=network,
            )
            for folder in {folder for job in planned for folder in job.folders}:
                files.require_writable(folder)
            if gt is not None and not gt.exists():
                raise InputError(f"{gt} does not exist; wanted the originals")
            if kernel_path is not None and enlargement.scale is None:
                raise InputError("a kernel is for one scale; wanted -s instead of --width or --height")
            device_name, described = device_of(device, here=scheduler is None)
        request = Request(
            enlargement=enlargement,
            settings=settings,
            seed=seed,
            device=device_name,
            device_name=described,
            overwrite=overwrite,
            batch=sources.several,
            pages=pages,
            file_format=suffix,
        )
        origin = f"kernel from {kernel_path}" if kernel_path else estimator and f"estimator {estimator}"
        parts = [enlargement.suffix.lstrip("_"), f"preset {preset}", origin, f"seed {seed}"]
        batch = Batch(
            session=session,
            request=request,
            headline=f"{', '.join(part for part in parts if part)}, on {described}",
            total=len(planned),
            tables=_tables_folder(planned, output, gt, several=sources.several),
            originals=gt,
            index=report if sources.several else None,
        )
        if kernel_path is not None:
            planned, unmatched = _with_kernels(planned, sources, kernel_path, enlargement.scale or 2)
            for outcome in unmatched:
                batch.take(outcome)
        groups = [[job] for job in batch.check(planned)]
    batch.run(upscale_group, groups, jobs=jobs, scheduler=scheduler)
    return session.code


def _refuse_beside_kernel(estimator: str | None, kernelgan_steps: int | None, kind: KindChoice) -> None:
    """Raise a usage error for options of an estimate, where the kernel is given."""
    for name, given in (
        ("--estimator", estimator is not None),
        ("--kernelgan-steps", kernelgan_steps is not None),
        ("--kind", kind != "auto"),
    ):
        if given:
            raise click.UsageError(f"{name} has no effect with --kernel; wanted one of them")


def _refuse_beside_pages(file_format: str | None, originals: Path | None) -> None:
    """Raise a usage error for options of single images, where all pages are asked for."""
    if file_format not in (None, "tiff"):
        raise click.UsageError(f"--format {file_format} holds no pages; wanted tiff with --pages all")
    if originals is not None:
        raise click.UsageError("--gt is of single images; wanted none with --pages all")


def _jobs(
    sources: files.Sources,
    output: Path | None,
    ending: str,
    enlargement: Enlargement,
    details: Path | None,
    *,
    estimated: bool,
) -> list[Job]:
    """The files of each photograph. Raises InputError for names that collide or end in no format."""
    from blindsr.io.photo import check_writable_name

    if output == files.STREAM and sources.several:
        raise InputError("standard output holds one image; wanted a folder for several photographs")
    if output == files.STREAM:
        outputs = [files.STREAM] * len(sources.each)
    else:
        if output is None and any(files.is_stream(source.path) for source in sources.each):
            raise InputError("the input is a stream and has no folder; wanted -o FILE, or -o -")
        outputs = files.output_paths(sources.each, output, ending, several=sources.several)
        for path in outputs:
            check_writable_name(path)
    folders = [
        details / source.below / path.stem if details and sources.several else details
        for source, path in zip(sources.each, outputs, strict=True)
    ]
    scale = enlargement.scale or 4
    kept = [
        path
        for folder in folders
        if folder is not None
        for path in run_details.files(folder, scale, estimated=estimated)
    ]
    files.refuse_collisions([*outputs, *kept])
    return [
        Job(source=source.path, output=path, details=folder)
        for source, path, folder in zip(sources.each, outputs, folders, strict=True)
    ]


def _check_streams(
    planned: Sequence[Job], output: Path | None, originals: Path | None, scheduler: str | None
) -> None:
    """Raise InputError for what a stream cannot do."""
    if output == files.STREAM and originals is not None:
        raise InputError("--gt reads the result again; wanted -o FILE instead of standard output")
    streams = output == files.STREAM or any(files.is_stream(job.source) for job in planned)
    if streams and scheduler is not None:
        raise InputError("a stream is on this machine; wanted files with --scheduler")


def _with_pages(
    planned: Sequence[Job],
    sources: files.Sources,
    report: Path,
    originals: Path | None,
    *,
    overwrite: bool,
) -> list[Job]:
    """The same jobs with a page each. Raises InputError for a page that cannot be written."""
    several = sources.several
    jobs = reports.with_pages(planned, sources.each, report, originals, several=several)
    pages = [job.page.path for job in jobs if job.page is not None]
    outputs = [job.output for job in jobs if job.output != files.STREAM]
    files.refuse_collisions([*outputs, *pages, *([report] if several else ())])
    if several and not overwrite:
        reports.refuse_foreign(report)
    return jobs


def _with_kernels(
    planned: Sequence[Job], sources: files.Sources, path: Path, scale: int
) -> tuple[list[Job], list[Outcome]]:
    """The jobs with their kernels, and the outcomes of those that have none.

    Raises InputError if ``path`` is one file and no kernel for this scale.
    """
    from blindsr import api

    if not path.is_dir():
        kernel = api.read_kernel(path, scale)
        return [replace(job, kernel=kernel, kernel_file=path) for job in planned], []
    jobs, failed = [], []
    known: dict[tuple[Path, int], SRKernel] = {}
    for job, source in zip(planned, sources.each, strict=True):
        try:
            file, kernel_scale = files.kernel_file_for(source, path, scale)
            if (file, kernel_scale) not in known:
                known[file, kernel_scale] = api.read_kernel(file, kernel_scale)
        except InputError as error:
            failed.append(Outcome(job=job, status=FAILED, error=str(error)))
        else:
            jobs.append(replace(job, kernel=known[file, kernel_scale], kernel_file=file))
    return jobs, failed


def _tables_folder(
    planned: Sequence[Job], output: Path | None, originals: Path | None, *, several: bool
) -> Path | None:
    """Where ``failures.csv`` and ``metrics.csv`` go; None if there are none."""
    if not planned or not (several or originals is not None):
        return None
    return output if several and output is not None else planned[0].output.parent
