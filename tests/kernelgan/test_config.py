"""The settings: which are refused, and what follows from them."""

import pytest

from kernelgan.config import PAPER, ConstraintConfig, KernelGANConfig
from srbase.errors import InputError


def test_the_papers_filters_compose_to_13_cells() -> None:
    assert PAPER.kernel_size == 13
    assert KernelGANConfig(generator_filters=(5, 3, 1)).kernel_size == 7


def test_the_image_must_hold_the_larger_crop() -> None:
    assert PAPER.smallest_image == 64
    assert KernelGANConfig(discriminator_crop=70).smallest_image == 70


@pytest.mark.parametrize("name", ["steps", "channels", "generator_crop", "discriminator_crop", "decay_every"])
def test_counts_are_at_least_one(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is 0; wanted at least 1"):
        KernelGANConfig(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"generator_crop": 26}, "generator_crop is 26; too small for D's patches"),
        ({"initial_gain": 0.0}, r"initial_gain is 0.0; wanted more than 0"),
        ({"onset": -1}, "onset is -1; wanted 0 or more"),
        ({"discriminator_pace": -4.0}, r"discriminator_pace is -4.0; wanted more than 0"),
        ({"discriminator_crop": 6}, "discriminator_crop is 6; wanted at least D's patch"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        KernelGANConfig(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sum_to_1", "boundaries", "sparse", "centre"])
def test_negative_constraint_weights_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is -1; wanted 0 or more"):
        ConstraintConfig(**{name: -1})  # type: ignore[arg-type]
