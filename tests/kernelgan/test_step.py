"""A step's gradients are those of the game as the paper writes it: layers, losses, autograd."""

from dataclasses import replace

import pytest
import torch
from tests.kernelgan.gan.layered_d import d_map_by_layers

from kernelgan.config import PAPER, RELEASED, GANConfig
from kernelgan.generator import apply_layers, compose
from kernelgan.step import Step
from tests.doubled import games_in_float64

SAME = 1e-9
"""float64 through both networks, relative to the largest value of a parameter's gradient."""


class Pull:
    """A penalty that depends on every cell."""

    def __call__(self, kernel: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"pull": (kernel - 0.01).square().sum(dim=(1, 2))}


@pytest.mark.parametrize("config", [PAPER, RELEASED])
@pytest.mark.parametrize("step", [0, 1])
def test_gradients_are_those_of_the_layers(config: GANConfig, step: int) -> None:
    """Of both networks, read from Adam's first moments; for games that share nothing."""
    config = replace(config, channels=5, onset=step, restarts=2, steps=3)
    rng = torch.Generator().manual_seed(2)
    image = torch.rand((3, 71, 83), generator=rng, dtype=torch.float64)
    state = games_in_float64([image], config, [3]).state
    for layer in state.generator.values:  # away from the start, where the centre's distance has no slope
        layer += 0.05 * torch.randn(layer.shape, generator=rng, dtype=torch.float64)
    crops, real = (
        torch.rand((2, 3, side, side), generator=rng, dtype=torch.float64)
        for side in (config.generator_crop, config.discriminator_crop)
    )
    ours = Step(config, 2, crops, Pull())
    filters = [layer.clone().requires_grad_() for layer in state.generator.values]
    parameters = [p.clone().requires_grad_() for p in state.discriminator.values]
    left, weight = [vector.clone() for vector in state.left], state.phase.weight.clone()
    late = state.phase.late * float(step == 0)

    fake = torch.stack([apply_layers(crop, [f[game] for f in filters]) for game, crop in enumerate(crops)])
    kernel = compose(filters)
    terms = ours.constraints.terms(kernel, late) | Pull()(kernel)
    if config.bicubic_phase:
        target = torch.nn.functional.conv2d(crops.flatten(0, 1)[:, None], ours.bicubic[:1, None], stride=2)
        terms["bicubic"] = weight * (fake - target.view_as(fake)).square().mean(dim=(1, 2, 3))
    patch = config.discriminator_patch
    unlike = (1 - d_map_by_layers(fake, parameters, left, patch)).mean(dim=(1, 2))
    g_loss = unlike + torch.stack(list(terms.values())).sum(dim=0)
    d_loss = 0.5 * (
        d_map_by_layers(fake.detach(), parameters, left, patch).mean(dim=(1, 2))
        + (1 - d_map_by_layers(real, parameters, left, patch)).mean(dim=(1, 2))
    )
    figures = ours(state, crops, real, None).figures()
    assert torch.allclose(figures["g_loss"], g_loss, rtol=SAME)
    assert torch.allclose(figures["d_loss"], d_loss, rtol=SAME)
    for loss, variables, adam in (
        (g_loss, filters, state.generator),
        (d_loss, parameters, state.discriminator),
    ):
        expected = torch.autograd.grad(loss.sum(), variables, retain_graph=True)
        for moment, theirs in zip(adam.first, expected, strict=True):
            gradient = moment / (1 - adam.betas[0])
            assert float((gradient - theirs).abs().max() / theirs.abs().max()) < SAME
