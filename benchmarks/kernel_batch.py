"""Kernels of many images in one batch, where the device gains by it; the rows then find them in the store."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.data.load import Item, read_pair
from benchmarks.estimators import KernelFinder, kernel_fingerprint
from benchmarks.kernel_store import KernelStore
from benchmarks.task import Task, Workplace
from kernelgan.config import KernelGANConfig
from kernelgan.estimate import BATCH_SIZE
from srbase.runtime.device import can_replay, resolve_device


@dataclass(frozen=True)
class Batch:
    """Images of one data set and scale, for one estimator and seed."""

    items: tuple[Item, ...]
    dataset: str
    scale: int
    seed: int
    config: KernelGANConfig


def batches(tasks: Sequence[Task], place: Workplace) -> list[Batch]:
    """What the tasks will ask the store for and is trained, in batches of at most BATCH_SIZE images."""
    wanted: dict[tuple[str, int, int, str], tuple[KernelFinder, dict[str, Item]]] = {}
    for task in tasks:
        row, config = task.row, task.method.estimator(place.settings)
        if isinstance(config, KernelGANConfig):
            key = (row.dataset, row.scale, row.seed, kernel_fingerprint(config))
            wanted.setdefault(key, (config, {}))[1][task.item.name] = task.item
    found = []
    for (dataset, scale, seed, _), (config, by_name) in wanted.items():
        items = tuple(by_name.values())
        assert isinstance(config, KernelGANConfig)
        for first in range(0, len(items), BATCH_SIZE):
            found.append(Batch(items[first : first + BATCH_SIZE], dataset, scale, seed, config))
    return found


def estimate(place: Workplace, batch: Batch) -> int:
    """Fill the store, if this process's device gains by batches; how many kernels were made.

    An error (an image too small, memory) ends the batch; its rows then find their kernels one by one.
    """
    device = resolve_device(place.device)
    if not can_replay(device):
        return 0
    store = KernelStore(place.kernels, batch.dataset, batch.scale)
    images = {item.name: read_pair(item)[0].to(device) for item in batch.items}
    return store.estimate_many(images, batch.config, batch.seed)
