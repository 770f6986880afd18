"""The progress of a run on stderr: bars on a terminal, a few plain lines elsewhere."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from blindsr.cli.session import QUIET, VERBOSE, Session
from blindsr.progress import OnProgress, Progress, silent

LINES_A_STAGE = 4
"""Plain lines between a stage's first and last."""

SPEED_WINDOW = 120.0
"""Seconds over which a bar's speed is measured: reports come 50 steps apart."""

NAMES = {"kernel": "kernel", "sr x2": "super-resolution x2", "sr x4": "super-resolution x4"}


@contextmanager
def shown(session: Session) -> Iterator[OnProgress]:
    """A callback that shows what it is told until the block ends."""
    if session.verbosity == QUIET:
        yield silent
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars() as callback:
            yield callback
    else:
        yield Lines(figures=session.verbosity >= VERBOSE)


class Lines:
    """Prints a stage's beginning, its quarters and its end."""

    def __init__(self, *, figures: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.figures, self.clock = figures, clock
        self.stage: str | None = None
        self.started = 0.0
        self.shown = 0

    def __call__(self, progress: Progress) -> None:
        """Take one report."""
        if progress.stage != self.stage:
            self.stage, self.started, self.shown = progress.stage, self.clock(), 0
            if progress.step == 0:
                self._print(f"{_name(progress)}: {progress.total} steps")
                return
        quarter = progress.step * LINES_A_STAGE // max(1, progress.total)
        if progress.done or quarter > self.shown:
            self.shown = quarter
            self._print(self._line(progress))

    def _line(self, progress: Progress) -> str:
        spent = self.clock() - self.started
        text = f"{_name(progress)}: step {progress.step}"
        if progress.done:
            text += f", done in {_duration(spent)}"
        else:
            left = spent / max(1, progress.step) * (progress.total - progress.step)
            text += f" of {progress.total}, about {_duration(left)} left"
        if self.figures and progress.values:
            text += "  " + " ".join(f"{name}={value:.4g}" for name, value in progress.values.items())
        return text

    def _print(self, text: str) -> None:
        click.echo(text, err=True)


@contextmanager
def _bars() -> Iterator[OnProgress]:
    """One bar a stage, with steps, time spent and time left; colours as NO_COLOR allows."""
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("left"),
        rich_progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with rich_progress.Progress(*columns, console=console, speed_estimate_period=SPEED_WINDOW) as bars:
        tasks: dict[str, rich_progress.TaskID] = {}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(_name(progress), total=progress.total)
            total = progress.step if progress.done else progress.total
            bars.update(tasks[progress.stage], completed=progress.step, total=total)

        yield report


def _name(progress: Progress) -> str:
    return NAMES.get(progress.stage, progress.stage)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
