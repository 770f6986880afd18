"""A run: what is missing in the results file is made, row by row."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.data.load import load
from benchmarks.engine import run_all
from benchmarks.kernel_batch import batches, estimate
from benchmarks.label import Label
from benchmarks.ledger import Ledger
from benchmarks.methods.base import Method
from benchmarks.rows import OK, Row
from benchmarks.settings import BenchSettings
from benchmarks.task import Task, Workplace, grouped
from blindsr.cluster import Cluster, work_through
from blindsr.version import VERSION
from srbase.errors import InputError
from srbase.runtime.device import describe, resolve_device


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What to run, and on what."""

    data: Path
    out: Path
    scales: tuple[int, ...]
    methods: tuple[Method, ...]
    settings: BenchSettings
    runs: int = 1
    seed: int = 0
    limit: int | None = None
    device: str = "auto"
    cluster: Cluster = field(default_factory=Cluster)
    keep: Path | None = None
    turned: bool = False
    retry_failed: bool = False

    def __post_init__(self) -> None:
        for name in ("runs", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; wanted at least 1")


@dataclass(frozen=True)
class State:
    """Where a run stands after a row."""

    row: Row
    done: int
    total: int
    remaining_seconds: float


@dataclass
class Summary:
    """How a run ended."""

    made: int = 0
    failed: int = 0
    known: int = 0
    seconds: float = 0.0
    harness_seconds: float = 0.0


def kernels_folder(results: Path) -> Path:
    """Where the kernels of a results file lie: beside it."""
    return results.with_suffix(".kernels")


def run(config: RunConfig, on_row: Callable[[State], None] = lambda _: None) -> Summary:
    """Make the missing rows of ``config.out``. Raises InputError before any work."""
    kernels, keep = kernels_folder(config.out).resolve(), config.keep and config.keep.resolve()
    place = Workplace(config.settings, config.device, kernels, keep)
    words = "" if config.cluster.scheduler else describe(resolve_device(config.device))  # theirs, not ours
    wanted = _tasks(config, words)
    started = time.perf_counter()
    with Ledger(config.out) as ledger:
        check_settings(config.out, ledger.rows, [task.row for task in wanted])
        if config.retry_failed:
            keys = {task.row.key for task in wanted}
            ledger.drop([row for row in ledger.rows if row.status != OK and row.key in keys])
        known = {row.key for row in ledger.rows}
        missing = [task for task in wanted if task.row.key not in known]
        summary = Summary(known=len(wanted) - len(missing))
        for _ in work_through(
            partial(estimate, place), [[b] for b in batches(missing, place)], config.cluster
        ):
            pass  # one that fails leaves its kernels to the rows
        forecast = _Forecast(missing, ledger.rows)
        for done in run_all(grouped(missing), place, config.cluster):
            ledger.append(done.row)
            summary.made += 1
            summary.failed += done.row.status != OK
            summary.harness_seconds += done.harness_seconds
            on_row(State(done.row, summary.made, len(missing), forecast.after(done.row, config.cluster.jobs)))
        ledger.sort()
    summary.seconds = time.perf_counter() - started
    return summary


def check_settings(path: Path, there: Sequence[Row], wanted: Sequence[Row]) -> None:
    """Refuse to mix: rows made with other settings, or under another seed, in one file."""
    by_method = {row.method: row.settings_hash for row in wanted}
    labels = [Label.parse(text) for text in dict.fromkeys(row.settings_hash for row in wanted)]
    seeds = {row.key: row.seed for row in wanted}
    for row in there:
        expected = by_method.get(row.method, row.settings_hash)
        label = Label.parse(row.settings_hash)
        if row.settings_hash != expected or any(label.conflict(other) for other in labels):
            heads = sorted({f"{other.settings}:{other.protocol}" for other in labels})
            ours = expected if row.method in by_method else ", ".join(heads)
            raise InputError(
                f"{path} holds {row.method} rows of settings {row.settings_hash} and this run has {ours}; "
                "wanted another --out"
            )
        if seeds.get(row.key, row.seed) != row.seed:
            raise InputError(
                f"{path} holds run {row.run} with seed {row.seed}; wanted another --out or --seed"
            )


def _tasks(config: RunConfig, device: str) -> list[Task]:
    version = f"{VERSION}{_commit_suffix()}"
    tasks: list[Task] = []
    for scale in dict.fromkeys(config.scales):
        data = load(config.data.resolve(), scale, limit=config.limit, turned=config.turned)
        tasks += [
            Task(
                item,
                method,
                Row(
                    dataset=data.name,
                    image=item.name,
                    scale=scale,
                    method=method.name,
                    run=run,
                    seed=config.seed + run - 1,
                    device=device,
                    version=version,
                    settings_hash=str(method.label(config.settings)),
                ),
            )
            for run in range(1, config.runs + 1)
            for item in data.items
            for method in config.methods
        ]
    return tasks


class _Forecast:
    """Remaining time from the mean seconds of each method so far."""

    def __init__(self, missing: Sequence[Task], known: Sequence[Row]) -> None:
        self.left = [task.row.method for task in missing]
        self.seconds: dict[str, list[float]] = {}
        for row in known:
            self._learn(row)

    def _learn(self, row: Row) -> None:
        if row.status == OK:
            own = (row.sr_seconds or 0.0) + (row.kernel_seconds or 0.0)
            self.seconds.setdefault(row.method, []).append(own)

    def after(self, row: Row, jobs: int) -> float:
        self.left.remove(row.method)
        self._learn(row)
        every = [s for known in self.seconds.values() for s in known]
        mean = sum(every) / len(every) if every else 0.0
        means = {method: sum(known) / len(known) for method, known in self.seconds.items()}
        return sum(means.get(method, mean) for method in self.left) / jobs


def _commit_suffix() -> str:
    """``+COMMIT`` for the version column, with ``.dirty`` if tracked code has uncommitted changes; an empty
    string outside a git checkout."""
    here = Path(__file__).parent.parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")) != here.resolve():
            return ""
        code = ("benchmarks", "blindsr", "kernelgan", "srbase", "zssr", ":(exclude)benchmarks/results")
        changed = git("status", "--porcelain", "--untracked-files=no", "--", *code)
        return f"+{git('rev-parse', '--short=8', 'HEAD')}" + (".dirty" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return ""
