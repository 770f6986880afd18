"""Training on one image's fathers and sons."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import torch

from blindsr.imaging.image import central
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale
from blindsr.progress import OnProgress, Progress
from blindsr.threads import one_thread
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet
from zssr.pairs import Fathers, Pair, crop_side
from zssr.policy import LearningRate
from zssr.start import Start

History = dict[str, tuple[float, ...]]

SMALL_CROP: Final = 64
"""Places a side of the network's grid."""


def train(
    network: ResidualNet,
    images: Sequence[torch.Tensor],
    kernel: SRKernel,
    start: Start,
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
    fathers = Fathers(images, kernel, start, config, rng)
    trial = Trial.of(images[0], kernel, start, config)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, fused=True)
    rate = LearningRate(config)
    curves: dict[str, list[float]] = defaultdict(list)
    tested: list[int] = []
    step = 0
    on_step(Progress(stage, 0, config.max_steps))
    with _threads_for(config):
        while step < config.max_steps and not rate.finished:
            step += 1
            optimiser.param_groups[0]["lr"] = rate.value
            loss = _step(network, fathers.draw(rng), optimiser)
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


def _step(network: ResidualNet, pair: Pair, optimiser: torch.optim.Optimizer) -> torch.Tensor:
    """Learn from one pair; the loss, which nobody need read."""
    loss: torch.Tensor = (pair.weight * (network(pair.start) - pair.father).abs()).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return loss.detach()


def _threads_for(config: ZSSRConfig) -> AbstractContextManager[None]:
    """Small crops train in one thread: several would wait for one another."""
    return one_thread() if config.crop // config.shuffle <= SMALL_CROP else nullcontext()


@dataclass(frozen=True, eq=False)
class Trial:
    """What the reconstruction error is measured on: the central part of the LR image, (1, C, n, n), and the
    start of its own son, which is made once."""

    part: torch.Tensor
    start: torch.Tensor

    @classmethod
    def of(cls, image: torch.Tensor, kernel: SRKernel, start: Start, config: ZSSRConfig) -> "Trial":
        """For an LR image (C, H, W)."""
        part = central(image, crop_side(image, config.test_size, kernel.scale))
        return cls(part[None], start.upscale(downscale(part, kernel))[None])

    def error(self, network: ResidualNet) -> float:
        """Mean squared error of the part super-resolved from its son."""
        with torch.no_grad():
            return float((network(self.start) - self.part).square().mean())
