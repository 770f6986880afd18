"""The progress of a run on stderr: bars on a terminal, a few plain lines elsewhere; never silent for long."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from blindsr.cli.session import QUIET, VERBOSE, Session
from srbase.progress import OnProgress, Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

LINES_A_STAGE = 4
"""Plain lines between a stage's first and last."""
SPEED_WINDOW = 120.0
"""Seconds over which a bar's speed is measured: reports come 50 steps apart."""
BEAT_SECONDS = 1.0
SILENCE_SECONDS = 3.5
"""Plain lines say at least so often that the work goes on."""

NAMES = {
    "kernel": "kernel",
    "sr x2": "super-resolution x2",
    "sr x4": "super-resolution x4",
    "image x2": "image x2",
    "image x4": "image x4",
}
AFTERWARDS = {
    "": "reading",
    "kernel": "preparing the super-resolution",
    "sr x2": "making the image",
    "sr x4": "making the image",
    "image x2": "finishing",
    "image x4": "finishing",
}
"""What goes on once a stage has ended, or before the first one has begun."""


@contextmanager
def starting(session: Session, what: str = "starting") -> Iterator[None]:
    """Says in the block, which loads libraries and looks at files, that it is at work."""
    started = said = time.monotonic()

    def beat() -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= SILENCE_SECONDS:
            said = now
            session.say(f"{what}, {duration(now - started)} so far")

    with _beating(beat):
        yield


@contextmanager
def shown(session: Session) -> Iterator[OnProgress]:
    """A callback that shows what it is told until the block ends."""
    if session.verbosity == QUIET:
        yield silent
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars() as callback:
            yield callback
    else:
        lines = Lines(figures=session.verbosity >= VERBOSE, say=session.say)
        with _beating(lines.beat):
            yield lines


class Lines:
    """Prints a stage's beginning, its quarters and its end, and between them that the work goes on."""

    def __init__(
        self,
        *,
        figures: bool = False,
        clock: Callable[[], float] = time.monotonic,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.figures, self.clock, self.say = figures, clock, say or Session().say
        self.stage = ""
        self.last: Progress | None = None
        self.started = self.said = clock()
        self.shown = 0
        self.lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        """Take one report."""
        with self.lock:
            self.last = progress
            if progress.stage != self.stage:
                self.stage, self.started, self.shown = progress.stage, self.clock(), 0
                if progress.step == 0:
                    self._print(f"{_name(progress)}: {progress.total} steps")
                    return
            quarter = progress.step * LINES_A_STAGE // max(1, progress.total)
            if progress.done or quarter > self.shown:
                self.shown = quarter
                self._print(self._line(progress))
            if progress.done:
                self.started = self.said

    def beat(self) -> None:
        """Say what is going on where nothing was said for a while."""
        with self.lock:
            if self.clock() - self.said < SILENCE_SECONDS:
                return
            if self.last is None or self.last.done:
                doing = AFTERWARDS.get(self.stage, "at work")
                self._print(f"{doing}, {duration(self.clock() - self.started)} so far")
            else:
                self._print(self._line(self.last))

    def _line(self, progress: Progress) -> str:
        spent = self.clock() - self.started
        text = f"{_name(progress)}: step {progress.step}"
        if progress.done:
            text += f", done in {duration(spent)}"
        elif progress.step:
            left = spent / progress.step * (progress.total - progress.step)
            text += f" of {progress.total}, about {duration(left)} left"
        else:
            text += f" of {progress.total}, {duration(spent)} so far"
        if self.figures and progress.values:
            text += "  " + " ".join(f"{name}={value:.4g}" for name, value in progress.values.items())
        return text

    def _print(self, text: str) -> None:
        self.said = self.clock()
        self.say(text)


@contextmanager
def _beating(beat: Callable[[], None]) -> Iterator[None]:
    """Calls it every second, from a thread, until the block ends."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(BEAT_SECONDS):
            beat()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _bars() -> Iterator[OnProgress]:
    """One bar a stage, with steps, time spent and time left, and one that moves between the stages."""
    with _screen() as bars:
        tasks = {"": bars.add_task(AFTERWARDS[""], total=None)}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                bars.remove_task(tasks.pop(""))
                tasks[progress.stage] = bars.add_task(_name(progress), total=progress.total)
                tasks[""] = bars.add_task("", total=None, visible=False)
            total = progress.step if progress.done else progress.total
            bars.update(tasks[progress.stage], completed=progress.step, total=total)
            if progress.done:
                bars.reset(tasks[""], description=AFTERWARDS.get(progress.stage, "at work"), visible=True)

        yield report
        bars.update(tasks[""], visible=False)


def _screen() -> "RichProgress":
    """Bars on stderr; colours as NO_COLOR allows."""
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
    return rich_progress.Progress(*columns, console=console, speed_estimate_period=SPEED_WINDOW)


def _name(progress: Progress) -> str:
    return NAMES.get(progress.stage, progress.stage)


def duration(seconds: float) -> str:
    """In words: 75 is ``1 min 15 s``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
