"""The options that several commands have, each defined once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from blindsr.cli.session import QUIET, VERBOSE, Session
from blindsr.enlargement import Enlargement
from srbase.errors import InputError

Command = Callable[..., Any]
PATH = click.Path(path_type=Path)


scale: Final = click.option(
    "-s",
    "--scale",
    type=click.Choice(["2", "4"]),
    default="2",
    show_default=True,
    callback=lambda _ctx, _option, value: int(value),
    help="How many times larger the high-resolution side is.",
)
"""``-s/--scale 2|4``, an int."""


class _Factor(click.ParamType[float]):
    """A number of times, within the limits of :class:`blindsr.enlargement.Enlargement`."""

    name = "factor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        try:
            return Enlargement(factor=float(str(value).lower().removeprefix("x"))).factor
        except ValueError as error:
            said = str(error) if isinstance(error, InputError) else f"'{value}' is no number; wanted 1.5 to 4"
            self.fail(said, param, ctx)


def size(command: Command) -> Command:
    """``-s/--scale``, or ``--width`` and ``--height``, which reach the command as an ``enlargement``."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, scale: float, width: int | None, height: int | None, **rest: Any) -> Any:
        asked = click.get_current_context().get_parameter_source("scale") is ParameterSource.COMMANDLINE
        if asked and (width is not None or height is not None):
            raise click.UsageError("--scale and a --width or --height exclude each other")
        enlargement = Enlargement(factor=scale, width=width, height=height)
        return command(*arguments, enlargement=enlargement, **rest)

    for name in ("height", "width"):
        wrapped = click.option(
            f"--{name}",
            type=click.IntRange(min=1),
            metavar="PIXELS",
            help=f"The result's {name} instead; with both, the box that it fits into.",
        )(wrapped)
    return click.option(
        "-s",
        "--scale",
        type=_Factor(),
        default="2",
        show_default=True,
        metavar="1.5...4",
        help="How many times larger the result is; between 2 and 4 the next of these is made and shrunk.",
    )(wrapped)


def as_json(command: Command) -> Command:
    """``--json``, which goes into the session and not to the command."""

    def store(context: click.Context, _option: click.Parameter, value: bool) -> None:
        context.ensure_object(Session).as_json |= value

    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=store,
        help="Results on stdout as JSON, an object a line.",
    )(command)


device: Final = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda|cuda:N|mps",
    help="Where to compute; auto takes cuda, then mps, then cpu.",
)
"""The name is checked by :func:`srbase.runtime.device.resolve_device`."""


def threads(command: Command) -> Command:
    """``--threads N``, which sets PyTorch's and goes nowhere else."""

    def store(context: click.Context, _option: click.Parameter, value: int | None) -> None:
        if value is not None:
            import torch  # not for --help

            torch.set_num_threads(value)
            context.ensure_object(Session).threads = value

    return click.option(
        "--threads",
        type=click.IntRange(min=1),
        metavar="N",
        expose_value=False,
        callback=store,
        help="CPU threads; fewer where other programs keep the cores busy.  [default: PyTorch's]",
    )(command)


overwrite: Final = click.option("--overwrite", is_flag=True, help="Replace files that exist.")


report: Final = click.option(
    "--report",
    type=PATH,
    metavar="PAGE.html",
    help="A page to look at in a browser: before and after, the kernel, the spectrum, the training. Of "
    "several photographs one that lists them, with a folder of theirs beside it.",
)
"""A page of one photograph, or one that lists several."""


def loudness(command: Command) -> Command:
    """``-v``, ``-q`` and ``--debug``, which go into the session and not to the command."""

    def chosen(level: int) -> Callable[[click.Context, click.Parameter, bool], None]:
        def store(context: click.Context, _option: click.Parameter, value: bool) -> None:
            if value:
                context.ensure_object(Session).verbosity = level

        return store

    def debug(context: click.Context, _option: click.Parameter, value: bool) -> None:
        context.ensure_object(Session).debug |= value

    flag: dict[str, Any] = {"is_flag": True, "expose_value": False, "is_eager": True}
    for decorate in (
        click.option("--debug", callback=debug, help="Show the traceback of an error.", **flag),
        click.option("-q", "--quiet", callback=chosen(QUIET), help="Only results and errors.", **flag),
        click.option("-v", "--verbose", callback=chosen(VERBOSE), help="Also the figures.", **flag),
    ):
        command = decorate(command)
    return command
