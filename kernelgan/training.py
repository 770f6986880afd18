"""The training of G and D: learning rates, one step, and many images side by side in one batch.

G minimises mean(1 - D(G(x))) + constraints. D minimises half of mean(D(G(x))) + mean(1 - D(y)). x and y are
crops of the image. D sees the fake crop G(x) once for both losses: with respect to D(G(x)) the adversarial
part of G's loss is -2 times D's loss, and so is its gradient.

A step is a program of tensors of fixed shapes. The host reads nothing and allocates nothing that the next
step needs. So the whole step can be traced (tests/kernelgan/test_training.py) and, on CUDA, captured once
and replayed.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import torch

from kernelgan.config import KernelGANConfig
from kernelgan.constraints import Constraints
from kernelgan.crops import Corners, draw_crops
from kernelgan.discriminator import forward, initial_parameters, normalise
from kernelgan.generator import UnfoldedCrops, compose, initial_filters, output_side, partial_compositions
from kernelgan.gradients import (
    constraint_gradient,
    discriminator_gradients,
    downscaling_gradient,
    filter_gradients,
    parameter_gradients,
)
from srbase.imaging.pixel_row import PixelRow
from srbase.runtime.adam import Adam
from srbase.runtime.device import replayed

CHANNELS: Final = 3
"""Of every crop. A gray image is used as a colour image of three equal channels."""

REPORT_INTERVAL: Final = 50
"""Steps between two reports. The noise of so many steps is drawn at a time."""

Noise = tuple[torch.Tensor, torch.Tensor]
"""What is added to D's fake and to its real input."""


def learning_rate(step: torch.Tensor, config: KernelGANConfig) -> torch.Tensor:
    """Return G's learning rate at steps counted from 0: times 0.1 every 750 steps (Fig. D)."""
    periods = torch.div(step, config.decay_every, rounding_mode="floor")
    return config.learning_rate * config.decay ** periods.float()


def late_factor(step: torch.Tensor, config: KernelGANConfig) -> torch.Tensor:
    """Return the factor on centre and sparse at steps counted from 0: 0 before their onset, 1 after it."""
    return (step >= config.onset).float()


@dataclass(frozen=True, eq=False)
class InitialDraws:
    """All random numbers of one image's training but the noise, on the CPU.

    Attributes:
        g_corners: Of G's crops, rows and columns, (steps,) each.
        d_corners: Of D's real crops, the same.
        filters: Of G, as :func:`kernelgan.generator.initial_filters` draws them.
        parameters: Of D, and
        left: its left singular vectors, as :func:`kernelgan.discriminator.initial_parameters` draws them.
        rng: From which the noise follows.
    """

    g_corners: Corners
    d_corners: Corners
    filters: list[torch.Tensor]
    parameters: list[torch.Tensor]
    left: list[torch.Tensor]
    rng: torch.Generator

    @classmethod
    def of(cls, image: torch.Tensor, config: KernelGANConfig, rng: torch.Generator) -> "InitialDraws":
        """Draw for one image (C, H, W): first the crops, then G, then D."""
        corners = draw_crops(image, config, rng)
        filters = initial_filters(config, rng)
        return cls(*corners, filters, *initial_parameters(config, CHANNELS, rng), rng)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that a step changes, for N images; updated in place.

    Attributes:
        generator: G's filters, (N, out, in, k, k) for each layer, and Adam's moments.
        discriminator: D's parameters, (N, ...) each, and Adam's moments.
        left: Left singular vectors of D's weights.
        count: (1,) int64, steps done.
    """

    generator: Adam
    discriminator: Adam
    left: list[torch.Tensor]
    count: torch.Tensor

    @classmethod
    def first(
        cls, draws: Sequence[InitialDraws], config: KernelGANConfig, device: torch.device
    ) -> "TrainingState":
        """Return the state before the first step."""
        betas = (config.beta_1, config.beta_2)
        return cls(
            Adam.of(_stacked([own.filters for own in draws], device), betas),
            Adam.of(_stacked([own.parameters for own in draws], device), betas),
            _stacked([own.left for own in draws], device),
            torch.zeros(1, dtype=torch.int64, device=device),
        )

    def tensors(self) -> list[torch.Tensor]:
        """Return every tensor of the state."""
        return [*self.generator.tensors(), *self.discriminator.tensors(), *self.left, self.count]


@dataclass(frozen=True, eq=False)
class StepRecord:
    """What a step computed before it updated the networks. The figures are made only when they are wanted.

    Attributes:
        constraints: Of G's loss.
        kernel: (N, k, k), G's kernel.
        late: (1,), factor on centre and sparse.
        on_fake: (N, 1, patches), the D-map of the fake crop.
        on_real: (N, 1, patches), the D-map of the real crop.
    """

    constraints: Constraints
    kernel: torch.Tensor
    late: torch.Tensor
    on_fake: torch.Tensor
    on_real: torch.Tensor

    def figures(self) -> dict[str, torch.Tensor]:
        """Return both losses, the terms of G's loss, and the kernel's sum, (N,) each."""
        terms = self.constraints.terms(self.kernel, self.late)
        on_fake, on_real = self.on_fake.mean(dim=(1, 2)), self.on_real.mean(dim=(1, 2))
        adversarial = 1.0 - on_fake
        return {
            "g_loss": torch.stack([adversarial, *terms.values()]).sum(dim=0),
            "d_loss": 0.5 * (1.0 - on_real + on_fake),
            "sum": self.kernel.sum(dim=(1, 2)),
            "adversarial": adversarial,
            **terms,
        }


class TrainingStep:
    """One training step at the given settings, as a function of the state."""

    def __init__(self, config: KernelGANConfig, like: torch.Tensor) -> None:
        """Prepare what does not change from step to step.

        Args:
            config: The settings.
            like: A tensor of the dtype and device to work in.
        """
        self.config = config
        self.constraints = Constraints(config.constraints, config.kernel_size, like)
        steps = torch.arange(config.steps, device=like.device)
        self.g_rates, self.late = learning_rate(steps, config), late_factor(steps, config)
        self.d_rates = self.g_rates * config.discriminator_pace

    @torch.inference_mode()
    def __call__(
        self, state: TrainingState, crops: torch.Tensor, real: torch.Tensor, noise: Noise | None
    ) -> StepRecord:
        """Update G and D once. Both gradients are taken at the networks as they were before the step.

        Args:
            state: Updated in place.
            crops: (N, 3, n, n) in 0..1, G's input.
            real: (N, 3, m, m) in 0..1, D's real input.
            noise: Added to D's fake and real input; None: no noise.

        Returns:
            What was computed.
        """
        g_rate, d_rate, late = (
            by_step.index_select(0, state.count) for by_step in (self.g_rates, self.d_rates, self.late)
        )
        state.count.add_(1)
        unfolded = UnfoldedCrops.of(crops, self.config.kernel_size)
        compositions = partial_compositions(state.generator.values)
        kernel = compositions[0][:, 0]
        on_fake, on_real, d_gradients, grad_fake = self._discriminate(
            state, unfolded.downscale(kernel), real, noise
        )
        # grad_fake is of D's loss; G's adversarial loss is -2 times that part of it.
        grad_kernel = constraint_gradient(self.constraints, kernel, late)
        grad_kernel = grad_kernel - 2 * downscaling_gradient(unfolded, grad_fake)
        g_gradients = filter_gradients(state.generator.values, compositions, grad_kernel)
        state.generator.step(g_gradients, g_rate.view(()))
        state.discriminator.step(d_gradients, d_rate.view(()))
        return StepRecord(self.constraints, kernel, late, on_fake, on_real)

    def _discriminate(
        self, state: TrainingState, fake: torch.Tensor, real: torch.Tensor, noise: Noise | None
    ) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor], torch.Tensor]:
        """Return the D-maps of the fake and the real crops, and the gradients of D's loss by D's parameters
        and by the fake crops."""
        patch = self.config.discriminator_patch
        weights = normalise(state.discriminator.values, state.left)
        if noise is not None:
            fake, real = fake + noise[0], real + noise[1]
        on_fake, on_real = forward(fake, weights, patch), forward(real, weights, patch)
        from_fake = discriminator_gradients(on_fake, weights, 0.5, patch, with_images=True)
        from_real = discriminator_gradients(on_real, weights, -0.5, patch)
        assert from_fake.images is not None
        gradients = parameter_gradients((from_fake, from_real), weights)
        return on_fake.d_map, on_real.d_map, gradients, from_fake.images


class BatchedTraining:
    """The trainings of several images of any sizes, side by side in the same tensor products.

    The images do not influence each other: each kernel equals the one that the image gets alone with the same
    random numbers, up to rounding.

    Attributes:
        config: The settings, the same for all images.
        device: Where the work runs: that of the images.
        state: The networks as they stand.
        noise: Of the current ``REPORT_INTERVAL`` steps, (steps, N, 3, n, n) each; None: no noise.
    """

    def __init__(
        self, images: Sequence[torch.Tensor], draws: Sequence[InitialDraws], config: KernelGANConfig
    ) -> None:
        """Put everything on the device.

        Args:
            images: (C, H, W) in 0..1 each, all on one device; only read.
            draws: One for each image.
            config: The settings.
        """
        self.config, self.device = config, images[0].device
        self.rngs = [own.rng for own in draws]
        pixels, which = PixelRow.of(images), torch.arange(len(images), device=self.device)
        self.g_windows, self.d_windows = (
            pixels.windows(which, side, CHANNELS)
            for side in (config.generator_crop, config.discriminator_crop)
        )
        rows_and_columns = [
            torch.stack([corners[axis] for corners in of_all], dim=1)
            for of_all in ([own.g_corners for own in draws], [own.d_corners for own in draws])
            for axis in (0, 1)
        ]
        self.corners = torch.stack(rows_and_columns, dim=1).to(self.device)  # (steps, 4, N)
        self.state = TrainingState.first(draws, config, self.device)
        self.step = TrainingStep(config, pixels.values)
        self.noise = self._draw_noise()

    def make_step(self) -> StepRecord:
        """Cut the crops of the next step and make it. The host reads nothing."""
        now = self.state.count
        g_rows, g_columns, d_rows, d_columns = self.corners.index_select(0, now)[0]
        crops, real = self.g_windows.cut(g_rows, g_columns), self.d_windows.cut(d_rows, d_columns)
        if self.noise is None:
            return self.step(self.state, crops, real, None)
        place = now % REPORT_INTERVAL
        on_fake, on_real = (drawn.index_select(0, place)[0] for drawn in self.noise)
        return self.step(self.state, crops, real, (on_fake, on_real))

    def run(self, on_report: Callable[[int, dict[str, torch.Tensor]], None]) -> None:
        """Make all steps.

        Args:
            on_report: Called every ``REPORT_INTERVAL`` steps and after the last one, with the number of steps
                done and the figures of the last of them, (N,) each.
        """
        make_step = replayed(self.make_step, self.state.tensors(), self.device, steps=self.config.steps)
        for first in range(0, self.config.steps, REPORT_INTERVAL):
            if first and self.noise is not None:
                fresh = self._draw_noise()
                assert fresh is not None
                for kept, new in zip(self.noise, fresh, strict=True):
                    kept.copy_(new)  # in place: a captured step reads this memory
            last = min(first + REPORT_INTERVAL, self.config.steps)
            for _ in range(first, last):
                record = make_step()
            on_report(last, record.figures())

    def kernels(self) -> torch.Tensor:
        """Return G's kernels as they stand, (N, k, k), not normalised."""
        return compose(self.state.generator.values)

    def _draw_noise(self) -> Noise | None:
        """Draw the noise of the next ``REPORT_INTERVAL`` steps; None where there is none."""
        if not self.config.noise_std:
            return None
        fake = output_side(self.config.generator_crop, self.config.kernel_size)
        on_fake, on_real = (
            torch.stack(_normal_numbers((REPORT_INTERVAL, CHANNELS, side, side), self.rngs), dim=1)
            for side in (fake, self.config.discriminator_crop)
        )
        std = self.config.noise_std
        return (std * on_fake).to(self.device), (std * on_real).to(self.device)


def _normal_numbers(shape: tuple[int, ...], rngs: Sequence[torch.Generator]) -> list[torch.Tensor]:
    """Draw a tensor from each generator; in threads, or a hundred images would wait for one core."""

    def draw(rng: torch.Generator) -> torch.Tensor:
        return torch.randn(shape, generator=rng)

    if len(rngs) == 1:
        return [draw(rngs[0])]
    with ThreadPoolExecutor(min(len(rngs), os.cpu_count() or 1)) as pool:
        return list(pool.map(draw, rngs))


def _stacked(lists: Sequence[list[torch.Tensor]], device: torch.device) -> list[torch.Tensor]:
    """Stack the tensors of all images along a new first axis."""
    return [torch.stack(parts).to(device) for parts in zip(*lists, strict=True)]
