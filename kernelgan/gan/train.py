"""One step of the game between generator and discriminator, and the state that it keeps."""

from typing import Protocol

import torch

from blindsr.imaging.kernel import SRKernel
from kernelgan.gan.config import GANConfig
from kernelgan.gan.constraints import Constraints
from kernelgan.gan.discriminator import Discriminator
from kernelgan.gan.generator import (
    STRIDE,
    apply_kernel,
    compose,
    initial_filters,
    kernel_patches,
    output_side,
)
from kernelgan.gan.schedule import first_state, learning_rate, next_state

COLOURS = 3


class Lead(Protocol):
    """What may lead G: where it begins, and a penalty on its kernel."""

    def begin(self, filters: list[torch.Tensor]) -> None:
        """Set the filters (R, out, in, k, k), one tensor a layer, in place."""

    def __call__(self, kernel: torch.Tensor) -> dict[str, torch.Tensor]:
        """Named terms of the loss, each (R,), for kernels (R, k, k)."""


class Trainer:
    """R generators, R discriminators, their optimisers, and the schedule's state."""

    def __init__(
        self,
        config: GANConfig,
        rng: torch.Generator,
        device: torch.device,
        lead: Lead | None = None,
    ) -> None:
        self.config = config
        self.rng = rng
        self.lead = lead
        self.filters = initial_filters(config, rng, device)
        if lead is not None:
            lead.begin(self.filters)
        self.discriminator = Discriminator(config, COLOURS, rng, device)
        betas = (config.beta_1, config.beta_2)
        self.generator_optimiser = torch.optim.Adam(self.filters, lr=config.learning_rate, betas=betas)
        self.discriminator_optimiser = torch.optim.Adam(
            self.discriminator.parameters, lr=config.learning_rate, betas=betas
        )
        self.constraints = Constraints(config.constraints, config.kernel_size, self.filters[0])
        self.phase = first_state(config.bicubic_phase)
        self.steps = 0
        self.side = output_side(config.generator_crop, config.kernel_size)
        bicubic = SRKernel.bicubic(STRIDE).cropped(config.kernel_size).tensor(self.filters[0])
        self.bicubic = bicubic.expand(config.restarts, -1, -1)
        self._last: dict[str, torch.Tensor] = {}

    def step(self, generator_crops: torch.Tensor, discriminator_crops: torch.Tensor) -> None:
        """Train G, then D, once: crops (R, 3, 64, 64) and (R, 3, n, n) in 0..1."""
        rate = learning_rate(self.steps, self.config)
        for optimiser in (self.generator_optimiser, self.discriminator_optimiser):
            optimiser.param_groups[0]["lr"] = rate
        fake = self._step_generator(generator_crops)
        self._step_discriminator(discriminator_crops, fake)
        self.steps += 1

    def kernels(self) -> torch.Tensor:
        """The generators' kernels as they stand, (R, k, k), not normalised."""
        with torch.no_grad():
            return compose(self.filters)

    def values(self) -> dict[str, float]:
        """The last step's figures, each the mean over the restarts."""
        return {name: float(value.mean()) for name, value in self._last.items()}

    def _step_generator(self, crops: torch.Tensor) -> torch.Tensor:
        patches = kernel_patches(crops, self.config.kernel_size)
        kernel = compose(self.filters)
        fake = apply_kernel(patches, kernel, self.side)
        with torch.no_grad():
            frozen = self.discriminator.normalised()
        d_map = self.discriminator.d_map(self._noisy(fake), frozen)
        terms = {"adversarial": (1.0 - d_map).mean(dim=(1, 2))}  # L1 distance to all-ones
        terms |= self.constraints(kernel, late=self.phase.late)
        if self.lead is not None:
            terms |= self.lead(kernel)
        if self.phase.weight:
            target = apply_kernel(patches, self.bicubic, self.side)
            error = (fake - target).square().mean(dim=(1, 2, 3))
            terms["bicubic"] = self.phase.weight * error
            self._advance_phase(error, target)
        losses = torch.stack(list(terms.values())).sum(dim=0)
        gradients = torch.autograd.grad(losses.sum(), self.filters)
        for layer, gradient in zip(self.filters, gradients, strict=True):
            layer.grad = gradient
        self.generator_optimiser.step()
        self._last = {"g_loss": losses.detach(), "sum": kernel.detach().sum(dim=(1, 2))}
        self._last |= {name: term.detach() for name, term in terms.items()}
        return fake.detach()

    def _step_discriminator(self, real: torch.Tensor, fake: torch.Tensor) -> None:
        weights = self.discriminator.normalised()
        on_real = self.discriminator.d_map(self._noisy(real), weights)
        on_fake = self.discriminator.d_map(self._noisy(fake), weights)
        losses = 0.5 * ((1.0 - on_real).mean(dim=(1, 2)) + on_fake.mean(dim=(1, 2)))
        gradients = torch.autograd.grad(losses.sum(), self.discriminator.parameters)
        for parameter, gradient in zip(self.discriminator.parameters, gradients, strict=True):
            parameter.grad = gradient
        self.discriminator_optimiser.step()
        self._last["d_loss"] = losses.detach()

    def _advance_phase(self, error: torch.Tensor, target: torch.Tensor) -> None:
        """The released schedule; with several restarts their mean error decides for all."""
        phase = self.config.bicubic_phase
        if phase is not None and not (self.phase.late and self.phase.weight <= phase.floor):
            relative = float((error.detach() / target.square().mean(dim=(1, 2, 3)).clamp(min=1e-8)).mean())
            self.phase = next_state(self.phase, phase, relative, self.steps + 1)

    def _noisy(self, images: torch.Tensor) -> torch.Tensor:
        """A noisy copy for D, where the variant asks for noise."""
        if not self.config.noise:
            return images
        noise = torch.randn(images.shape, generator=self.rng).to(images.device)
        return images + self.config.noise * noise
