"""One step of the game: which terms there are, and when."""

import pytest
import torch

from kernelgan.gan.config import PAPER, RELEASED, BicubicPhase, ConstraintConfig, GANConfig
from kernelgan.gan.train import Trainer

ALWAYS = {"g_loss", "d_loss", "adversarial", "sum", "sum_to_1", "boundaries"}


def trainer(config: GANConfig, seed: int = 0) -> Trainer:
    return Trainer(config, torch.Generator().manual_seed(seed), torch.device("cpu"))


def crops(config: GANConfig, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    sides = config.generator_crop, config.discriminator_crop
    first, second = (torch.rand((config.restarts, 3, side, side), generator=rng) for side in sides)
    return first, second


def test_the_papers_game_has_all_constraints_from_the_start() -> None:
    game = trainer(PAPER)
    game.step(*crops(PAPER))
    assert set(game.values()) == ALWAYS | {"sparse", "centre"}


def test_the_released_game_begins_near_bicubic_and_takes_two_constraints_in_later() -> None:
    game = trainer(RELEASED)
    game.step(*crops(RELEASED))
    assert set(game.values()) == ALWAYS | {"bicubic"}
    soon = GANConfig(
        steps=4, channels=8, bicubic_phase=BicubicPhase(close=1e9, patience=1, every=1, factor=1e6)
    )
    game = trainer(soon)
    for _ in range(2):
        game.step(*crops(soon))
    assert set(game.values()) == ALWAYS | {"bicubic", "sparse", "centre"}


def test_the_loss_is_the_sum_of_its_terms() -> None:
    game = trainer(PAPER)
    game.step(*crops(PAPER))
    values = game.values()
    terms = [values[name] for name in ("adversarial", "sum_to_1", "boundaries", "sparse", "centre")]
    assert values["g_loss"] == pytest.approx(sum(terms), rel=1e-5)


@pytest.mark.parametrize("step", [0, 1])
def test_both_networks_are_trained_at_every_step(step: int) -> None:
    config = GANConfig(channels=8, constraints=ConstraintConfig(sparse=0.0))
    game = trainer(config)
    for _ in range(step):
        game.step(*crops(config))
    before = [parameter.detach().clone() for parameter in (*game.filters, *game.discriminator.weights)]
    game.step(*crops(config))
    after = (*game.filters, *game.discriminator.weights)
    assert all(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_restarts_do_not_see_each_others_crops() -> None:
    config = GANConfig(channels=8, restarts=2)
    kernels = []
    for changed in (False, True):
        game = trainer(config)
        first, second = crops(config)
        if changed:
            first[1], second[1] = first[1].flip(-1), second[1].flip(-2)
        for _ in range(3):
            game.step(first, second)
        kernels.append(game.kernels())
    assert torch.equal(kernels[0][0], kernels[1][0])
    assert not torch.equal(kernels[0][1], kernels[1][1])
