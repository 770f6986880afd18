"""Training on one image's fathers and sons."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import torch
from torch.func import functional_call

from srbase.imaging.image import central
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress
from srbase.runtime.adam import Adam
from srbase.runtime.device import can_replay, replayed
from srbase.runtime.threads import one_thread
from srbase.upscaler import Upscaler
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet
from zssr.pairs import Fathers, crop_side
from zssr.policy import LearningRate

History = dict[str, tuple[float, ...]]

SMALL_CROP: Final = 64
"""Places a side of the network's grid."""


def train(
    network: ResidualNet,
    images: Sequence[torch.Tensor],
    kernel: SRKernel,
    base: Upscaler,
    config: ZSSRConfig,
    *,
    rng: torch.Generator,
    on_step: OnProgress,
) -> tuple[int, History]:
    """Train the network in place; the first image is the LR image, further ones join the fathers.

    images: (C, H, W) each. Returns the steps taken and the curves: at every ``test_every`` steps the
    ``step``, the reconstruction ``error`` (mean squared, of the LR image from its own son), the
    ``learning_rate`` and the ``loss``.
    """
    stage = f"sr x{kernel.scale}"
    with one_thread():
        lesson = TrainingStep(network, Fathers(images, kernel, base, config, rng), config)
        trial = Validation.of(images[0], kernel, base, config)
    rate = LearningRate(config)
    curves: dict[str, list[float]] = defaultdict(list)
    tested: list[int] = []
    step = 0
    on_step(Progress(stage, 0, config.max_steps))
    with _threads_for(config):
        learn = lesson.replayed()
        while step < config.max_steps and not rate.finished:
            step += 1
            lesson.rate.fill_(rate.value)
            loss = learn()
            if step % config.test_every == 0:
                tested.append(step)
                error, value = trial.error(network), float(loss)
                values = {"error": error, "learning_rate": rate.value, "loss": value}
                for name, figure in {"step": step, **values}.items():
                    curves[name].append(figure)
                on_step(Progress(stage, step, config.max_steps, values))
            if tested:
                rate.judge(step, tested, curves["error"])
    on_step(Progress(stage, step, config.max_steps, done=True))
    return step, {name: tuple(values) for name, values in curves.items()}


class TrainingStep:
    """One training step and what it changes: a program of tensors, as far as no noise is drawn in it.

    Gradients are taken by fresh leaves: autograd ties a parameter to the stream on which it was first used,
    and a capture may not wait for that.
    """

    def __init__(self, network: ResidualNet, fathers: Fathers, config: ZSSRConfig) -> None:
        self.network, self.fathers, self.steps = network, fathers, config.max_steps
        device = fathers.device
        self.rate = torch.tensor(config.learning_rate, device=device)
        self.count = torch.zeros(1, dtype=torch.int64, device=device)
        self.parameters = dict(network.named_parameters())
        self.adam = Adam.of([parameter.detach() for parameter in self.parameters.values()])
        self.loss = torch.zeros((), device=device)
        self.alone = bool(config.noise_std) and not config.pool  # its noise comes from the host

    def __call__(self) -> torch.Tensor:
        """Learn from the next pair; the loss, which nobody need read."""
        pair = self.fathers.draw(self.count)
        leaves = {name: parameter.detach().requires_grad_() for name, parameter in self.parameters.items()}
        made = functional_call(self.network, leaves, (pair.base,))
        loss: torch.Tensor = (pair.weight * (made - pair.father).abs()).mean()
        self.adam.step(torch.autograd.grad(loss, list(leaves.values())), self.rate)
        self.count += 1
        self.loss.copy_(loss.detach())
        return self.loss

    def replayed(self) -> Callable[[], torch.Tensor]:
        """The step, captured where the device can replay it."""
        if self.alone or not can_replay(self.fathers.device):
            return self
        return replayed(self, [*self.adam.tensors(), self.count], self.fathers.device, steps=self.steps)


def _threads_for(config: ZSSRConfig) -> AbstractContextManager[None]:
    """Small crops train in one thread: several would wait for one another."""
    return one_thread() if config.crop // config.shuffle <= SMALL_CROP else nullcontext()


@dataclass(frozen=True, eq=False)
class Validation:
    """What the reconstruction error is measured on: the central part of the LR image, (1, C, n, n), and the
    base of its own son, which is made once."""

    part: torch.Tensor
    base: torch.Tensor

    @classmethod
    def of(cls, image: torch.Tensor, kernel: SRKernel, base: Upscaler, config: ZSSRConfig) -> "Validation":
        """For an LR image (C, H, W)."""
        part = central(image, crop_side(image, config.test_size, kernel.scale))
        return cls(part[None], base.upscale(downscale(part, kernel))[None])

    def error(self, network: ResidualNet) -> float:
        """Mean squared error of the part super-resolved from its son."""
        with torch.no_grad():
            return float((network(self.base) - self.part).square().mean())
