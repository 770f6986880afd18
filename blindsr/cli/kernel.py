"""``blindsr kernel``: the estimation alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from blindsr.cli import choices, options, outputs, progress
from blindsr.cli.session import Session, pass_session, usage
from blindsr.cli.words import kernel_in_words
from blindsr.names import Layout
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.io.photo import Photo
    from srbase.kernels.kernel import SRKernel


EXAMPLES = """\b
Examples:
  blindsr kernel photo.jpg -o k.mat            13x13, variable Kernel
  blindsr kernel photo.jpg -s 4 -o k.npy       25x25
  blindsr kernel photo.jpg -o k.mat -o k.png   and a picture of it
  blindsr kernel photo.jpg -o k.mat --layout usrnet
"""


@click.command(short_help="Estimate the downscaling kernel of a photograph.", epilog=EXAMPLES)
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
@click.option(
    "--layout",
    type=click.Choice(get_args(Layout)),
    default="kernelgan",
    show_default=True,
    help="Of the .mat file, for the program that is to read it.",
)
@options.scale
@options.device
@options.threads
@choices.seed
@choices.preset
@choices.estimator
@choices.kernelgan_steps
@options.as_json
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    source: Path,
    files: tuple[Path, ...],
    layout: Layout,
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
    from blindsr.io.kernel_files import write_kernel
    from srbase.runtime.device import describe, resolve_device

    with usage():
        place = resolve_device(device)
        _check_files(files, layout)
        settings = api.settings(preset, estimator=estimator, kernelgan_steps=kernelgan_steps)
    with session.failures_counted(source):
        photo = _read(session, source)
        outputs.refuse_existing(files, overwrite=overwrite)
    if session.failures:
        return session.code
    session.say(f"x{scale} kernel of {source} on {describe(place)}, seed {seed}")
    with session.failures_counted(source):
        with progress.shown(session) as on_progress:
            (found,) = pipeline.found(
                [photo.image],
                scale,
                told=[photo.told],
                seed=seed,
                device=device,
                settings=settings,
                on_progress=on_progress,
            )
        kernel = found.kernel(scale)
        for line in kernel_in_words(found.estimate, found.stored):
            session.say(line)
        for path in files:
            outputs.make_folder(path.parent)
            write_kernel(path, kernel, replace=overwrite, layout=layout)
            session.result(str(path), input=str(source), output=str(path), **_figures(kernel))
    return session.code


def _check_files(files: tuple[Path, ...], layout: Layout) -> None:
    """Raise InputError where the kernel cannot be written so."""
    from blindsr.io.kernel_files import check_kernel_name

    outputs.refuse_collisions(files)
    for path in files:
        check_kernel_name(path)
        outputs.require_writable(path.parent)
    if layout != "kernelgan" and not any(path.suffix.lower() == ".mat" for path in files):
        raise InputError(f"--layout {layout} is of a .mat file; wanted one among the outputs")


def _read(session: Session, source: Path) -> "Photo":
    """The photograph, if its kernel can be estimated. Raises InputError."""
    from blindsr import pipeline
    from blindsr.io.photo import read_photo

    photo = read_photo(source)
    for note in photo.notes:
        session.say(f"{source}: {note}")
    pipeline.check(photo.image, pipeline.KERNEL_SCALE, None)
    return photo


def _figures(kernel: "SRKernel") -> dict[str, Any]:
    return {
        "scale": kernel.scale,
        "shape": list(kernel.shape),
        "centre_offset": kernel.centre_offset.tolist(),
        "covariance": kernel.covariance.tolist(),
    }
