"""The options that several commands have, each defined once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from blindsr.cli.session import QUIET, VERBOSE, Session
from blindsr.enlargement import Enlargement
from blindsr.errors import InputError
from blindsr.names import EstimatorName, PresetName, Real

Command = Callable[..., Any]
PATH = click.Path(path_type=Path)
LARGEST_SEED = 2**63 - 1


def scale(command: Command) -> Command:
    """``-s/--scale 2|4``, an int."""
    return click.option(
        "-s",
        "--scale",
        type=click.Choice(["2", "4"]),
        default="2",
        show_default=True,
        callback=lambda _ctx, _option, value: int(value),
        help="How many times larger the high-resolution side is.",
    )(command)


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
    """``-s/--scale``, ``--width`` and ``--height``, which reach the command as an ``enlargement``."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, scale: float, width: int | None, height: int | None, **rest: Any) -> Any:
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


def seed(command: Command) -> Command:
    """``--seed N``."""
    return click.option(
        "--seed",
        type=click.IntRange(0, LARGEST_SEED),
        default=0,
        show_default=True,
        help="The same seed on a CPU gives the same bytes.",
    )(command)


def device(command: Command) -> Command:
    """``--device NAME``; the name is checked by :func:`blindsr.device.resolve_device`."""
    return click.option(
        "--device",
        default="auto",
        show_default=True,
        metavar="auto|cpu|cuda|cuda:N|mps",
        help="Where to compute; auto takes cuda, then mps, then cpu.",
    )(command)


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


def overwrite(command: Command) -> Command:
    """``--overwrite``."""
    return click.option("--overwrite", is_flag=True, help="Replace files that exist.")(command)


def preset(command: Command) -> Command:
    """``--preset NAME``, one of :data:`blindsr.presets.PRESETS`."""
    return click.option(
        "--preset",
        type=click.Choice(get_args(PresetName)),
        default="default",
        show_default=True,
        help="paper: both stages as published; instant: nothing is trained.",
    )(command)


def estimator(command: Command) -> Command:
    """``--estimator NAME``, one of :data:`blindsr.presets.ESTIMATORS`."""
    return click.option(
        "--estimator",
        type=click.Choice(get_args(EstimatorName)),
        help="How the kernel is found: KernelGAN led by the spectrum, KernelGAN alone, or the spectrum "
        "alone.  [default: the preset's]",
    )(command)


def kernelgan_steps(command: Command) -> Command:
    """``--kernelgan-steps N``."""
    return click.option(
        "--kernelgan-steps",
        type=click.IntRange(min=1),
        metavar="N",
        help="Training steps of the kernel estimation.  [default: the preset's]",
    )(command)


def zssr_steps(command: Command) -> Command:
    """``--zssr-steps N``."""
    return click.option(
        "--zssr-steps",
        type=click.IntRange(min=1),
        metavar="N",
        help="Most training steps of each super-resolution step.  [default: the preset's]",
    )(command)


def report(command: Command) -> Command:
    """``--report PAGE.html``."""
    return click.option(
        "--report",
        type=PATH,
        metavar="PAGE.html",
        help="A page to look at in a browser: before and after, the kernel, the spectrum, the training. Of "
        "several photographs one that lists them, with a folder of theirs beside it.",
    )(command)


def real(command: Command) -> Command:
    """``--real auto|on|off``."""
    return click.option(
        "--real",
        type=click.Choice(get_args(Real)),
        default="auto",
        show_default=True,
        help="Whether the photograph is as a camera took it, noise and all; auto asks the photograph. "
        "With KernelGAN alone, on trains the network against noise.",
    )(command)


def trust(command: Command) -> Command:
    """``--trust SHARE``."""
    return click.option(
        "--trust",
        type=click.FloatRange(0, 1),
        metavar="0..1",
        help="How far to leave bicubic interpolation: 0 not at all, 1 as believed.  [default: as the "
        "photograph allows]",
    )(command)


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
