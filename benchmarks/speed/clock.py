"""Seconds of a piece of work, and what it computes and moves."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.benchmark import Timer
from torch.utils.flop_counter import FlopCounterMode

from srbase.runtime.threads import one_thread

ROUNDS: Final = 5
"""Both paths in turn, so that a busy minute hits both; the median counts."""
LEAST_SECONDS: Final = 0.2  # of each round

Work = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Floating-point operations of products and convolutions (not of FFTs), and bytes that the operations
    read and write, as if no cache held any of them."""

    operations: float
    moved: float


def seconds_of(works: Iterable[Work], threads: int = 1) -> list[float]:
    """Median seconds of a call of each, measured in turn; waits for the device."""
    timers = [Timer("work()", globals={"work": work}, num_threads=threads) for work in works]
    rounds = [[t.blocked_autorange(min_run_time=LEAST_SECONDS).median for t in timers] for _ in range(ROUNDS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def cost_of(work: Work) -> Cost:
    """What one call computes and moves."""
    with one_thread(), FlopCounterMode(display=False) as operations, _Moved() as moved:
        work()
    return Cost(float(operations.get_total_flops()), float(moved.bytes))


class _Moved(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the bytes of the tensors that operations take and give; views move nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            touched = tree_leaves((args, kwargs, result))
            self.bytes += sum(t.numel() * t.element_size() for t in touched if isinstance(t, torch.Tensor))
        return result
