"""The options that a result depends on: preset, estimator, steps, belief, seed; each defined once."""

from collections.abc import Callable
from typing import Any, Final, get_args

import click

from blindsr.names import EstimatorName, PresetName, Real

Command = Callable[..., Any]
LARGEST_SEED: Final = 2**63 - 1


def seed(command: Command) -> Command:
    """``--seed N``."""
    return click.option(
        "--seed",
        type=click.IntRange(0, LARGEST_SEED),
        default=0,
        show_default=True,
        help="The same seed on a CPU gives the same bytes.",
    )(command)


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
