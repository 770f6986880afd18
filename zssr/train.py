"""Training on one image's fathers and sons."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from blindsr.imaging.image import central
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale
from blindsr.progress import OnProgress, Progress
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet
from zssr.pairs import Fathers, crop_side
from zssr.policy import LearningRate
from zssr.start import Start

History = dict[str, tuple[float, ...]]


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
    test = Test.of(images[0], kernel, start, config)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, fused=True)
    rate = LearningRate(config)
    curves: dict[str, list[float]] = defaultdict(list)
    tested: list[int] = []
    step = 0
    on_step(Progress(stage, 0, config.max_steps))
    while step < config.max_steps and not rate.finished:
        step += 1
        optimiser.param_groups[0]["lr"] = rate.value
        pair = fathers.draw(rng)
        loss = (pair.weight * (network(pair.start) - pair.father).abs()).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if step % config.test_every == 0:
            tested.append(step)
            values = {
                "error": test.error(network),
                "learning_rate": rate.value,
                "loss": loss.item(),
            }
            for name, value in {"step": step, **values}.items():
                curves[name].append(value)
            on_step(Progress(stage, step, config.max_steps, values))
        if tested:
            rate.judge(step, tested, curves["error"])
    on_step(Progress(stage, step, config.max_steps, done=True))
    return step, {name: tuple(values) for name, values in curves.items()}


@dataclass(frozen=True, eq=False)
class Test:
    """What the reconstruction error is measured on: the central part of the LR image, (1, C, n, n), and the
    start of its own son, which is made once."""

    part: torch.Tensor
    start: torch.Tensor

    @classmethod
    def of(cls, image: torch.Tensor, kernel: SRKernel, start: Start, config: ZSSRConfig) -> "Test":
        """For an LR image (C, H, W)."""
        part = central(image, crop_side(image, config.test_size, kernel.scale))
        return cls(part[None], start.upscale(downscale(part, kernel))[None])

    def error(self, network: ResidualNet) -> float:
        """Mean squared error of the part super-resolved from its son."""
        with torch.no_grad():
            return float((network(self.start) - self.part).square().mean())
