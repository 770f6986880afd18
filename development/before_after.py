"""The README's picture: a face and small letters by bicubic interpolation, Real-ESRGAN and blindsr.

python -m development.before_after docs/images/before_after.png [--generative FOLDER] [--keep FOLDER]

Two free photographs are shrunk as a web site does it (Lanczos, JPEG 88) and enlarged again. The generative
column comes from FOLDER, or from the packages of 'make rivals', or is left out. FOLDER holds what another
program made of the files that --keep leaves, as NAME-xS.png of any size. It also prints PSNR-Y.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import matplotlib.cbook
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from skimage import data

import blindsr
from benchmarks.reports.tables import markdown_table
from benchmarks.rivals.real_esrgan import super_resolve_real_esrgan
from blindsr.configuration import Settings
from blindsr.io.atomic import written
from srbase.errors import InputError

QUALITY: Final = 88
"""Of the JPEG, libjpeg's number, with colours at half the size: what many web sites store."""
COLUMN: Final = 288
"""Pixels of the width of each shown crop; a multiple of each box's width, so that pixels stay square."""
GAP: Final = 6
HEAD: Final = 38
"""Pixels of the line of labels."""
FONT: Final = 26
GENERATIVE: Final = "Real-ESRGAN"
OURS: Final = "blindsr"
Upscale = Callable[[Image.Image, str, int], Image.Image]
"""From LR, the photograph's name and the scale to the result in the original's size."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part of one photograph."""

    photograph: str
    scale: int
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the original."""


ROWS: Final = (
    Row(photograph="hopper", scale=2, box=(168, 150, 312, 258)),
    Row(photograph="hopper", scale=2, box=(76, 480, 172, 524)),
    Row(photograph="astronaut", scale=2, box=(124, 343, 220, 387)),
    Row(photograph="astronaut", scale=4, box=(156, 62, 300, 170)),
)


def photographs() -> Mapping[str, Image.Image]:
    """The originals: Grace Hopper (US Navy) and Eileen Collins (NASA), both in the public domain."""
    path = str(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    with Image.open(path) as hopper:
        return {"hopper": hopper.convert("RGB"), "astronaut": Image.fromarray(data.astronaut())}


def shrink(original: Image.Image, scale: int, path: Path) -> None:
    """Write LR, a JPEG file, at the path; the original's sides are multiples of the scale."""
    size = (original.width // scale, original.height // scale)
    original.resize(size, Image.Resampling.LANCZOS).save(path, "JPEG", quality=QUALITY)


def generated(lr: Image.Image) -> Image.Image:
    """Real-ESRGAN's result in four times LR's size. Raises InputError where it is not installed."""
    pixels = torch.from_numpy(np.array(lr)).permute(2, 0, 1).float() / 255
    made = super_resolve_real_esrgan(pixels).mul(255).add(0.5).clamp(0, 255).byte()
    return Image.fromarray(made.permute(1, 2, 0).numpy())


def results(
    originals: Mapping[str, Image.Image], work: Path, generative: Path | None, settings: Settings
) -> dict[tuple[str, int], dict[str, Image.Image]]:
    """Each photograph at each scale that a row wants, by column.

    Args:
        originals: RGB, by name.
        work: a folder for LR and our results.
        generative: a folder with another program's results; None: Real-ESRGAN by its package.
        settings: ours.

    Returns:
        By name and scale: pictures of the original's size by the words over their column.

    Raises:
        InputError: where a file of ``generative`` is missing.
    """
    made: dict[tuple[str, int], dict[str, Image.Image]] = {}
    for row in ROWS:
        if (key := (row.photograph, row.scale)) in made:
            continue
        name, original = f"{row.photograph}-x{row.scale}", originals[row.photograph]
        shrink(original, row.scale, small := work / f"{name}.jpg")
        with Image.open(small) as file:
            lr = file.convert("RGB")
        columns = {"bicubic": lr.resize(original.size, Image.Resampling.BICUBIC)}
        found = _generative(lr, name, generative)
        if found is not None:
            columns[GENERATIVE] = found.resize(original.size, Image.Resampling.LANCZOS)
        ours = blindsr.upscale(small, scale=row.scale, seed=0, settings=settings, output=work / f"{name}.png")
        made[key] = {**columns, OURS: Image.fromarray(ours.image), "original": original}
    return made


def _generative(lr: Image.Image, name: str, folder: Path | None) -> Image.Image | None:
    if folder is None:
        try:
            return generated(lr)
        except InputError as error:
            click.echo(f"no column of {GENERATIVE}: {error}", err=True)
            return None
    path = folder / f"{name}.png"
    if not path.is_file():
        raise InputError(f"{path} is missing; wanted the result for {name}.jpg")
    with Image.open(path) as file:
        return file.convert("RGB")


def draw(made: Mapping[tuple[str, int], Mapping[str, Image.Image]]) -> Image.Image:
    """A line of crops for each row, under a line of labels. Crops are enlarged by nearest neighbour."""
    names = list(next(iter(made.values())))
    lines = [[made[row.photograph, row.scale][name].crop(row.box) for name in names] for row in ROWS]
    heights = [round(line[0].height * COLUMN / line[0].width) for line in lines]
    width = COLUMN * len(names) + GAP * (len(names) - 1)
    sheet = Image.new("RGB", (width, HEAD + sum(heights) + GAP * (len(lines) - 1)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT)
    for column, name in enumerate(names):
        middle = column * (COLUMN + GAP) + COLUMN // 2
        pen.text((middle, HEAD // 2), name, fill="black", font=font, anchor="mm")
    top = HEAD
    for line, height in zip(lines, heights, strict=True):
        for column, part in enumerate(line):
            shown = part.resize((COLUMN, height), Image.Resampling.NEAREST)
            sheet.paste(shown, (column * (COLUMN + GAP), top))
        top += height + GAP
    return sheet


def scores(made: Mapping[tuple[str, int], Mapping[str, Image.Image]]) -> str:
    """PSNR-Y in dB of the whole photographs, a Markdown table."""
    names = [name for name in next(iter(made.values())) if name != "original"]
    rows = []
    for (photograph, scale), columns in made.items():
        truth = np.asarray(columns["original"])
        told = [blindsr.score(np.asarray(columns[name]), truth, scale=scale).psnr_y for name in names]
        rows.append([f"{photograph} x{scale}", *(f"{value:.2f}" for value in told)])
    return markdown_table(("PSNR-Y, dB", *names), rows)


def make(out: Path, generative: Path | None, work: Path, settings: Settings) -> str:
    """Write the picture, a PNG file, and give the table of :func:`scores`; see :func:`results`."""
    made = results(photographs(), work, generative, settings)
    with written(out) as temporary:
        draw(made).save(temporary, "PNG", optimize=True)
    return scores(made)


FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(help=__doc__)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--generative", type=FOLDER, help="Results of another program, for the generative column.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Folder for LR and ours.")
@click.option("--preset", default="default", show_default=True, help="Ours.")
def main(out: Path, generative: Path | None, keep: Path | None, preset: str) -> None:
    """The command."""
    with TemporaryDirectory() as temporary:
        work = keep or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        try:
            click.echo(make(out, generative, work, blindsr.settings(preset)))
        except InputError as error:
            raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
