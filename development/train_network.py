"""Train a second stage on photographs: nothing else is needed.

python -m development.train_network PHOTOGRAPHS --kind kernel|everyday --out FOLDER [--minutes 60]

``kernel``: a USRNet for any kernel of the DIV2KRK protocol. ``everyday``: a small network that adds detail to
what the program makes of pictures of unknown history. Both are for ``--network``. FOLDER gets ``network.pth``
(the weights, float16), ``checkpoint.pth`` (all that is needed to go on) and ``log.csv``; the same command
goes on where it stopped.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.data.layout import images_in
from blindsr.io.atomic import written
from blindsr.io.photo import read_photo
from blindsr.restoration.network.architecture import COLOURS, Layout, USRNet
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet
from blindsr.restoration.network.restore import padding_of
from development.everyday_network import Picture, Pool, Restored, restored_pairs
from srbase.errors import InputError
from srbase.imaging.colour import TO_YCC
from srbase.imaging.metrics import score
from srbase.imaging.pixels import quantise, rounded
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

Pixels = npt.NDArray[np.uint8]

VALIDATION: Final = 0.1
"""Share of the photographs that is kept for validation where no folder is named: the last ones by name."""
LARGEST: Final = 2.2  # times the truth that a photograph's part is at most, before it is shrunk
NOISE_MOST: Final = 2.0  # grey levels of white noise that a kernel's LR has at most
CLOSENESS: Final = 0.01  # of each data step to its guess, at the beginning
WARM_UP: Final = 200  # steps over which the rate rises
FAINT: Final = 0.1  # of the usual weights at the beginning: what deeper levels add to the colours
RIM: Final = 2  # LR pixels of a crop's border that do not count
LAYOUTS: Final = {
    "tiny": Layout(iterations=6, channels=(16, 32, 64, 64), blocks=2, hidden=32),
    "smaller": Layout(iterations=4, channels=(12, 24, 32, 32), blocks=1, hidden=16),
}
"""USRNet-tiny, and one of 95,000 parameters for CPUs."""
DETAIL: Final = {"channels": 40, "layers": 8}
"""96,000 parameters at x2."""
LEAST_ERROR: Final = 0.004
"""Added to a crop's mean error before its loss is divided by it: smooth crops count too, noiseless ones not
alone."""
LUMA_SHARE: Final = 0.7  # of luma in the loss of everyday pictures; the rest is all channels alike


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is trained, on what crops."""

    kind: str
    scale: int
    side: int  # LR pixels of a crop
    batch: int
    rate: float  # of Adam, at its beginning
    layout: str
    steps: int


@dataclass(frozen=True, eq=False)
class Pair:
    """LR (3, h, w), the truth (3, s*h, s*w) in 0..1, and the kernel that made LR."""

    lr: torch.Tensor
    truth: torch.Tensor
    kernel: SRKernel
    noise_level: float


Crop = Pair | Restored


def network_of(plan: Plan) -> nn.Module:
    """A network that knows nothing yet: of kernels, one whose prior changes little, so that it begins as data
    steps alone; of everyday pictures, one that adds nothing."""
    if plan.kind != "kernel":
        network = DetailNet(DetailLayout(scale=plan.scale, **DETAIL))
        return network.to(memory_format=torch.channels_last)  # a fifth less time a step on CPUs
    usrnet = USRNet(LAYOUTS[plan.layout])
    prior = usrnet.p
    with torch.no_grad():
        prior.m_head.weight[:COLOURS] = 0.0
        prior.m_tail.weight.mul_(FAINT)
        for parameter in prior.m_up1.parameters():
            parameter.mul_(FAINT)
        for colour in range(COLOURS):  # the shortcut around all levels hands the colours through
            prior.m_head.weight[colour, colour, 1, 1] = 1.0
            prior.m_tail.weight[colour, colour, 1, 1] = 1.0
        last = [layer for layer in usrnet.h.mlp if isinstance(layer, nn.Conv2d)][-1]
        assert last.bias is not None
        last.bias[: usrnet.layout.iterations] = math.log(CLOSENESS)  # softplus gives about this back
    return usrnet


def _tensor(pixels: Pixels) -> torch.Tensor:
    """(H, W, 3) of 8 bits to (3, H, W) in 0..1."""
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 255


def crops_of(
    photographs: Sequence[Pixels], plan: Plan, rng: np.random.Generator, pairs: Sequence[Picture] = ()
) -> Callable[[], Crop]:
    """What draws crops from photographs (H, W, 3), 8 bits; everyday ones from pairs too."""
    if plan.kind == "everyday":
        return Pool(photographs, plan.scale, plan.side, rng, pairs).crop
    return lambda: draw(photographs[int(rng.integers(len(photographs)))], plan, rng)


def draw(photograph: Pixels, plan: Plan, rng: np.random.Generator) -> Pair:
    """A pair of a random kernel from a random part of a photograph (H, W, 3), 8 bits."""
    kernel = random_kernel(rng).kernel
    kernel = kernel.to_x4() if plan.scale == 4 else kernel
    side = plan.scale * plan.side
    top, left = (int(rng.integers(0, n - side + 1)) for n in photograph.shape[:2])
    truth = _tensor(photograph[top : top + side, left : left + side])
    deviation = float(rng.uniform(0, NOISE_MOST)) / 255
    small = downscale(truth, kernel)
    noise = torch.from_numpy(rng.standard_normal(tuple(small.shape))).float()
    level = float(np.hypot(deviation, 0.6 / 255))  # told a little more than there is, as of a clean picture
    return Pair(rounded((small + deviation * noise).clamp(0, 1)), truth, kernel, level)


def made_of(network: nn.Module, pair: Crop) -> torch.Tensor:
    """What a network makes of LR: (3, s*h, s*w), not clipped."""
    if isinstance(pair, Restored):
        made: torch.Tensor = network(pair.lr[None], pair.made[None])[0]
        return made
    scale = pair.kernel.scale
    padding = padding_of((pair.lr.shape[-2], pair.lr.shape[-1]), scale)
    whole = network(padding.pad(pair.lr)[None], pair.kernel.array, scale, pair.noise_level)[0]
    return padding.cut(whole, scale)


def loss_of(network: nn.Module, pairs: Sequence[Crop], scale: int) -> torch.Tensor:
    """Mean absolute error within the crops' rims; of everyday pictures over that of the program's result, so
    that a smooth crop counts as much as a rich one."""
    rim = slice(RIM * scale, -RIM * scale)
    everyday = [pair for pair in pairs if isinstance(pair, Restored)]
    if not everyday:  # each pair has a kernel of its own
        losses = [F.l1_loss(made_of(network, p)[:, rim, rim], p.truth[:, rim, rim]) for p in pairs]
        return torch.stack(losses).mean()
    lr, made, truth = (torch.stack([getattr(p, name) for p in everyday]) for name in ("lr", "made", "truth"))
    error = (network(lr, made) - truth)[..., rim, rim]
    before = (made - truth)[..., rim, rim].abs().mean((1, 2, 3), keepdim=True)
    luma = torch.einsum("nchw,c->nhw", error, TO_YCC[0].to(error))[:, None]
    weighted: torch.Tensor = LUMA_SHARE * luma.abs() + (1 - LUMA_SHARE) * error.abs()
    return (weighted / (before + LEAST_ERROR)).mean()


@torch.no_grad()
def validate(network: nn.Module, pairs: Sequence[Crop], scale: int) -> tuple[float, float]:
    """Mean gain in PSNR-Y and that of the worst pair, dB: over bicubic interpolation; of everyday pictures
    over the program's result."""
    network.eval()
    gains = []
    for pair in pairs:
        plain = pair.made if isinstance(pair, Restored) else bicubic_upscale(pair.lr, scale)
        ours = made_of(network, pair)
        scores = [
            score(x.clamp(0, 1), pair.truth, scale, crop_border=RIM * scale).psnr_y for x in (ours, plain)
        ]
        gains.append(scores[0] - scores[1])
    network.train()
    return float(np.mean(gains)), min(gains)


def photographs(folder: Path, least: int) -> list[Pixels]:
    """The photographs of a folder, (H, W, 3) of 8 bits, in natural order; smaller ones are left out."""
    found = [quantise(read_photo(path).image.expand(3, -1, -1), 8) for path in images_in(folder)]
    large = [image for image in found if min(image.shape[:2]) >= least]
    if not large:
        raise InputError(f"{folder} has no photograph of {least} pixels a side; wanted at least one")
    return [np.asarray(image, np.uint8) for image in large]


def train(
    learned: Sequence[Pixels],
    unseen: Sequence[Pixels],
    plan: Plan,
    out: Path,
    *,
    minutes: float,
    every: int,
    tell: Callable[[str], None],
    pairs: Sequence[Picture] = (),
) -> None:
    """Train, or go on; weights, checkpoint and log are written at each validation and at the end.

    Args:
        learned: photographs, (H, W, 3) of 8 bits.
        unseen: others, for validation.
        plan: what is trained.
        out: folder; it is made.
        minutes: wall time after which it ends.
        every: steps between validations.
        tell: called with a line at each validation.
        pairs: that a camera took, for everyday pictures.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    network = network_of(plan).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=plan.rate)
    step, spent = _resumed(out / CHECKPOINT, network, optimiser, plan)
    rng = np.random.default_rng([0, step])  # other crops after an interruption
    draw_check = crops_of(unseen, plan, np.random.default_rng(1))
    checks = [draw_check() for _ in range(CROPS * len(unseen))]
    draw_crop = crops_of(learned, plan, rng, pairs)
    started, losses = time.monotonic(), list[float]()
    while step < plan.steps and time.monotonic() - started < 60 * minutes:
        for group in optimiser.param_groups:
            falling = 0.5 * (1 + math.cos(math.pi * step / plan.steps)) + 1e-3
            group["lr"] = plan.rate * falling * min(1.0, (step + 1) / WARM_UP)
        crops = [draw_crop() for _ in range(plan.batch)]
        loss = loss_of(network, crops, plan.scale)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % every == 0 or step == plan.steps:
            mean, worst = validate(network, checks, plan.scale)
            seconds = spent + time.monotonic() - started
            _save(out, network, optimiser, step, seconds, plan)
            mean_loss = float(np.mean(losses))
            _log(out / LOG, (step, round(seconds), mean_loss, mean, worst))
            gain = f"gain {mean:+.2f} dB, worst {worst:+.2f}"
            tell(f"step {step}, {seconds / 60:.1f} min: loss {mean_loss:.5f}, {gain}")
            losses.clear()
    _save(out, network, optimiser, step, spent + time.monotonic() - started, plan)


CHECKPOINT: Final = "checkpoint.pth"
WEIGHTS: Final = "network.pth"
LOG: Final = "log.csv"
CROPS: Final = 4
"""Of each photograph of the validation."""


def _resumed(
    path: Path, network: nn.Module, optimiser: torch.optim.Optimizer, plan: Plan
) -> tuple[int, float]:
    """Step and seconds of an earlier run, whose state is taken over; 0 without one."""
    if not path.exists():
        return 0, 0.0
    found: dict[str, Any] = torch.load(path, weights_only=True)
    if found["plan"] != _words(plan):
        raise InputError(f"{path} is of {found['plan']}; wanted {_words(plan)}, or another --out")
    network.load_state_dict(found["network"])
    optimiser.load_state_dict(found["optimiser"])
    return int(found["step"]), float(found["seconds"])


def _save(
    out: Path, network: nn.Module, optimiser: torch.optim.Optimizer, step: int, seconds: float, plan: Plan
) -> None:
    state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    for name, content in (
        (CHECKPOINT, {**state, "seconds": seconds, "plan": _words(plan)}),
        (WEIGHTS, {name: value.half().contiguous() for name, value in network.state_dict().items()}),
    ):
        with written(out / name, replace=True) as temporary:
            torch.save(content, temporary)


def _words(plan: Plan) -> str:
    return f"{plan.kind} x{plan.scale}, {plan.layout if plan.kind == 'kernel' else 'everyday'}"


def _log(path: Path, row: tuple[float, ...]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(("step", "seconds", "loss", "gain", "worst"))
        writer.writerow([f"{value:.6g}" for value in row])


@click.command(help=__doc__)
@click.argument("hr", type=click.Path(path_type=Path, exists=True))
@click.option("--kind", type=click.Choice(["kernel", "everyday"]), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of weights and log.")
@click.option("--validate", "other", type=click.Path(path_type=Path), help="Other photographs.")
@click.option(
    "--pairs",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Data sets of pairs that cameras took, for everyday pictures.",
)
@click.option("--scale", type=click.Choice(["2", "4"]), default="2", show_default=True)
@click.option(
    "--layout", type=click.Choice(sorted(LAYOUTS)), default="tiny", show_default=True, help="Of a USRNet."
)
@click.option("--side", default=40, show_default=True, help="LR pixels of a crop.")
@click.option("--batch", default=8, show_default=True)
@click.option("--steps", default=40000, show_default=True, help="The rate falls over so many.")
@click.option("--rate", default=1e-3, show_default=True)
@click.option("--minutes", default=1e6, help="Stop after so many; the same command goes on.  [default: none]")
@click.option("--every", default=250, show_default=True, help="Steps between validations.")
def main(
    hr: Path,
    kind: str,
    out: Path,
    other: Path | None,
    folders: tuple[Path, ...],
    scale: str,
    layout: str,
    side: int,
    batch: int,
    steps: int,
    rate: float,
    minutes: float,
    every: int,
) -> None:
    """The command."""
    plan = Plan(kind=kind, scale=int(scale), side=side, batch=batch, rate=rate, layout=layout, steps=steps)
    learned = photographs(hr, plan.scale * side)
    if other is not None:
        unseen = photographs(other, plan.scale * side)
    else:
        kept = max(1, round(VALIDATION * len(learned)))
        learned, unseen = learned[:-kept], learned[-kept:]
    if not learned:
        raise InputError(f"{hr} has one photograph; wanted at least two, or --validate")
    tell = lambda line: click.echo(line, err=True)  # noqa: E731
    pairs = restored_pairs(folders, plan.scale) if kind == "everyday" else []
    train(learned, unseen, plan, out, minutes=minutes, every=every, tell=tell, pairs=pairs)
    click.echo(out / WEIGHTS)


if __name__ == "__main__":
    main()
