"""``blindsr kernel``: estimate kernels without enlarging."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, get_args

import click

from blindsr.cli import files, options
from blindsr.cli.jobs import Job, Request
from blindsr.cli.progress import loading
from blindsr.cli.session import Session, pass_session, usage
from blindsr.enlargement import Enlargement
from blindsr.names import KERNELS_WRITTEN, Layout
from srbase.errors import InputError

FORMATS: Final = tuple(ending.removeprefix(".") for ending in KERNELS_WRITTEN)

EXAMPLES = """\b
Examples:
  blindsr kernel photo.jpg -o k.mat            13x13, variable Kernel
  blindsr kernel photo.jpg -s 4 -o k.npy       25x25
  blindsr kernel photo.jpg -o k.mat -o k.png   also a picture of it
  blindsr kernel photo.jpg -o k.mat --layout usrnet
  blindsr kernel photos/ -o kernels/ --estimator kernelgan

\b
Several photographs:
  photos/cat.jpg gives kernels/cat_kernel_x2.mat. On a GPU up to 32 KernelGANs are trained together,
  which takes little longer than one. Then "blindsr upscale photos/ -k kernels/ -o large/" uses them.
  kernels/blindsr.jsonl lists the finished ones: run the same command again to continue after an
  interruption. kernels/failures.csv lists photographs that failed.
"""


@click.command(short_help="Estimate the downscaling kernels of photographs.", epilog=EXAMPLES)
@click.argument("paths", metavar="INPUT...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "-o",
    "--output",
    "outputs",
    type=options.PATH,
    multiple=True,
    required=True,
    metavar="FILE|DIR|-",
    help=f"Kernel file ({', '.join(KERNELS_WRITTEN)}; a .png is a picture for people), a folder, or - for "
    "standard output. For one photograph it may be given several times.",
)
@options.recursive
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help=f"File format of kernels in a folder; may be given several times.  [default: {FORMATS[0]}]",
)
@click.option(
    "--layout",
    type=click.Choice(get_args(Layout)),
    default="kernelgan",
    show_default=True,
    help="Variable name and orientation in .mat files, for the program that reads them.",
)
@options.scale
@options.page
@options.device
@options.threads
@options.jobs
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.as_json
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    paths: tuple[Path, ...],
    outputs: tuple[Path, ...],
    recursive: bool,
    formats: tuple[str, ...],
    layout: Layout,
    scale: int,
    page: int | None,
    device: str,
    jobs: int,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    overwrite: bool,
) -> int:
    """Estimate the kernel of each photograph and print the paths written.

    INPUT is an image file, a folder of images, or - for standard input. The kernel is 13x13 for x2; for x4 it
    is the x2 kernel applied twice, 25x25.
    """
    with loading(session):
        from blindsr import api
        from blindsr.cli.batch import Batch, device_of
        from blindsr.cli.plans import estimation_groups
        from blindsr.cli.work import estimate_group

        with usage():
            session.stdout_is_data = files.STREAM in outputs
            ending = f"_kernel_x{scale}.{(formats or FORMATS)[0]}"
            sources = files.sources_of(session, paths, outputs[0], ending, recursive=recursive)
            planned = _jobs(sources, outputs, scale, formats, layout)
            for folder in {folder for job in planned for folder in job.folders}:
                files.require_writable(folder)
            device_name, described = device_of(device)
            settings = api.settings(preset, estimator=estimator, kernelgan_steps=kernelgan_steps)
        request = Request(
            enlargement=Enlargement(factor=scale),
            settings=settings,
            seed=seed,
            device=device_name,
            device_name=described,
            overwrite=overwrite,
            batch=sources.several,
            layout=layout,
            pages=page,
            file_format=f".{(formats or FORMATS)[0]}",
        )
        method = f"estimator {estimator}" if estimator else f"preset {preset}"
        batch = Batch(
            session=session,
            request=request,
            headline=f"x{scale} kernel, {method}, seed {seed}, on {described}",
            total=len(planned),
            tables=outputs[0] if sources.several and planned else None,
        )
        left = batch.check(planned)
        groups = list(estimation_groups(left, request))
    batch.run(estimate_group, groups, jobs=jobs)
    return session.code


def _jobs(
    sources: files.Sources,
    outputs: Sequence[Path],
    scale: int,
    formats: Sequence[str],
    layout: Layout,
) -> list[Job]:
    """The files of each photograph. Raises InputError for what cannot be written so."""
    from blindsr.io.kernel_files import check_kernel_name

    in_folder = sources.several or _is_folder(outputs[0])
    if files.STREAM in outputs:
        if sources.several or len(outputs) > 1:
            raise InputError("standard output holds one kernel; wanted one photograph and one output")
        jobs = [Job(source=source.path, output=files.STREAM) for source in sources.each]
    elif in_folder:
        if len(outputs) > 1:
            raise InputError(f"{len(outputs)} outputs for several photographs; wanted one folder")
        jobs = _jobs_in_folder(sources, outputs[0], scale, formats or FORMATS[:1])
    else:
        first, *others = outputs
        jobs = [Job(source=source.path, output=first, copies=tuple(others)) for source in sources.each]
    written = [path for job in jobs for path in (job.output, *job.copies) if path != files.STREAM]
    for path in written:
        check_kernel_name(path)
    if formats and not in_folder and files.STREAM not in outputs:
        raise InputError(
            "--format is for a folder or standard output; wanted the format as the file's ending"
        )
    files.refuse_collisions(written)
    files.refuse_inputs(written, [source.path for source in sources.each])
    kinds = {path.suffix.lower() for path in written} or {f".{kind}" for kind in formats or FORMATS[:1]}
    if layout != "kernelgan" and ".mat" not in kinds:
        raise InputError(f"--layout {layout} is of a .mat file; wanted one among the outputs")
    return jobs


def _jobs_in_folder(sources: files.Sources, folder: Path, scale: int, formats: Sequence[str]) -> list[Job]:
    """``<stem>_kernel_x<scale>.<format>`` of each photograph, in each format."""
    first, *others = (
        files.output_paths(sources.each, folder, f"_kernel_x{scale}.{kind}", several=True)
        for kind in dict.fromkeys(formats)
    )
    return [
        Job(source=source.path, output=output, copies=tuple(copies))
        for source, output, *copies in zip(sources.each, first, *others, strict=True)
    ]


def _is_folder(path: Path) -> bool:
    return path != files.STREAM and (path.is_dir() or not path.suffix)
