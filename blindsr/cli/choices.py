"""The options that a result depends on: preset, estimator, steps, belief, seed; each defined once."""

from typing import Final, get_args

import click

from blindsr.names import EstimatorName, PresetName, Real

LARGEST_SEED: Final = 2**63 - 1

seed: Final = click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="The same seed on a CPU gives the same bytes.",
)

preset: Final = click.option(
    "--preset",
    type=click.Choice(get_args(PresetName)),
    default="default",
    show_default=True,
    help="paper: both stages as published; instant: nothing is trained.",
)

estimator: Final = click.option(
    "--estimator",
    type=click.Choice(get_args(EstimatorName)),
    help="How the kernel is estimated: from the power spectrum, or by KernelGAN.  [default: the preset's]",
)

kernelgan_steps: Final = click.option(
    "--kernelgan-steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Training steps of the kernel estimation.  [default: the preset's]",
)

zssr_steps: Final = click.option(
    "--zssr-steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Most training steps of each super-resolution step.  [default: the preset's]",
)

real: Final = click.option(
    "--real",
    type=click.Choice(get_args(Real)),
    default="auto",
    show_default=True,
    help="Whether the photograph is as a camera took it, noise and all; auto asks the photograph. "
    "With KernelGAN alone, on trains the network against noise.",
)

trust: Final = click.option(
    "--trust",
    type=click.FloatRange(0, 1),
    metavar="0..1",
    help="How far to leave bicubic interpolation: 0 not at all, 1 as believed.  [default: as the "
    "photograph allows]",
)
