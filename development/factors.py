"""What each factor of KernelGAN does: the tables of docs/kernelgan.md, from the figures in docs/data.

python -m development.factors [CSV]
"""

import csv
from pathlib import Path
from typing import Final

import click

FIGURES: Final = Path("docs/data/kernelgan_factors.csv")
HEAD: Final = (
    *("factor", "gain, worst, under 0", "with the cut", "trace", "slope of the trace, of the direction"),
    "cosine",
)
Row = dict[str, str]


def read(path: Path) -> dict[str, list[Row]]:
    """The rows of the figures, by what their games are based on."""
    bases: dict[str, list[Row]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bases.setdefault(row["base"], []).append(row)
    return bases


def line(row: Row) -> list[str]:
    """A row as cells of the table."""
    games = "" if row["games"] == "20" else f" ({row['games']} games)"
    return [
        ("as it is" if row["factor"] == "-" else row["factor"]) + games,
        f"{float(row['gain']):+.2f}, {float(row['worst']):+.2f}, {row['below']}",
        f"{float(row['cut_gain']):+.2f}, {float(row['cut_worst']):+.2f}, {row['cut_below']}",
        f"{row['trace']} ± {row['trace_std']}",
        f"{row['trace_slope']}, {row['shape_slope']}",
        row["shape_cosine"],
    ]


def markdown(rows: list[Row]) -> str:
    """The table of one base."""
    lines = [list(HEAD), ["---"] * len(HEAD), *map(line, rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


@click.command(help=__doc__)
@click.argument("figures", type=click.Path(exists=True, path_type=Path), default=FIGURES)
def main(figures: Path) -> None:
    """The command."""
    for base, rows in read(figures).items():
        click.echo(f"### {base}\n\n{markdown(rows)}\n")


if __name__ == "__main__":
    main()
