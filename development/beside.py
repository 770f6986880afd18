"""Crops of several versions of pictures beside each other: the first picture of README.md.

python -m development.beside OUT.jpg --crop X,Y,W,H bicubic=a.png blindsr=b.png other=c.png
                                     [--crop X,Y,W,H bicubic=d.png ...]

A row for each ``--crop``, which goes for the files after it; a column for each word. All files of a row have
one size, in whose pixels the crop is.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from blindsr.io.atomic import written
from blindsr.io.photo import read_photo
from blindsr.report.pixels import Pixels, shown

WIDTH: Final = 9.0
"""Inches of the whole, at 100 pixels each."""
TITLE, GAP = 0.3, 0.06
"""Inches of the words above, and between crops."""


@dataclass
class Row:
    """A crop (left, top, width, height), and the files that it is cut from, by word."""

    crop: tuple[int, int, int, int]
    files: dict[str, Path] = field(default_factory=dict)

    def cut(self, word: str) -> Pixels:
        """(H, W, 3) of a file. Raises a usage error where the crop does not lie in it."""
        pixels = shown(read_photo(self.files[word]))
        left, top, width, height = self.crop
        part = pixels[top : top + height, left : left + width]
        if part.shape[:2] != (height, width):
            size = f"{pixels.shape[1]}x{pixels.shape[0]}"
            raise click.BadParameter(f"{self.files[word]} is {size}; wanted one that holds {self.crop}")
        return np.ascontiguousarray(part)


def rows_of(arguments: list[str]) -> list[Row]:
    """The rows of a command line. Raises a usage error."""
    rows: list[Row] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--crop":
            numbers = [int(text) for text in next(rest, "").split(",") if text.isdecimal()]
            if len(numbers) != 4:
                raise click.BadParameter("--crop has no four numbers; wanted X,Y,W,H")
            rows.append(Row((numbers[0], numbers[1], numbers[2], numbers[3])))
            continue
        word, equals, file = argument.partition("=")
        if not (rows and equals and Path(file).is_file()):
            raise click.BadParameter(f"got '{argument}'; wanted --crop first, then WORD=FILE")
        rows[-1].files[word] = Path(file)
    if not rows or any(list(row.files) != list(rows[0].files) for row in rows):
        raise click.BadParameter("the rows have different words; wanted the same files' words in each")
    return rows


def draw(out: Path, rows: list[Row]) -> None:
    """The picture; each row is as wide as the whole."""
    words = list(rows[0].files)
    column = (WIDTH - GAP * (len(words) - 1)) / len(words)
    heights = [column * row.crop[3] / row.crop[2] for row in rows]
    total = TITLE + sum(heights) + GAP * (len(rows) - 1)
    figure = Figure(figsize=(WIDTH, total), dpi=200)
    FigureCanvasAgg(figure)
    top = total - TITLE
    for row, height in zip(rows, heights, strict=True):
        top -= height
        for number, word in enumerate(words):
            place = (number * (column + GAP) / WIDTH, top / total, column / WIDTH, height / total)
            axes = figure.add_axes(place)
            axes.imshow(row.cut(word), interpolation="nearest", aspect="auto")
            axes.set_axis_off()
            if row is rows[0]:
                axes.set_title(word, fontsize=10, pad=4)
        top -= GAP
    with written(out) as temporary:
        figure.savefig(temporary, format=out.suffix.lstrip(".").replace("jpg", "jpeg"), facecolor="white")


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) < 2:
        click.echo(__doc__, err=True)
        return 2
    try:
        draw(Path(arguments[0]), rows_of(arguments[1:]))
    except click.BadParameter as error:
        click.echo(error.message, err=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
