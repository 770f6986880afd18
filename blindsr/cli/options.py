"""Command-line options that several commands share, each defined once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, get_args

import click
from click.core import ParameterSource

from blindsr.cli.session import QUIET, VERBOSE, Session
from blindsr.enlargement import Enlargement
from blindsr.names import EstimatorName, KindChoice, PresetName, Real
from srbase.errors import InputError

Command = Callable[..., Any]
PATH = click.Path(path_type=Path, allow_dash=True)

LARGEST_SEED: Final = 2**63 - 1

IMAGE_FORMATS: Final = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp", "bmp": ".bmp"}
"""File extension by the name of ``--format``."""

scale: Final = click.option(
    "-s",
    "--scale",
    type=click.Choice(["2", "4"]),
    default="2",
    show_default=True,
    callback=lambda _ctx, _option, value: int(value),
    help="Scale factor between the small and the large image.",
)
"""``-s/--scale 2|4``, an int."""

device: Final = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda|cuda:N|mps",
    help="Device that computes; auto takes the first of cuda, mps, cpu that exists.",
)
"""The name is checked by :func:`srbase.runtime.device.resolve_device`."""

recursive: Final = click.option(
    "-r", "--recursive", is_flag=True, help="Also read sub-folders; the output folder gets the same tree."
)

jobs: Final = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Number of photographs processed at the same time, each in its own process (CPU only).",
)

overwrite: Final = click.option("--overwrite", is_flag=True, help="Replace files that exist.")

report: Final = click.option(
    "--report",
    type=PATH,
    metavar="PAGE.html",
    help="Write a page for the browser: before and after, kernel, spectrum, training. For several "
    "photographs: an index page, and a folder of pages beside it.",
)

seed: Final = click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    metavar="N",
    default=0,
    show_default=True,
    help="Random seed. On a CPU the same seed gives the same bytes (with --preset paper: for the same "
    "--threads).",
)

preset: Final = click.option(
    "--preset",
    type=click.Choice(get_args(PresetName)),
    default="default",
    show_default=True,
    help="default: spectral kernel estimate, combination of least expected loss, ZSSR if the kernel is "
    "certain. paper: KernelGAN and ZSSR as published (minutes; photographs only). instant: as default, "
    "without training.",
)

estimator: Final = click.option(
    "--estimator",
    type=click.Choice(get_args(EstimatorName)),
    help="Method of kernel estimation. spectral: from the power spectrum, about a second. kernelgan: a "
    "generative adversarial network trained on the photograph, minutes on a CPU.  [default: the "
    "preset's]",
)

kernelgan_steps: Final = click.option(
    "--kernelgan-steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Training steps of KernelGAN.  [default: the preset's]",
)

zssr_steps: Final = click.option(
    "--zssr-steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum number of training steps of each ZSSR network.  [default: the preset's]",
)

network: Final = click.option(
    "--network",
    type=PATH,
    metavar="FILE|auto",
    help="Trained network that adds detail. auto: those of the package, for everyday pictures; no part with "
    "--kernel, --real off or --preset paper. FILE: one of make network, or a USRNet (usrnet_tiny.pth) for "
    "pictures whose kernel is certain.  [default: none]",
)

real: Final = click.option(
    "--real",
    type=click.Choice(get_args(Real)),
    default="auto",
    show_default=True,
    help="Origin of the photograph. on: straight from a camera; no kernel is inverted. off: downscaled by a "
    "blur kernel and nothing else, whose inverse is used fully; not for web pictures. auto: classify it by "
    "its pixels and its file.",
)

kind: Final = click.option(
    "--kind",
    type=click.Choice(get_args(KindChoice)),
    default="auto",
    show_default=True,
    help="Kind of picture. photo: a photograph. drawing: text, a screenshot, line art, a comic, a chart; "
    "flat areas stay flat. pixels: pixel art, enlarged by nearest neighbour. auto: classify it by its "
    "pixels. Not with --preset paper.",
)

trust: Final = click.option(
    "--trust",
    type=click.FloatRange(0, 1),
    metavar="0..1",
    help="Blend weight: 0 gives bicubic interpolation, 1 the full restoration.  [default: 1]",
)


ALL: Final = "all"
"""In place of a page's number: every page."""


class _Pages(click.ParamType[Any]):
    """The number of a page, from 1; or, where a command takes them, ``all``."""

    name = "pages"

    def __init__(self, *, several: bool) -> None:
        self.several = several

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The number or the word, or a usage error."""
        if value == ALL and self.several:
            return ALL
        if not (str(value).isdecimal() and int(value) >= 1):
            self.fail(f"'{value}' is no page; wanted a number from 1{' or all' * self.several}", param, ctx)
        return int(value)


pages: Final = click.option(
    "--pages",
    type=_Pages(several=True),
    metavar="all|N",
    help="Of a stack (TIFF, FITS, DICOM): all pages with one kernel, written as a multi-page TIFF; or page "
    "N, from 1.",
)

page: Final = click.option(
    "--pages",
    "page",
    type=_Pages(several=False),
    metavar="N",
    help="Of a stack (TIFF, FITS, DICOM): page N, from 1.",
)


class _Factor(click.ParamType[float]):
    """A scale factor within the limits of :class:`blindsr.enlargement.Enlargement`."""

    name = "factor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        try:
            return Enlargement(factor=float(str(value).lower().removeprefix("x"))).factor
        except ValueError as error:
            message = (
                str(error) if isinstance(error, InputError) else f"'{value}' is no number; wanted 1.5 to 4"
            )
            self.fail(message, param, ctx)


def size(command: Command) -> Command:
    """``-s/--scale``, or ``--width`` and ``--height``; the command gets them as an ``enlargement``."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, scale: float, width: int | None, height: int | None, **rest: Any) -> Any:
        given = click.get_current_context().get_parameter_source("scale") is ParameterSource.COMMANDLINE
        if given and (width is not None or height is not None):
            raise click.UsageError("--scale and a --width or --height exclude each other")
        enlargement = Enlargement(factor=scale, width=width, height=height)
        return command(*arguments, enlargement=enlargement, **rest)

    for name in ("height", "width"):
        wrapped = click.option(
            f"--{name}",
            type=click.IntRange(min=1),
            metavar="PIXELS",
            help=f"{name.capitalize()} of the result, instead of a scale. With both, the result fits into "
            "that box.",
        )(wrapped)
    return click.option(
        "-s",
        "--scale",
        type=_Factor(),
        default="2",
        show_default=True,
        metavar="1.5...4",
        help="Scale factor. Others are computed at the next larger of 2 and 4, then shrunk by Lanczos.",
    )(wrapped)


def as_json(command: Command) -> Command:
    """``--json``, kept in the session."""

    def store(context: click.Context, _option: click.Parameter, value: bool) -> None:
        context.ensure_object(Session).as_json |= value

    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=store,
        help="Write results to stdout as JSON, one object a line.",
    )(command)


def threads(command: Command) -> Command:
    """``--threads N``, which sets PyTorch's number and is kept in the session."""

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
        help="Number of CPU threads. Use fewer if other programs keep the cores busy.  [default: PyTorch's]",
    )(command)


def loudness(command: Command) -> Command:
    """``-v``, ``-q`` and ``--debug``, kept in the session."""

    def level_setter(level: int) -> Callable[[click.Context, click.Parameter, bool], None]:
        def store(context: click.Context, _option: click.Parameter, value: bool) -> None:
            if value:
                context.ensure_object(Session).verbosity = level

        return store

    def debug(context: click.Context, _option: click.Parameter, value: bool) -> None:
        context.ensure_object(Session).debug |= value

    flag: dict[str, Any] = {"is_flag": True, "expose_value": False, "is_eager": True}
    for decorate in (
        click.option("--debug", callback=debug, help="Show the traceback of an error.", **flag),
        click.option(
            "-q", "--quiet", callback=level_setter(QUIET), help="Write only results and errors.", **flag
        ),
        click.option(
            "-v",
            "--verbose",
            callback=level_setter(VERBOSE),
            help="Also write every stage and its figures.",
            **flag,
        ),
    ):
        command = decorate(command)
    return command
