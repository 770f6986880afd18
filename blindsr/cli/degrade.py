"""``blindsr degrade``: downscale an image with a known kernel."""

from pathlib import Path

import click

from blindsr.cli import files, options, streams
from blindsr.cli.session import Session, pass_session, usage
from blindsr.names import KERNELS_READ, KERNELS_WRITTEN

EXAMPLES = """\b
Examples:
  blindsr degrade photo.png -o small.png                         bicubic
  blindsr degrade photo.png -o small.png -k kernel.mat
  blindsr degrade photo.png -o small.png --random-kernel --save-kernel k.mat
  blindsr degrade - -o - < photo.png > small.png                 from standard input to standard output
"""


@click.command(short_help="Downscale an image with a known kernel.", epilog=EXAMPLES)
@click.argument("source", metavar="INPUT", type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    required=True,
    metavar="LR|-",
    help="Low-resolution image to write, or - for standard output.",
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
@click.option(
    "--format",
    "file_format",
    type=click.Choice(list(options.IMAGE_FORMATS)),
    default="png",
    show_default=True,
    help="File format on standard output.",
)
@options.page
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
    file_format: str,
    page: int | None,
    seed: int,
    overwrite: bool,
) -> int:
    """Downscale INPUT, bicubically or with a kernel, and print the path of the result.

    INPUT is an image file, or - for standard input.
    """
    if kernel_file is not None and random_kernel:
        raise click.UsageError("--kernel and --random-kernel exclude each other")
    from blindsr import api
    from blindsr.degradation import degraded
    from blindsr.io.kernel_files import check_kernel_name, write_kernel
    from blindsr.io.photo import check_writable_name, encode_photo, write_photo
    from srbase.kernels.kernel import SRKernel

    session.stdout_is_data = output == files.STREAM
    written = [path for path in (output, save_kernel) if path is not None and path != files.STREAM]
    with usage():
        if output != files.STREAM:
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
        photo = streams.read_photo(source, page=page)  # before any folder is made
        for path in written:
            files.make_folder(path.parent)
        session.say(f"{source}: {photo.image.shape[2]}x{photo.image.shape[1]} pixels, scale 1/{scale}")
        small = degraded(photo, scale, kernel=kernel)
        if output == files.STREAM:
            named = Path(f"standard output{options.IMAGE_FORMATS[file_format]}")
            data, left_out = encode_photo(named, small)
            streams.write(data)
        else:
            left_out = write_photo(output, small, replace=overwrite)
        for note in photo.notes + left_out:
            session.say(f"{source}: {note}")
        if save_kernel is not None:
            write_kernel(save_kernel, kernel or SRKernel.bicubic(scale), replace=overwrite)
        session.result(str(output), input=str(source), output=str(output), scale=scale)
    return session.code
