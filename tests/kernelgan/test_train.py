"""The step of the game: one program of tensors; games side by side do not know of each other."""

from dataclasses import replace

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from kernelgan.config import PAPER, RELEASED, BicubicPhase, ConstraintConfig, GANConfig
from kernelgan.game import play
from kernelgan.train import Deal, Games
from tests.doubled import SAME, games_in_float64, kernels_after, off_the_kinks
from tests.few_steps import WITH_A_KERNEL
from tests.no_host import NoHost

ALWAYS = {"g_loss", "d_loss", "adversarial", "sum", "sum_to_1", "boundaries", "sparse", "centre"}
SMALL = GANConfig(channels=8, steps=6, **WITH_A_KERNEL)
ALONE = 1e-4
"""Kernel cells of a game alone and among others: float32 products in another order, grown by a few steps."""


def image(height: int = 71, width: int = 83, channels: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.rand((channels, height, width), generator=torch.Generator().manual_seed(seed))


def games(config: GANConfig, pictures: list[torch.Tensor] | None = None) -> Games:
    pictures = [image()] if pictures is None else pictures
    deals = []
    for seed, _ in enumerate(pictures):
        rng = torch.Generator().manual_seed(seed)
        corners = torch.randint(0, 7, (4, config.steps, config.restarts), generator=rng)
        deals.append(Deal.draw(((corners[0], corners[1]), (corners[2], corners[3])), config, rng))
    return Games(pictures, deals, config, None)


@pytest.mark.parametrize("config", [PAPER, RELEASED])
def test_figures_are_told(config: GANConfig) -> None:
    figures = games(replace(config, steps=3)).make_step().figures()
    assert set(figures) == ALWAYS | ({"bicubic"} if config.bicubic_phase else set())
    assert all(value.shape == (1,) for value in figures.values())


def test_the_released_game_takes_two_constraints_in_later() -> None:
    soon = GANConfig(
        steps=4, channels=8, onset=0, bicubic_phase=BicubicPhase(close=1e9, patience=1, every=1, factor=1e6)
    )
    game = games(soon)
    first, second = (game.make_step().figures() for _ in range(2))
    assert float(first["sparse"]) == float(first["centre"]) == 0
    assert min(float(second["sparse"]), float(second["centre"])) > 0


def test_two_constraints_set_in_after_their_onset() -> None:
    game = games(replace(SMALL, onset=2))
    steps = [game.make_step().figures() for _ in range(4)]
    for name in ("sparse", "centre"):
        values = [float(figures[name]) for figures in steps]
        assert values[:2] == [0, 0]
        assert min(values[2:]) > 0


def test_the_loss_is_the_sum_of_its_terms() -> None:
    figures = games(SMALL).make_step().figures()
    terms = [figures[name] for name in ("adversarial", "sum_to_1", "boundaries", "sparse", "centre")]
    assert float(figures["g_loss"]) == pytest.approx(float(sum(terms)), rel=1e-5)


def test_without_constraints_g_plays_for_d_alone() -> None:
    free = replace(SMALL, constraints=ConstraintConfig(sum_to_1=0.0, boundaries=0.0, sparse=0.0, centre=0.0))
    game = games(free)
    before = game.kernels().clone()
    figures = game.make_step().figures()
    assert torch.equal(figures["g_loss"], figures["adversarial"])
    assert not torch.equal(game.kernels(), before)


def test_every_parameter_is_trained_at_every_step() -> None:
    game = games(SMALL)
    parameters = [*game.state.generator.values, *game.state.discriminator.values]
    for _ in range(2):
        before = [parameter.clone() for parameter in parameters]
        game.make_step()
        assert all(not torch.equal(a, b) for a, b in zip(parameters, before, strict=True))


def test_d_learns_at_a_pace_of_its_own() -> None:
    """Adam's first step is as long as its rate, whatever the gradient."""
    moved = {}
    for pace in (1.0, 4.0):
        game = games(replace(SMALL, discriminator_pace=pace))
        before = game.state.generator.values[0].clone(), game.state.discriminator.values[0].clone()
        game.make_step()
        moved[pace] = (
            float((game.state.generator.values[0] - before[0]).abs().max()),
            float((game.state.discriminator.values[0] - before[1]).abs().max()),
        )
    assert moved[1.0] == pytest.approx((2e-4, 2e-4), rel=1e-2)
    assert moved[4.0] == pytest.approx((2e-4, 8e-4), rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("config", [PAPER, RELEASED])
def test_a_step_is_one_program_without_the_host(config: GANConfig) -> None:
    """Traced whole: a read by the host (``.item()``, a branch on a value) would end the trace with an error.
    The traced program, run again, does what the step does."""
    config = replace(config, steps=4)
    game, again = games(config), games(config)

    def step(*state: torch.Tensor) -> list[torch.Tensor]:
        for kept, given in zip(game.state.tensors(), state, strict=True):
            kept.copy_(given)
        game.make_step()
        return [tensor.clone() for tensor in game.state.tensors()]

    first = [tensor.clone() for tensor in game.state.tensors()]
    program = make_fx(step, tracing_mode="real")(*first)
    assert "_local_scalar_dense" not in program.code  # what ``.item()`` becomes
    moved = first
    for _ in range(3):
        moved = program(*moved)
        again.make_step()
    for ours, theirs in zip(moved, again.state.tensors(), strict=True):
        assert torch.allclose(ours.float(), theirs.float(), atol=1e-5)


@pytest.mark.parametrize("config", [PAPER, RELEASED])
def test_the_host_has_no_part_in_a_step(config: GANConfig) -> None:
    game = games(replace(config, steps=4))
    game.make_step()
    with NoHost():
        game.make_step()
    assert int(game.state.count) == 2


def test_games_side_by_side_are_those_alone_to_the_rounding_of_float64() -> None:
    config = off_the_kinks(replace(PAPER, steps=3, channels=8))
    pictures = [image().double(), image(90, 67, 1, seed=1).double(), image(65, 100, seed=2).double()]
    together = kernels_after(games_in_float64(pictures, config, [5, 6, 7]))
    for place, (picture, seed) in enumerate(zip(pictures, (5, 6, 7), strict=True)):
        alone = kernels_after(games_in_float64([picture], config, [seed]))
        assert float((together[place] - alone[0]).abs().max()) < SAME


@pytest.mark.parametrize("restarts", [1, 2])
def test_games_on_several_images_equal_those_played_alone(restarts: int) -> None:
    """Images of any size and colour, each with the random numbers of its own seed."""
    config = replace(SMALL, restarts=restarts, noise_std=1 / 255)
    pictures = [image(), image(90, 67, 1, seed=1), image(65, 100, seed=2)]

    def rngs() -> list[torch.Generator]:
        return [torch.Generator().manual_seed(seed) for seed in (5, 6, 7)]

    together = play(pictures, config, rngs=rngs())
    for picture, rng, one in zip(pictures, rngs(), together, strict=True):
        (alone,) = play([picture], config, rngs=[rng])
        assert len(one.kernels) == restarts
        for ours, theirs in zip(one.kernels, alone.kernels, strict=True):
            assert abs(ours.array - theirs.array).max() < ALONE
        assert one.history.keys() == alone.history.keys()
        for name in one.history:
            assert one.history[name] == pytest.approx(alone.history[name], abs=1e-3)
