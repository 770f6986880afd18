"""The training: one step is the paper's, and images side by side do not influence each other."""

from dataclasses import replace

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from kernelgan.config import PAPER, ConstraintConfig, KernelGANConfig
from kernelgan.generator import compose
from kernelgan.training import BatchedTraining, InitialDraws, TrainingStep, learning_rate
from tests.kernelgan.reference import (
    SAME_KERNEL,
    d_map_by_layers,
    difference,
    g_by_layers,
    kernels_after,
    random_image,
    training_in_float64,
)
from tests.no_host import NoHost

CONSTRAINTS = ("sum_to_1", "boundaries", "sparse", "centre")
SMALL = KernelGANConfig(channels=8, steps=6, onset=0)
SAME_GRADIENT = 1e-9
"""float64 through both networks, relative to the largest value of a parameter's gradient."""
NOISE = 0.02  # of the deviation of 100,000 normal numbers: over five standard errors
SAME_STEPS = 1e-5  # float32, three steps in the same order


def training(config: KernelGANConfig = SMALL, count: int = 1) -> BatchedTraining:
    images = [random_image(seed=seed) for seed in range(count)]
    draws = [
        InitialDraws.of(image, config, torch.Generator().manual_seed(seed))
        for seed, image in enumerate(images)
    ]
    return BatchedTraining(images, draws, config)


def test_the_learning_rate_falls_every_750_steps() -> None:
    steps = torch.tensor([0, 749, 750, 1499, 1500, 2999])
    rates = learning_rate(steps, PAPER).tolist()
    assert rates == pytest.approx([2e-4, 2e-4, 2e-5, 2e-5, 2e-6, 2e-7])


@pytest.mark.parametrize("onset", [0, 1])
def test_a_step_has_the_gradients_of_layers_losses_and_autograd(onset: int) -> None:
    """The step as the paper writes it, for two images. Gradients are read from Adam's first moments."""
    config = replace(PAPER, channels=5, onset=onset, steps=3)
    rng = torch.Generator().manual_seed(2)
    images = [random_image(seed=seed).double() for seed in (0, 1)]
    state = training_in_float64(images, config, [3, 4]).state
    for layer in state.generator.values:  # away from the start, where all gradients are tiny
        layer += 0.05 * torch.randn(layer.shape, generator=rng, dtype=torch.float64)
    crops, real = (
        torch.rand((2, 3, side, side), generator=rng, dtype=torch.float64)
        for side in (config.generator_crop, config.discriminator_crop)
    )
    step = TrainingStep(config, crops)
    filters = [layer.clone().requires_grad_() for layer in state.generator.values]
    parameters = [p.clone().requires_grad_() for p in state.discriminator.values]
    left = [vector.clone() for vector in state.left]

    fake = torch.stack([g_by_layers(crop, [f[n] for f in filters]) for n, crop in enumerate(crops)])
    terms = step.constraints.terms(compose(filters), torch.tensor([float(onset == 0)]))
    patch = config.discriminator_patch
    adversarial = (1 - d_map_by_layers(fake, parameters, left, patch)).mean(dim=(1, 2))
    g_loss = adversarial + torch.stack(list(terms.values())).sum(dim=0)
    d_loss = 0.5 * (
        d_map_by_layers(fake.detach(), parameters, left, patch).mean(dim=(1, 2))
        + (1 - d_map_by_layers(real, parameters, left, patch)).mean(dim=(1, 2))
    )
    figures = step(state, crops, real, None).figures()
    assert torch.allclose(figures["g_loss"], g_loss, rtol=SAME_GRADIENT)
    assert torch.allclose(figures["d_loss"], d_loss, rtol=SAME_GRADIENT)
    for loss, variables, adam in (
        (g_loss, filters, state.generator),
        (d_loss, parameters, state.discriminator),
    ):
        expected = torch.autograd.grad(loss.sum(), variables, retain_graph=True)
        for moment, theirs in zip(adam.first, expected, strict=True):
            assert difference(moment / (1 - adam.betas[0]), theirs) < SAME_GRADIENT


def test_figures_name_every_term_and_g_loss_is_their_sum() -> None:
    figures = training(count=2).make_step().figures()
    assert set(figures) == {"g_loss", "d_loss", "adversarial", "sum", *CONSTRAINTS}
    assert all(value.shape == (2,) for value in figures.values())
    total = figures["adversarial"] + sum(figures[name] for name in CONSTRAINTS)
    assert torch.allclose(figures["g_loss"], total)


def test_centre_and_sparse_begin_at_their_onset() -> None:
    game = training(replace(SMALL, onset=2))
    steps = [game.make_step().figures() for _ in range(4)]
    for name in ("sparse", "centre"):
        values = [float(figures[name]) for figures in steps]
        assert values[:2] == [0, 0]
        assert min(values[2:]) > 0


def test_without_constraints_only_the_adversarial_loss_is_left() -> None:
    game = training(replace(SMALL, constraints=ConstraintConfig(**dict.fromkeys(CONSTRAINTS, 0.0))))  # type: ignore[arg-type]
    before = game.kernels()
    figures = game.make_step().figures()
    assert torch.equal(figures["g_loss"], figures["adversarial"])
    assert not torch.equal(game.kernels(), before)


def test_every_parameter_is_trained_at_every_step() -> None:
    game = training()
    parameters = [*game.state.generator.values, *game.state.discriminator.values]
    for _ in range(2):
        before = [parameter.clone() for parameter in parameters]
        game.make_step()
        assert all(not torch.equal(a, b) for a, b in zip(parameters, before, strict=True))


def test_new_noise_is_added_to_the_inputs_of_d() -> None:
    noisy, clean = (training(replace(SMALL, steps=51, noise_std=std)) for std in (1 / 255, 0.0))
    assert clean.noise is None
    assert noisy.noise is not None
    with_noise, without = noisy.make_step(), clean.make_step()
    assert not torch.equal(with_noise.on_fake, without.on_fake)
    assert not torch.equal(with_noise.on_real, without.on_real)
    first = [drawn.clone() for drawn in noisy.noise]
    noisy.state.count.zero_()
    noisy.run(lambda step, figures: None)  # draws again after 50 steps
    for before, after in zip(first, noisy.noise, strict=True):
        assert not torch.equal(before, after)
        assert float(after.std()) == pytest.approx(1 / 255, rel=NOISE)


@pytest.mark.parametrize("pace", [1.0, 4.0])
def test_d_has_its_own_learning_rate(pace: float) -> None:
    """Adam's first step is as long as its rate, whatever the gradient."""
    game = training(replace(SMALL, discriminator_pace=pace))
    values = game.state.generator.values[0], game.state.discriminator.values[0]
    before = [value.clone() for value in values]
    game.make_step()
    moved = [float((new - old).abs().max()) for new, old in zip(values, before, strict=True)]
    assert moved == pytest.approx([2e-4, pace * 2e-4], rel=1e-2)


@pytest.mark.slow  # tracing records some hundred operations
def test_a_step_is_one_program_that_can_be_traced() -> None:
    """A read by the host (``.item()``, a branch on a value) would end the trace with an error. The traced
    program, run again, does what the step does."""
    game, again = training(count=2), training(count=2)

    def step(*state: torch.Tensor) -> list[torch.Tensor]:
        for kept, given in zip(game.state.tensors(), state, strict=True):
            kept.copy_(given)
        game.make_step()
        return [tensor.clone() for tensor in game.state.tensors()]

    state = [tensor.clone() for tensor in game.state.tensors()]
    program = make_fx(step, tracing_mode="real")(*state)
    assert "_local_scalar_dense" not in program.code  # what ``.item()`` becomes
    for _ in range(3):
        state = program(*state)
        again.make_step()
    for ours, theirs in zip(state, again.state.tensors(), strict=True):
        assert torch.allclose(ours.float(), theirs.float(), atol=SAME_STEPS)


def test_the_host_has_no_part_in_a_step() -> None:
    game = training(PAPER)
    game.make_step()
    with NoHost():
        game.make_step()
    assert int(game.state.count) == 2


def test_images_side_by_side_get_the_kernels_that_they_get_alone() -> None:
    """Images of any sizes, colour and gray, each with the random numbers of its own seed."""
    config = replace(PAPER, steps=4, channels=8, onset=2)
    images = [random_image(), random_image(90, 67, channels=1, seed=1), random_image(65, 100, seed=2)]
    images = [image.double() for image in images]
    together = kernels_after(training_in_float64(images, config, [5, 6, 7]))
    for found, image, seed in zip(together, images, (5, 6, 7), strict=True):
        (alone,) = kernels_after(training_in_float64([image], config, [seed]))
        assert difference(found, alone) < SAME_KERNEL
