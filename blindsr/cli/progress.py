"""Progress of a run on stderr: a bar on a terminal; elsewhere one line for each stage that takes a while."""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from blindsr.cli.session import QUIET, VERBOSE, Session
from srbase.progress import OnProgress, Progress, silent

WORTH_SECONDS: Final = 1.0
"""A stage that trains nothing has a line if it takes longer."""
FIRST_SIGN_SECONDS = 10.0
"""Plain lines: time without any line after which one says what is going on; it doubles each time."""
BEAT_SECONDS: Final = 1.0
SPEED_WINDOW: Final = 120.0
"""Seconds over which a bar measures speed: steps are reported 50 at a time."""

NAMES: Final = {
    "kernel": "kernel estimation",
    "sr x2": "training x2",
    "sr x4": "training x4",
    "image x2": "reconstruction x2",
    "image x4": "reconstruction x4",
}
"""Of the stages of :mod:`blindsr.pipeline`."""
TRAINED: Final = ("kernel", "sr x2", "sr x4")
"""Stages that train a network, if they have more than one step."""

Stages = Literal["every", "long", "none"]


class PlainLines:
    """Writes one line at the end of each stage, and in long stages now and then how far it is.

    Args:
        say: Writes a line.
        stages: Which have a line: the long ones (they train or take WORTH_SECONDS), with these every kernel
            estimation and training, or none.
        figures: Add figures such as losses.
        clock: Seconds.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        stages: Stages = "long",
        figures: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.say, self.stages, self.figures, self.clock = say, stages, figures, clock
        self.last: Progress | None = None
        self.started = self.said = clock()
        self.patience = FIRST_SIGN_SECONDS
        self.lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        """Take one report."""
        with self.lock:
            if self.last is not None and progress.stage != self.last.stage and not self.last.done:
                self.started = self.clock()
            self.last = progress
            if progress.done:
                self._end(progress)

    def beat(self) -> None:
        """Write how far a long stage is, if nothing was written for long."""
        with self.lock:
            if self.clock() - self.said < self.patience:
                return
            self.patience *= 2
            if self.last is None or self.last.done:
                self._print(f"still at work after {duration(self.clock() - self.started)}")
            else:
                self._print(self._position(self.last))

    def _end(self, progress: Progress) -> None:
        spent = self.clock() - self.started
        main = str(progress.stage).partition(", ")[0] in TRAINED
        trained = main and progress.total > 1
        long = trained or spent >= WORTH_SECONDS
        if (self.stages == "every" and (main or long)) or (self.stages == "long" and long):
            steps = f"{progress.step} steps, " if trained else ""
            self._print(f"{stage_name(progress)}: {steps}{duration(spent)}{self._figures(progress)}")
        self.started, self.patience = self.clock(), FIRST_SIGN_SECONDS

    def _position(self, progress: Progress) -> str:
        spent = self.clock() - self.started
        text = f"{stage_name(progress)}: step {progress.step} of {progress.total}"
        if progress.step:
            left = spent / progress.step * (progress.total - progress.step)
            text += f", about {duration(left)} left"
        return text + self._figures(progress)

    def _figures(self, progress: Progress) -> str:
        if not self.figures or not progress.values:
            return ""
        return "  " + " ".join(f"{name}={value:.4g}" for name, value in progress.values.items())

    def _print(self, text: str) -> None:
        self.said = self.clock()
        self.say(text)


@contextmanager
def waiting(session: Session, text: str) -> Iterator[None]:
    """Show that work without steps goes on: a spinner on a terminal, elsewhere a line if it takes long."""
    if session.verbosity == QUIET:
        yield
    elif _is_terminal():
        from rich.console import Console

        with Console(stderr=True).status(text):
            yield
    else:
        started = time.monotonic()
        patience = FIRST_SIGN_SECONDS

        def beat() -> None:
            nonlocal patience
            spent = time.monotonic() - started
            if spent >= patience:
                patience *= 2
                session.say(f"{text}: {duration(spent)}")

        with _beating(beat):
            yield


@contextmanager
def loading(session: Session) -> Iterator[None]:
    """The start of a command, which imports libraries and checks files.

    Imports make many objects and no garbage: without the collector they take a tenth less time.
    """
    gc.disable()
    try:
        with waiting(session, "starting"):
            yield
    finally:
        gc.enable()


@contextmanager
def shown(session: Session, name: str = "") -> Iterator[OnProgress]:
    """Show progress until the block ends.

    Args:
        session: Says how much to write.
        name: Of the photograph, if there are several: stages then have no lines, but with ``-v``.

    Yields:
        The callback for reports.
    """
    verbose = session.verbosity >= VERBOSE
    if session.verbosity == QUIET:
        yield silent
    elif _is_terminal() and not verbose:
        with _bars(name) as callback:
            yield callback
    else:
        lines = PlainLines(
            lambda text: session.say(f"{name}: {text}" if name else text),
            stages="every" if verbose else "none" if name else "long",
            figures=verbose,
        )
        with _beating(lines.beat):
            yield lines


def duration(seconds: float) -> str:
    """For people: 0.64 is ``0.6 s``, 75 is ``1 min 15 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def stage_name(progress: Progress) -> str:
    """Of the stage, for people; with the page of a stack."""
    stage, comma, page = str(progress.stage).partition(", ")
    return NAMES.get(stage, stage) + comma + page


def _is_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def _beating(beat: Callable[[], None]) -> Iterator[None]:
    """Call it every second, from a thread, until the block ends."""
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
def _bars(name: str) -> Iterator[OnProgress]:
    """One bar, of the stage that runs. It goes when the block ends; lines of long stages stay above it."""
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
    console = Console(stderr=True, highlight=False)  # it honours NO_COLOR
    with rich_progress.Progress(
        *columns, console=console, speed_estimate_period=SPEED_WINDOW, transient=True
    ) as bars:
        task = bars.add_task(name or "reading", total=None)
        lines = PlainLines(console.print, stages="none" if name else "long")
        stage = ""

        def report(progress: Progress) -> None:
            nonlocal stage, task
            lines(progress)
            if str(progress.stage) != stage:
                stage = str(progress.stage)
                bars.remove_task(task)
                text = f"{name}: {stage_name(progress)}" if name else stage_name(progress)
                task = bars.add_task(text, total=progress.total)
            bars.update(task, completed=progress.step)

        yield report
