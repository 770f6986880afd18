"""The settings of the network: what is refused, and the set for noisy photographs."""

from dataclasses import replace

import pytest

from srbase.errors import InputError
from zssr.config import REAL_NOISE, ZSSRConfig, for_real_photographs, kernel_aware


@pytest.mark.parametrize(
    "name", ["layers", "channels", "crop", "test_every", "policy_every", "tile", "test_size"]
)
def test_counts_are_at_least_one(name: str) -> None:
    with pytest.raises(InputError, match=f"ZSSR {name} is 0; wanted at least 1"):
        ZSSRConfig(**{name: 0})  # type: ignore[arg-type]


def test_no_step_is_no_network_and_less_is_nonsense() -> None:
    assert ZSSRConfig(max_steps=0).max_steps == 0
    with pytest.raises(InputError, match="max_steps is -1"):
        ZSSRConfig(max_steps=-1)
    with pytest.raises(InputError, match=r"noise_std is -0\.1"):
        ZSSRConfig(noise_std=-0.1)


@pytest.mark.parametrize("config", [ZSSRConfig(), kernel_aware()])
def test_real_photographs_differ_in_noise_and_back_projection_alone(config: ZSSRConfig) -> None:
    real = for_real_photographs(config)
    assert (real.noise_std, real.back_projections) == (REAL_NOISE, 0)
    assert replace(real, noise_std=config.noise_std, back_projections=config.back_projections) == config


def test_a_son_needs_eight_pixels() -> None:
    assert [ZSSRConfig().smallest_image(scale) for scale in (2, 4)] == [16, 32]
