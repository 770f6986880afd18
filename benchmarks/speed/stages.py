"""Each stage's fast path beside the obvious slow one, in one run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch.nn import functional as F

from benchmarks.speed.clock import Work
from benchmarks.speed.layered import LayeredGame
from benchmarks.speed.pictures import picture
from blindsr.configuration import PRESETS
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.config import InverseConfig
from kernelgan.config import PAPER
from kernelgan.training import BatchedTraining, InitialDraws
from srbase.imaging.resample import downscale, reflected
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.kernels.operator import PeriodicDownscaling
from srbase.runtime.device import can_replay, replayed
from srbase.upscaler import bicubic_base
from zssr.config import ZSSRConfig
from zssr.network import build
from zssr.pairs import Fathers
from zssr.train import TrainingStep

SIDE = 512  # pixels of the LR image that the stages work on
AT_ONCE = {"cpu": 8, "cuda": 100}


@dataclass(frozen=True)
class Stage:
    """``fast`` does ``count`` pieces of work in a call, ``slow`` one by the obvious way, if there is one.
    ``difference`` is the largest of their results', where these are the same thing. ``counted`` computes what
    ``fast`` does, where that is a captured graph, which cannot be looked into."""

    name: str
    fast: Work
    slow: Work | None = None
    slow_name: str = ""
    count: int = 1
    difference: float | None = None
    counted: Work | None = None


def stages(device: torch.device) -> Iterator[Stage]:
    """Every stage, on this device; made one after another, as each holds memory."""
    image = picture(SIDE, SIDE).to(device)
    yield _shrinking(image)
    yield _operator(image)
    yield from _games(image)
    yield from _lessons(image)


def _shrinking(image: torch.Tensor) -> Stage:
    kernel = SRKernel.bicubic(2)
    before, after = geometry.padding(kernel.shape[0], kernel.scale)

    def slow() -> torch.Tensor:
        places = reflected(-before, before + SIDE + after, SIDE, image.device)
        padded = image[:, places][:, :, places][:, None]
        return F.conv2d(padded, kernel.tensor(image)[None, None], stride=kernel.scale)[:, 0]

    apart = float((slow() - downscale(image, kernel)).abs().max())
    return Stage(f"shrinking {SIDE}x{SIDE}", lambda: downscale(image, kernel), slow, "one plane", 1, apart)


def _operator(image: torch.Tensor) -> Stage:
    """Downscaling and its adjoint, what the inverse iterates, on a periodic grid."""
    kernel = SRKernel.bicubic(2)
    operator = PeriodicDownscaling.of(kernel, (SIDE // 2, SIDE // 2), image)
    first = geometry.anchor(kernel.shape[0])
    rest = kernel.shape[0] - kernel.scale - first
    weight = kernel.tensor(image)[None, None]

    def fast() -> torch.Tensor:
        return operator.downscale_adjoint(operator.downscale(image))

    def slow() -> torch.Tensor:
        padded = F.pad(image[:, None], (first, rest, first, rest), mode="circular")
        small = F.conv2d(padded, weight, stride=kernel.scale)
        large = F.conv_transpose2d(small, weight, stride=kernel.scale)[:, 0]
        return _wrapped(_wrapped(large, 1, first), 2, first)

    apart = float((slow() - fast()).abs().max())
    return Stage(f"operator and adjoint, {SIDE}x{SIDE}", fast, slow, "transposed convolution", 1, apart)


def _wrapped(large: torch.Tensor, dim: int, first: int) -> torch.Tensor:
    """What a transposed convolution laid over the border comes back in on the other side."""
    places = (torch.arange(large.shape[dim], device=large.device) - first) % SIDE
    shape = list(large.shape)
    shape[dim] = SIDE
    return large.new_zeros(shape).index_add(dim, places, large)


def _games(image: torch.Tensor) -> Iterator[Stage]:
    """KernelGAN's step at the paper's settings, alone and many at once."""
    device = image.device
    layered = LayeredGame(PAPER, device)
    one = _games_of(image, 1)
    alone = _step(one)
    yield Stage("KernelGAN step, paper", alone, layered.make_step, "layer by layer", counted=one.make_step)
    count = AT_ONCE.get(device.type, 8)
    many = _games_of(image, count)
    name = f"KernelGAN step, each of {count}"
    yield Stage(name, _step(many), alone, "alone", count, counted=many.make_step)


def _games_of(image: torch.Tensor, count: int) -> BatchedTraining:
    config = replace(PAPER, steps=100_000)  # more than are timed
    draws = [InitialDraws.of(image, config, torch.Generator().manual_seed(seed)) for seed in range(count)]
    return BatchedTraining([image] * count, draws, config)


def _step(games: BatchedTraining) -> Callable[[], object]:
    return replayed(games.make_step, games.state.tensors(), games.device, steps=games.config.steps)


def _lessons(image: torch.Tensor) -> Iterator[Stage]:
    """ZSSR's step: the paper's network; and the program's own on half the grid, beside the whole grid."""
    paper, own = PRESETS["paper"].restoration.zssr, PRESETS["default"].restoration.zssr
    lesson = _lesson(image, paper)
    slow = _lesson(image, paper) if can_replay(image.device) else None
    yield Stage("ZSSR step, paper", lesson.replayed(), slow, "not captured" if slow else "", counted=lesson)
    lesson, whole = _lesson(image, own), _lesson(image, replace(own, shuffle=1))
    yield Stage(
        "ZSSR step, default", lesson.replayed(), whole.replayed(), "on the whole grid", counted=lesson
    )


def _lesson(image: torch.Tensor, config: ZSSRConfig) -> TrainingStep:
    config = replace(config, max_steps=100_000)
    kernel, rng = SRKernel.bicubic(2), torch.Generator().manual_seed(0)
    network = build(config, 3, rng, image.device)
    base = (
        base_upscaler(image, kernel, InverseConfig()) if config.zero_residual else bicubic_base(image, kernel)
    )
    fathers = Fathers([image], kernel, base, config, rng)
    return TrainingStep(network, fathers, config)
