"""What the commands of the harness share: options, and exit codes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

FINISHED, SOME_FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
PATH: Final = click.Path(path_type=Path)
DATA_SET: Final = click.option("--data", type=PATH, required=True, help="Data set.")


def scales(default: Sequence[int], choices: Sequence[str] = ("2", "4")) -> Callable[..., Any]:
    """A repeatable ``-s/--scale`` of ``choices``; the command gets a tuple ``scale`` of ints or floats."""
    return click.option(
        "-s",
        "--scale",
        "scale",
        multiple=True,
        type=click.Choice(choices),
        default=[str(scale) for scale in default],
        show_default=True,
        callback=lambda _context, _option, values: tuple(dict.fromkeys(map(_number, values))),
        help="May be given more than once.",
    )


seed = click.option("--seed", type=int, default=0, show_default=True, help="Of the first run.")
limit = click.option("--limit", type=int, help="Only the first so many images.")


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value
