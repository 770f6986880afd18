"""``blindsr degrade``: downscale an image with a known kernel."""

from pathlib import Path

import click

from blindsr.cli import files, options
from blindsr.cli.session import Session, pass_session, usage
from blindsr.names import KERNELS_READ, KERNELS_WRITTEN

EXAMPLES = """\b
Examples:
  blindsr degrade photo.png -o small.png                         bicubic
  blindsr degrade photo.png -o small.png -k kernel.mat
  blindsr degrade photo.png -o small.png --random-kernel --save-kernel k.mat
"""


@click.command(short_help="Downscale an image with a known kernel.", epilog=EXAMPLES)
@click.argument("source", metavar="INPUT", type=options.PATH)
@click.option(
    "-o", "--output", type=options.PATH, required=True, metavar="LR", help="Low-resolution image to write."
)
@options.scale
@click.option(
    "-k",
    "--kernel",
    "kernel_file",
    type=options.PATH,
    metavar="FILE",
    help=f"Use this kernel ({', '.join(KERNELS_READ)}).",
)
@click.option("--random-kernel", is_flag=True, help="Use a random kernel of the DIV2KRK protocol.")
@click.option(
    "--save-kernel",
    type=options.PATH,
    metavar="FILE",
    help=f"Write the kernel ({', '.join(KERNELS_WRITTEN)}; a .png is a picture for people).",
)
@options.seed
@options.as_json
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    source: Path,
    output: Path,
    scale: int,
    kernel_file: Path | None,
    random_kernel: bool,
    save_kernel: Path | None,
    seed: int,
    overwrite: bool,
) -> int:
    """Downscale INPUT, bicubically or with a kernel, and print the path of the result."""
    if kernel_file is not None and random_kernel:
        raise click.UsageError("--kernel and --random-kernel exclude each other")
    from blindsr import api
    from blindsr.degradation import degraded
    from blindsr.io.kernel_files import check_kernel_name, write_kernel
    from blindsr.io.photo import check_writable_name, read_photo, write_photo
    from srbase.kernels.kernel import SRKernel

    written = [output] if save_kernel is None else [output, save_kernel]
    with usage():
        check_writable_name(output)
        if save_kernel is not None:
            check_kernel_name(save_kernel)
        files.refuse_collisions(written)
        files.refuse_inputs(written, [source])
        for path in written:
            files.require_writable(path.parent)
    with session.failures_counted(source):
        files.refuse_existing(written, overwrite=overwrite)
        kernel = None
        if kernel_file is not None:
            kernel = api.read_kernel(kernel_file, scale)
        elif random_kernel:
            kernel = api.random_kernel(scale, seed)
        photo = read_photo(source)  # before any folder is made
        for path in written:
            files.make_folder(path.parent)
        session.say(f"{source}: {photo.image.shape[2]}x{photo.image.shape[1]} pixels, scale 1/{scale}")
        small = degraded(photo, scale, kernel=kernel)
        for note in photo.notes + write_photo(output, small, replace=overwrite):
            session.say(f"{source}: {note}")
        if save_kernel is not None:
            write_kernel(save_kernel, kernel or SRKernel.bicubic(scale), replace=overwrite)
        session.result(str(output), input=str(source), output=str(output), scale=scale)
    return session.code
