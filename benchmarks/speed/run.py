"""The measurements in order, told as they are made."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from benchmarks.speed import whole
from benchmarks.speed.clock import cost_of, seconds_of
from benchmarks.speed.machine import Machine
from benchmarks.speed.pictures import made_small, photograph
from benchmarks.speed.stages import Stage, stages
from benchmarks.speed.table import Measured

PRESETS: Final = ("instant", "default")
MANY: Final = 8  # photographs of 0.1 megapixels in a folder
KINDS: Final = {photograph: "JPEG", made_small: "PNG by a kernel"}
"""What a phone hands over, and what a kernel made small."""


@dataclass(frozen=True)
class Asked:
    """Which sizes (megapixels), and what is done to the largest at x4."""

    sizes: Sequence[str]
    scale_4: bool
    stages: bool = True


def measured(machine: Machine, asked: Asked, tell: Callable[[str], None]) -> Iterator[Measured]:
    """One line after another."""
    if asked.stages:
        for stage in stages(machine.device):
            tell(stage.name)
            yield of_stage(stage, machine)
    if machine.device.type == "cuda":
        yield from _on_a_card(machine.device, tell)
    yield from _commands(machine, asked, tell)


def of_stage(stage: Stage, machine: Machine) -> Measured:
    """Both ways timed in turn, in one thread; what the fast one computes and moves."""
    times = seconds_of([work for work in (stage.fast, stage.slow) if work is not None])
    seconds = times[0] / stage.count
    cost = cost_of(stage.counted or stage.fast)
    return Measured(
        work=stage.name,
        seconds=seconds,
        slow=stage.slow_name,
        slow_seconds=times[1] if stage.slow else None,
        difference=stage.difference,
        operations=cost.operations / stage.count,
        moved=cost.moved / stage.count,
        of_matrix=cost.operations / times[0] / machine.matrix,
        of_copy=cost.moved / times[0] / machine.copy,
    )


def _on_a_card(device: torch.device, tell: Callable[[str], None]) -> Iterator[Measured]:
    """Kernels and images without start-up and files."""
    whole.kernels(1, device)  # libraries load
    for count in (1, whole.AT_ONCE):
        name = "KernelGAN, 3000 steps" if count == 1 else f"KernelGAN, 3000 steps, each of {count}"
        tell(name)
        run = whole.kernels(count, device)
        yield Measured(work=name, seconds=run.seconds / count, memory=run.memory)
    for megapixels, preset in (("0.1", "paper"), ("0.1", "default"), ("0.7", "default"), ("0.7", "instant")):
        name = f"{preset}, {megapixels} MP, x2, warm"
        tell(name)
        run = whole.in_process(megapixels, preset, device)
        yield Measured(work=name, seconds=run.seconds, memory=run.memory)


def _commands(machine: Machine, asked: Asked, tell: Callable[[str], None]) -> Iterator[Measured]:
    """Whole commands, from the shell's prompt and back to it."""
    device = str(machine.device)
    cases = [(size, preset, 2, photograph) for size in asked.sizes for preset in PRESETS]
    cases += [(size, PRESETS[-1], 2, made_small) for size in asked.sizes]
    if asked.scale_4:
        cases += [(asked.sizes[-1], preset, 4, photograph) for preset in PRESETS]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for megapixels, preset, scale, source in cases:
            work = f"blindsr upscale, {preset}, {megapixels} MP {KINDS[source]}, x{scale}"
            tell(work)
            run = whole.upscaled(source(folder, megapixels), preset, scale, device)
            yield Measured(work=work, seconds=run.seconds, memory=run.memory)
        if not asked.sizes:
            return
        jobs = machine.threads if machine.device.type == "cpu" else 1
        for preset in PRESETS:
            work = f"blindsr upscale of {MANY} photographs, {preset}, 0.1 MP, each"
            tell(work)
            run = whole.folder_of(folder, MANY, preset, device, jobs)
            yield Measured(work=work, seconds=run.seconds / MANY, memory=run.memory)
