"""The game's settings: what is refused, and what follows from them."""

import pytest

from kernelgan.config import PAPER, RELEASED, ConstraintConfig, GANConfig, WatchConfig
from srbase.errors import InputError


def test_only_the_released_game_has_a_first_phase() -> None:
    assert PAPER.bicubic_phase is None
    assert RELEASED.bicubic_phase is not None


def test_the_papers_filters_make_a_kernel_of_13_cells() -> None:
    assert PAPER.kernel_size == RELEASED.kernel_size == 13
    assert GANConfig(generator_filters=(5, 3, 1)).kernel_size == 7


@pytest.mark.parametrize(
    "field", ["steps", "channels", "generator_crop", "discriminator_crop", "decay_every", "restarts"]
)
def test_counts_are_at_least_one(field: str) -> None:
    with pytest.raises(InputError, match=field):
        GANConfig(**{field: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"generator_crop": 26}, "generator_crop is 26; too small for D's patches"),
        ({"initial_gain": 0.0}, "initial_gain is 0.0; wanted more than 0"),
        ({"initial_variance": -1.0}, "initial_variance is -1.0; wanted 0 or more"),
        ({"onset": -1}, "onset is -1; wanted 0 or more"),
        ({"discriminator_pace": -4.0}, "discriminator_pace is -4.0; wanted more than 0"),
        ({"discriminator_crop": 6}, "discriminator_crop is 6; wanted at least D's patch"),
        ({"gradient_clip": 0.0}, "gradient_clip is 0.0; wanted a percentile over 0"),
        ({"gradient_clip": 101.0}, "gradient_clip is 101.0"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        GANConfig(**wrong)  # type: ignore[arg-type]


def test_only_the_programs_own_game_is_watched() -> None:
    assert PAPER.watch is RELEASED.watch is None
    with pytest.raises(InputError, match="watch again is -1; wanted 0 or more"):
        WatchConfig(again=-1)


@pytest.mark.parametrize("name", ["sum_to_1", "boundaries", "sparse", "centre"])
def test_negative_weights_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is -1"):
        ConstraintConfig(**{name: -1})  # type: ignore[arg-type]
