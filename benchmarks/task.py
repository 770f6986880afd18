"""One row: read the image, let the method work, score what it made."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.data.load import Item, read_pair, read_true_kernels
from benchmarks.kernel_store import KernelStore
from benchmarks.label import UNUSED, Label
from benchmarks.methods.base import Given, Method
from benchmarks.rows import Row
from benchmarks.scoring import figures
from benchmarks.settings import BenchSettings
from blindsr.io.kernel_files import write_kernel
from blindsr.io.photo import Photo, write_photo
from srbase.errors import InputError
from srbase.runtime.device import describe, resolve_device


@dataclass(frozen=True)
class Workplace:
    """What all rows of a run share."""

    settings: BenchSettings
    device: str
    kernels: Path
    keep: Path | None


@dataclass(frozen=True)
class Task:
    """A row to be made: ``row`` is filled but for its figures."""

    item: Item
    method: Method
    row: Row


@dataclass(frozen=True)
class Done:
    """A finished row, and the seconds that the harness itself added to the method's."""

    row: Row
    harness_seconds: float


def work(task: Task, place: Workplace) -> Done:
    """Make the row; a failure is a row too."""
    started = time.perf_counter()
    try:
        row = _row(task, place)
    except (InputError, ArithmeticError, RuntimeError, MemoryError, OSError) as error:
        row = task.row.failed(str(error) or type(error).__name__)
    except Exception as error:  # a bug in one method must not cost the others their rows
        row = task.row.failed(f"{type(error).__name__}: {error}")
    own = (row.sr_seconds or 0.0) + (row.kernel_seconds or 0.0)
    return Done(row, max(0.0, time.perf_counter() - started - own))


def _row(task: Task, place: Workplace) -> Row:
    item, method, row = task.item, task.method, task.row
    lr, gt = read_pair(item)
    truth = read_true_kernels(item)
    store = KernelStore(place.kernels, row.dataset, item.scale)
    device = resolve_device(place.device)
    row = replace(row, device=describe(device))
    on_device = lr.to(device)
    given = Given(
        item.name,
        on_device,
        item.scale,
        row.seed,
        place.settings,
        lambda config: store.estimate(item.name, on_device, config, row.seed),
        truth if method.needs_true_kernels else {},
    )
    made = method.run(given)
    true_kernel = truth.get(item.scale)
    if true_kernel:
        store.keep_true(item.name, true_kernel)
    protocol = place.settings.protocol
    found = figures(
        made.sr, gt, lr, item.scale, kernel=made.kernel, true_kernel=true_kernel, protocol=protocol
    )
    if place.keep:
        folder = place.keep / f"{row.dataset}_x{item.scale}" / method.name / f"run_{row.run}"
        folder.mkdir(parents=True, exist_ok=True)
        write_photo(folder / f"{item.name}.png", Photo(made.sr))
        if made.kernel:
            write_kernel(folder / f"{item.name}_kernel_x{item.scale}.mat", made.kernel)
    return replace(row, **asdict(found), kernel_seconds=made.kernel_seconds, sr_seconds=made.sr_seconds)


def grouped(tasks: Sequence[Task]) -> list[list[Task]]:
    """Tasks that share an estimated kernel, one after another in one group; the others alone."""
    groups: dict[tuple[object, ...], list[Task]] = {}
    for task in tasks:
        row, estimate = task.row, Label.parse(task.row.settings_hash).kernel
        shared = estimate if estimate != UNUSED else row.method
        groups.setdefault((row.dataset, row.scale, row.run, row.image, shared), []).append(task)
    return list(groups.values())
