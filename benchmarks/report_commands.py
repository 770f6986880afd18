"""The commands that make tables and pictures from a results file."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.options import DATA_SET, FINISHED, PATH, limit

REPORTS: Final = {
    "table1": "methods by scale: mean and deviation over runs, published values beside ours",
    "wins": "the share of images on which ours has the higher PSNR, baseline by baseline (Fig. B)",
    "ablation": "each constraint switched off in turn (Fig. C)",
    "bicubic": "LR made by bicubic shrinking: estimated against true kernel (Fig. A)",
    "kernels": "true and estimated kernels side by side, with what they gain",
    "zssr": "ZSSR alone with the bicubic kernel, beside its published row",
    "accuracy": "ways to the kernel by ways to the image, the true kernel among the former",
    "robustness": "gains by kernel family, noise and JPEG quality: all data sets in one table",
    "real": "pairs that cameras took: gains over bicubic interpolation, NIQE, published values",
}


def commands() -> list[click.Command]:
    """One command for each report, ``crops`` and ``page``."""
    return [*(_report(name, text) for name, text in REPORTS.items()), crops, page]


def _report(name: str, text: str) -> click.Command:
    @click.command(name, short_help=text, help=text)
    @click.option("--results", type=PATH, required=True, help="Results file of 'run'.")
    @click.option("--out", type=PATH, required=True, help="Folder for CSV, Markdown and PNG.")
    @click.option("--dataset", help="Only this data set.  [default: each in turn]")
    @click.option("--common", is_flag=True, help="Where methods miss images, compare on those that all have.")
    def report(results: Path, out: Path, dataset: str | None, common: bool) -> int:
        from benchmarks.reports.results import chosen

        module: Any = import_module(f"benchmarks.reports.{name}")
        out.mkdir(parents=True, exist_ok=True)
        found = chosen(results, dataset, common=common)
        if hasattr(module, "write_all"):  # a table that spans data sets
            paths = module.write_all(found, out)
        else:
            paths = [path for rows in found for path in module.write(rows, out)]
        for path in paths:
            click.echo(path)
        return FINISHED

    return report


@click.command(short_help="The same part of an image by every method, side by side.")
@click.argument("methods", metavar="METHOD...", nargs=-1, required=True)
@DATA_SET
@click.option("--kept", type=PATH, required=True, help="Folder that 'run --keep' filled.")
@click.option("-s", "--scale", type=click.Choice(["2", "4"]), default="2", show_default=True)
@limit
@click.option("--out", type=PATH, required=True, help="Folder for the picture.")
def crops(methods: tuple[str, ...], data: Path, kept: Path, scale: str, limit: int | None, out: Path) -> int:
    """Show what every METHOD made of an eventful part of each image."""
    from benchmarks.reports.crops import write

    out.mkdir(parents=True, exist_ok=True)
    click.echo(write(data, kept, methods, int(scale), out, limit))
    return FINISHED


@click.command(short_help="The results as a page: tables to sort, crops and kernels of every image.")
@click.option("--results", type=PATH, required=True, help="Results file of 'run'.")
@click.option("--out", type=PATH, required=True, help="Folder for the page and its pictures.")
@click.option("--dataset", help="Only this data set.  [default: all]")
@click.option("--common", is_flag=True, help="Where methods miss images, compare on those that all have.")
@click.option("--data", "sets", type=PATH, multiple=True, help="A data set, for crops; may be given twice.")
@click.option("--kept", type=PATH, help="Folder that 'run --keep' filled, for crops.")
def page(
    results: Path, out: Path, dataset: str | None, common: bool, sets: tuple[Path, ...], kept: Path | None
) -> int:
    """Make OUT/results.html: table 1 and wins to sort and filter, and each image's gains as points that open
    its crops and kernels. The pictures lie beside it in OUT/results-files and are loaded when looked at."""
    from benchmarks.page.write import write
    from benchmarks.reports.results import chosen

    out.mkdir(parents=True, exist_ok=True)
    for path in write(chosen(results, dataset, common=common), out, sets, kept):
        click.echo(path)
    return FINISHED
