"""What the commands of the harness share: options, and exit codes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

FINISHED, SOME_FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
PATH: Final = click.Path(path_type=Path)
DATA_SET: Final = click.option("--data", type=PATH, required=True, help="Data set.")


def scales(default: Sequence[int]) -> Callable[..., Any]:
    """``-s/--scale 2|4``, once or twice, as a tuple of ints."""
    return click.option(
        "-s",
        "--scale",
        "scale",
        multiple=True,
        type=click.Choice(["2", "4"]),
        default=[str(scale) for scale in default],
        show_default=True,
        callback=lambda _context, _option, values: tuple(dict.fromkeys(map(int, values))),
        help="May be given twice.",
    )


seed = click.option("--seed", type=int, default=0, show_default=True, help="Of the first run.")
limit = click.option("--limit", type=int, help="Only the first so many images.")
