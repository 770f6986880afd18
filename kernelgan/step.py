"""One step of the game between generator and discriminator: a program of tensors of fixed shapes.

Nothing is read by the host and nothing is allocated that the next step needs, so that the step can be traced
whole (tests/kernelgan/test_train.py) and, on CUDA, captured once and replayed. The gradients are written
out and tested against the layered game (tests/kernelgan/test_step.py).

D sees the fake crop once for both players. G wants ``mean(1 - D(fake))`` small and D wants half of
``mean(D(fake))`` small, so that one pass back through D gives D its gradient and, times -2, G its own.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import torch

from kernelgan.config import GANConfig
from kernelgan.constraints import Constraints
from kernelgan.discriminator import back, by_parameters, look, normalised
from kernelgan.generator import STRIDE, Unfolded, by_filters, compositions
from kernelgan.schedule import PhaseState, has_set_in, learning_rate
from srbase.kernels.kernel import SRKernel
from srbase.runtime.adam import Adam

COLOURS: Final = 3

Noise = tuple[torch.Tensor, torch.Tensor]
"""What D's fake and real input are polluted with."""


class Penalty(Protocol):
    """What else G's kernel is held to."""

    def __call__(self, kernel: torch.Tensor) -> dict[str, torch.Tensor]:
        """Named terms of the loss, each (games,), for kernels (games, k, k)."""


@dataclass(frozen=True, eq=False)
class State:
    """All that changes from step to step; updated in place."""

    generator: Adam
    discriminator: Adam
    left: list[torch.Tensor]  # left singular vectors of D's weights
    phase: PhaseState
    count: torch.Tensor  # steps done, (1,), int64

    def tensors(self) -> list[torch.Tensor]:
        """Every tensor of the state."""
        phase = [self.phase.weight, self.phase.streak, self.phase.close, self.phase.late]
        return [*self.generator.tensors(), *self.discriminator.tensors(), *self.left, *phase, self.count]


@dataclass(frozen=True, eq=False)
class Seen:
    """What a step saw before it changed anything; its figures follow when they are asked for."""

    constraints: Constraints
    kernel: torch.Tensor  # (games, k, k)
    late: torch.Tensor  # (games,)
    fake: torch.Tensor  # D-maps, (games, 1, patches)
    real: torch.Tensor
    others: dict[str, torch.Tensor]  # further terms of G's loss, (games,) each

    def figures(self) -> dict[str, torch.Tensor]:
        """Losses, their terms and the kernel's sum, (games,) each."""
        terms = self.constraints.terms(self.kernel, self.late) | self.others
        on_fake, on_real = self.fake.mean(dim=(1, 2)), self.real.mean(dim=(1, 2))
        unlike = 1.0 - on_fake
        return {
            "g_loss": torch.stack([unlike, *terms.values()]).sum(dim=0),
            "d_loss": 0.5 * (1.0 - on_real + on_fake),
            "sum": self.kernel.sum(dim=(1, 2)),
            "adversarial": unlike,
            **terms,
        }


class Step:
    """The step for some settings; calling it makes one."""

    def __init__(self, config: GANConfig, games: int, like: torch.Tensor, penalty: Penalty | None) -> None:
        self.config, self.penalty = config, penalty
        self.constraints = Constraints(config.constraints, config.kernel_size, like)
        bicubic = SRKernel.bicubic(STRIDE).cropped(config.kernel_size).tensor(like)
        self.bicubic = bicubic.expand(games, -1, -1)
        steps = torch.arange(config.steps, device=like.device)
        self.rates, self.set_in = learning_rate(steps, config), has_set_in(steps, config)
        self.d_rates = self.rates * config.discriminator_pace

    @torch.inference_mode()
    def __call__(
        self,
        state: State,
        crops: torch.Tensor,
        real: torch.Tensor,
        noise: Noise | None,
    ) -> Seen:
        """Train G and D once, each on what the other was before.

        crops: (games, 3, 64, 64), G's; real: (games, 3, n, n), D's, in 0..1.
        """
        rate, d_rate, set_in = (
            of_steps.index_select(0, state.count) for of_steps in (self.rates, self.d_rates, self.set_in)
        )
        late = state.phase.late * set_in
        state.count.add_(1)
        seen = Unfolded.of(crops, self.config.kernel_size)
        kernels = compositions(state.generator.values)
        kernel = kernels[0][:, 0]
        fake, true, d_gradients, by_fake = self._discriminate(state, seen.downscale(kernel), real, noise)
        others, by_others = self._pulled(kernel)
        if self.config.bicubic_phase:
            error, by_error = self._from_bicubic(kernel, seen)
            others["bicubic"] = state.phase.weight * error
            by_others += state.phase.weight[:, None, None] * by_error
            level = seen.downscale(self.bicubic).square().mean(dim=(1, 2, 3)).clamp(min=1e-8)
            state.phase.advance(self.config.bicubic_phase, error / level, state.count)
        by_kernel = self.constraints.gradient(kernel, late) + by_others - 2 * seen.at_kernel(by_fake)
        state.generator.step(by_filters(state.generator.values, kernels, by_kernel), rate.view(()))
        state.discriminator.step(d_gradients, d_rate.view(()))
        return Seen(self.constraints, kernel, late, fake, true, others)

    def _pulled(self, kernel: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The penalty's terms, (games,) each, and their sum's gradient."""
        if self.penalty is None:
            return {}, torch.zeros_like(kernel)
        with torch.inference_mode(False):
            leaf = kernel.clone().requires_grad_()
            terms = self.penalty(leaf)
            total = torch.stack(list(terms.values())).sum()  # of any but a sum: autograd loads sympy
            (gradient,) = torch.autograd.grad(total, leaf)
        return {name: value.detach() for name, value in terms.items()}, gradient.clone()

    def _discriminate(
        self, state: State, fake: torch.Tensor, real: torch.Tensor, noise: Noise | None
    ) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor], torch.Tensor]:
        """D-maps of fake and real crops, (games, 1, patches); the gradients of D's loss, half of
        ``mean D(fake) + 1 - mean D(real)``, by each of its parameters and by the fake crops."""
        patch = self.config.discriminator_patch
        d = normalised(state.discriminator.values, state.left)
        if noise is not None:
            fake, real = fake + noise[0], real + noise[1]
        on_fake, on_real = look(fake, d, patch), look(real, d, patch)
        from_fake = back(on_fake, d, 0.5, patch, to_images=True)
        assert from_fake.images is not None
        gradients = by_parameters((from_fake, back(on_real, d, -0.5, patch)), d)
        return on_fake.d_map, on_real.d_map, gradients, from_fake.images

    def _from_bicubic(self, kernel: torch.Tensor, crops: Unfolded) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean squared difference of G's output from bicubic shrinking, (games,), and its gradient."""
        off = crops.downscale(kernel - self.bicubic)
        return off.square().mean(dim=(1, 2, 3)), crops.at_kernel(off * (2 / off[0].numel()))
