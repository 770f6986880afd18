"""``blindsr kernel``: the estimation alone."""

from pathlib import Path

import click

from blindsr.cli import options, outputs, progress
from blindsr.cli.session import Session, pass_session, usage


@click.command(short_help="Estimate the downscaling kernel of a photograph.")
@click.argument("source", metavar="INPUT", type=options.PATH)
@click.option(
    "-o",
    "--output",
    "files",
    type=options.PATH,
    multiple=True,
    required=True,
    metavar="K.mat|K.npy|K.png",
    help="Where to write the kernel (.png is a picture for people); may be given several times.",
)
@options.scale
@options.device
@options.threads
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    source: Path,
    files: tuple[Path, ...],
    scale: int,
    device: str,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    overwrite: bool,
) -> int:
    """Estimate the kernel that made INPUT small and print the paths written.

    The kernel is 13x13 for x2; for x4 it is the x2 kernel applied twice, 25x25.
    """
    from blindsr import api, pipeline
    from blindsr.device import describe, resolve_device
    from blindsr.imaging.kernel_files import check_kernel_name, write_kernel
    from blindsr.imaging.photo import read_photo

    with usage():
        place = resolve_device(device)
        outputs.refuse_collisions(files)
        for path in files:
            check_kernel_name(path)
            outputs.require_writable(path.parent)
        settings = api.settings(preset, estimator=estimator, kernelgan_steps=kernelgan_steps)
    with session.failures_counted(source):
        photo = read_photo(source)
        pipeline.check(photo.image, pipeline.KERNEL_SCALE, None, settings)
        outputs.refuse_existing(files, overwrite=overwrite)
    if session.failures:
        return session.code

    session.say(f"x{scale} kernel of {source} on {describe(place)}, seed {seed}")
    with session.failures_counted(source):
        with progress.shown(session) as on_progress:
            kernel = api.estimate_kernel(
                photo, scale, seed=seed, device=device, settings=settings, on_progress=on_progress
            )
        for path in files:
            outputs.make_folder(path.parent)
            write_kernel(path, kernel)
            click.echo(path)
    return session.code
