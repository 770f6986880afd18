"""The machine: its name, and the rates that the work is held against."""

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from benchmarks.speed.clock import seconds_of
from blindsr.version import VERSION
from srbase.runtime.device import describe

SIDE: Final = {"cpu": 1024, "cuda": 8192}
COPIED: Final = {"cpu": 1 << 26, "cuda": 1 << 30}  # bytes: more than the caches hold


@dataclass(frozen=True)
class Machine:
    """``matrix`` operations a second (float32, one thread of a CPU), ``copy`` bytes a second, read and
    written ones counted."""

    name: str
    device: torch.device
    threads: int
    matrix: float
    copy: float

    @property
    def words(self) -> str:
        """As a table's footnote names it."""
        versions = f"torch {torch.__version__}, Python {platform.python_version()}, blindsr {VERSION}"
        rates = f"{self.matrix / 1e9:.0f} GFLOP/s of float32 products, {self.copy / 1e9:.1f} GB/s copied"
        return f"{self.name}, {self.threads} threads; {versions}; {rates}"


def measure(device: torch.device) -> Machine:
    """Measure the machine's rates. On a CPU in one thread, as small work runs there."""
    kind = device.type if device.type in SIDE else "cpu"
    square = torch.rand((SIDE[kind], SIDE[kind]), device=device)
    block = torch.zeros(COPIED[kind] // 4, device=device)
    target = torch.empty_like(block)
    product, copy = seconds_of([lambda: square @ square, lambda: target.copy_(block)])
    return Machine(
        _name(device),
        device,
        torch.get_num_threads(),
        2 * SIDE[kind] ** 3 / product,
        2 * COPIED[kind] / copy,
    )


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return describe(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
