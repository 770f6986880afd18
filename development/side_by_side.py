"""Kernels side by side: the picture of docs/kernelgan.md.

python -m development.side_by_side PICTURE.png WORDS=FOLDER ... --names im_1,im_2

A row for each folder, a column for each name; the kernel is FOLDER/NAME.mat, and its place stays empty where
there is none.
"""

from pathlib import Path
from typing import Final

import click

from benchmarks.reports.figure import drawn
from blindsr.io.kernel_files import picture, read_kernel
from srbase.kernels.kernel import SRKernel

INCHES: Final = 1.05
"""A side of a kernel's place."""

Folders = dict[str, Path]


def draw(out: Path, folders: Folders, names: list[str]) -> None:
    """The picture: x2 kernels, centred and cropped to 13x13, each from black to its largest cell."""
    with drawn(out, (INCHES * len(names) + 0.5, INCHES * len(folders) + 0.3)) as figure:
        grid = figure.subplots(len(folders), len(names), squeeze=False)
        for axes, name in zip(grid[0], names, strict=True):
            axes.set_title(name, fontsize=8, pad=2)
        for line, (words, folder) in zip(grid, folders.items(), strict=True):
            line[0].set_ylabel(words, fontsize=8)
            for axes, name in zip(line, names, strict=True):
                axes.set_xticks([])
                axes.set_yticks([])
                path = folder / f"{name}.mat"
                if path.exists():
                    axes.imshow(picture(_shown(path)), interpolation="nearest")
                else:
                    axes.set_frame_on(False)


def _shown(path: Path) -> SRKernel:
    return read_kernel(path, 2).centred().cropped()


def _folders(_context: object, _parameter: object, given: tuple[str, ...]) -> Folders:
    pairs = [words.partition("=") for words in given]
    for (words, equals, folder), whole in zip(pairs, given, strict=True):
        if not (words and equals and Path(folder).is_dir()):
            raise click.BadParameter(f"got '{whole}'; wanted WORDS=FOLDER, a folder that is there")
    return {words: Path(folder) for words, _, folder in pairs}


@click.command(help=__doc__)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("folders", nargs=-1, required=True, callback=_folders)
@click.option("--names", required=True, help="Of the kernels, with commas.")
def main(out: Path, folders: Folders, names: str) -> None:
    """The command."""
    draw(out, folders, names.split(","))
    click.echo(f"{out}: {len(folders)} rows of {len(names.split(','))} kernels", err=True)


if __name__ == "__main__":
    main()
