"""``blindsr upscale``: photographs in, larger ones out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blindsr.cli import details as run_details
from blindsr.cli import options, outputs, progress
from blindsr.cli.session import Session, pass_session, usage

if TYPE_CHECKING:
    from blindsr.imaging.kernel import SRKernel
    from blindsr.presets import Settings


@click.command(short_help="Super-resolve photographs, blindly or with a given kernel.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    metavar="FILE|DIR",
    help="A file for one input, or a folder.  [default: <stem>_x<scale>.png beside the input]",
)
@options.scale
@click.option(
    "-k",
    "--kernel",
    "kernel_file",
    type=options.PATH,
    metavar="FILE",
    help="The downscaling kernel for this scale (.mat, .npy, .npz, .txt, .csv); skips the estimation.",
)
@click.option("--real", is_flag=True, help="For photographs that carry noise: train against it.")
@options.device
@options.threads
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.zssr_steps
@click.option(
    "--details",
    type=options.PATH,
    metavar="DIR",
    help="Keep the kernels and run.json (settings, versions, losses) here; "
    "in a folder for each photograph where there are several.",
)
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    inputs: tuple[Path, ...],
    output: Path | None,
    scale: int,
    kernel_file: Path | None,
    real: bool,
    device: str,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    zssr_steps: int | None,
    details: Path | None,
    overwrite: bool,
) -> int:
    """Super-resolve photographs and print the path of each result.

    INPUT is an image or a folder of images. The kernel that made the photograph small is estimated
    from the photograph itself (KernelGAN), then undone by a network trained on it alone (ZSSR).
    """
    from blindsr import api
    from blindsr.device import describe, resolve_device

    jobs = _jobs(session, inputs, output, scale, details, estimated=kernel_file is None)
    with usage():
        place = resolve_device(device)
        for folder in {folder for job in jobs for folder in job.folders}:
            outputs.require_writable(folder)
        settings = api.settings(
            preset, estimator=estimator, kernelgan_steps=kernelgan_steps, zssr_steps=zssr_steps, real=real
        )
    kernel = None if kernel_file is None else api.read_kernel(kernel_file, scale)
    jobs = [job for job in jobs if _is_sound(session, job, scale, kernel, settings, overwrite=overwrite)]
    if not jobs:
        return session.code

    session.say(_essentials(scale, describe(place), seed, kernel_file, settings))
    for number, job in enumerate(jobs, 1):
        with session.failures_counted(job.source):
            session.say(f"[{number}/{len(jobs)}] {job.source}")
            for folder in job.folders:
                outputs.make_folder(folder)
            with progress.shown(session) as on_progress:
                result = api.upscale(
                    job.source,
                    scale,
                    kernel=kernel,
                    output=job.output,
                    seed=seed,
                    device=device,
                    settings=settings,
                    on_progress=on_progress,
                )
            if job.details is not None:
                asked = run_details.Request(
                    job.source, scale, seed, str(place), describe(place), kernel_file, settings
                )
                run_details.write(job.details, asked, result)
            times = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in result.seconds.items())
            session.say(f"[{number}/{len(jobs)}] {job.source}: {times}")
            click.echo(job.output)
    if session.failures and len(jobs) > 1:
        session.say(f"{session.failures} failed")
    return session.code


def _jobs(
    session: Session,
    inputs: Sequence[Path],
    output: Path | None,
    scale: int,
    details: Path | None,
    *,
    estimated: bool,
) -> list[outputs.Job]:
    """What to read and write. A folder without images is a failure; colliding names are wrong usage."""
    from blindsr.imaging.photo import READABLE, check_writable_name

    sources: list[Path] = []
    for path in inputs:
        with session.failures_counted(path):
            sources += outputs.images_in(path, READABLE, scale) if path.is_dir() else [path]
    sources = list({path.resolve(): path for path in reversed(sources)}.values())[::-1]
    several = len(inputs) > 1 or len(sources) > 1 or any(path.is_dir() for path in inputs)
    with usage():
        targets = outputs.plan(sources, output, scale, folder=several)
        folders = [details / path.stem if details and several else details for path in targets]
        for path in targets:
            check_writable_name(path)
        outputs.refuse_collisions(
            [
                *targets,
                *(
                    path
                    for folder in folders
                    if folder is not None
                    for path in run_details.files(folder, scale, estimated=estimated)
                ),
            ]
        )
    return [outputs.Job(*three) for three in zip(sources, targets, folders, strict=True)]


def _is_sound(
    session: Session,
    job: outputs.Job,
    scale: int,
    kernel: "SRKernel | None",
    settings: "Settings",
    *,
    overwrite: bool,
) -> bool:
    """Whether the photograph can be read and worked on and its files may be written."""
    from blindsr import pipeline
    from blindsr.imaging.photo import read_photo

    before = session.failures
    with session.failures_counted(job.source):
        pipeline.check(read_photo(job.source).image, scale, kernel, settings)
        written = [job.output]
        if job.details is not None:
            written += run_details.files(job.details, scale, estimated=kernel is None)
        outputs.refuse_existing(written, overwrite=overwrite)
    return session.failures == before


def _essentials(scale: int, device: str, seed: int, kernel: Path | None, settings: "Settings") -> str:
    from kernelgan.config import name_of

    zssr = settings.zssr
    source = f"the {name_of(settings.estimator)} estimator" if kernel is None else str(kernel)
    begins = "bicubic interpolation" if zssr.inverse is None else "the kernel's inverse"
    steps = f"at most {zssr.max_steps} steps" if zssr.max_steps else "untrained"
    network = f"ZSSR (from {begins}, {steps}{', for noise' if zssr.noise else ''})"
    return f"x{scale} on {device}, seed {seed}; kernel by {source}; {network}"
