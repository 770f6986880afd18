"""``blindsr upscale``: photographs in, larger ones out."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from blindsr.cli import choices, options, planning, progress
from blindsr.cli.asked import Asked, batch_of
from blindsr.cli.session import Session, pass_session, usage
from blindsr.enlargement import Enlargement
from blindsr.names import Real

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
@choices.real
@choices.trust
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
@choices.seed
@choices.preset
@choices.estimator
@choices.kernelgan_steps
@choices.zssr_steps
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
    if kernel_file is not None:
        _refuse_estimation({"--estimator": estimator, "--kernelgan-steps": kernelgan_steps})
    with progress.starting(session):
        from blindsr import api

        found = planning.found_in(session, paths, output, enlargement, deep=recursive)
        with usage():
            planned = planning.plan(found, output, enlargement, details, estimated=kernel_file is None)
            if report is not None:
                planned = planning.with_pages(planned, found, report, gt, overwrite=overwrite)
            steps = {"kernelgan_steps": kernelgan_steps, "zssr_steps": zssr_steps}
            settings = api.settings(preset, estimator=estimator, **steps, real=real, trust=trust)
            planning.require_places(planned, gt)
        asked = Asked(enlargement, settings, seed, device, kernel_file, overwrite, here=scheduler is None)
        batch = batch_of(session, asked, found, planned, output, gt)
        batch.index = report if found.several else None
        if jobs > 1 and not batch.request.device.startswith("cpu"):
            raise click.UsageError(f"--jobs is for CPUs, and the device is {batch.request.device}")
        left = batch.checked(planned)
    lanes = min(jobs, len(left))
    threads = _threads_a_lane(session, lanes) if scheduler is None else session.threads or 1
    batch.run(left, lanes_wanted=lanes, threads=threads, scheduler=scheduler)
    return session.code


def _refuse_estimation(options: Mapping[str, object]) -> None:
    """What is said of the kernel's estimation, where a kernel is given, is refused and not ignored."""
    for name, value in options.items():
        if value is not None:
            raise click.UsageError(f"{name} is for a kernel that is estimated, and --kernel gives one")


def _threads_a_lane(session: Session, lanes: int) -> int:
    import torch

    if session.threads is not None:
        return session.threads
    return max(1, min(torch.get_num_threads(), (os.cpu_count() or 1) // max(1, lanes)))
