"""What all commands share: how much to say and where, exit codes, and how a run ends.

Ctrl-C and SIGTERM end a run within two seconds. Python handles a signal between two of its own instructions,
and one call into a library may take longer than that. So a thread waits for the signal as well, and ends the
process if the main thread has not done so a second later.
"""

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

from srbase.errors import InputError

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
"""Exit codes: all done; an input failed; wrong command line; Ctrl-C (128 + SIGINT); SIGTERM."""

QUIET, NORMAL, VERBOSE = -1, 0, 1

GRACE_SECONDS = 1.0
"""Between a signal and the end of the process by the waiting thread."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Session:
    """State of one run of the program.

    Attributes:
        verbosity: ``QUIET``, ``NORMAL`` or ``VERBOSE``.
        debug: Show tracebacks.
        failures: Number of failures so far.
        as_json: Results are JSON objects, one a line.
        threads: CPU threads of PyTorch that the user asked for; None: PyTorch's own number.
        stdout_is_data: An image goes to stdout, so results are not written there.
        mute: Nobody reads stdout any more.
        folders: Temporary ones, which are removed however the run ends.
    """

    verbosity: int = NORMAL
    debug: bool = False
    failures: int = 0
    as_json: bool = False
    threads: int | None = None
    stdout_is_data: bool = False
    mute: bool = False
    folders: list[Path] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code so far."""
        return FAILED if self.failures else DONE

    def say(self, text: str, level: int = NORMAL) -> None:
        """Write a line for people to stderr; with ``-q`` nothing."""
        if self.verbosity >= level:
            _write_stderr(text)

    def result(self, text: str, **fields: object) -> None:
        """Write a result to stdout: the text, or with ``--json`` the fields as one JSON line.

        If the reader of stdout has gone (a closed pipe), the run goes on, because its files matter more. Any
        other error of stdout is a failure. If stdout carries an image, the JSON goes to stderr.

        Args:
            text: For people.
            **fields: For ``--json``.
        """
        if self.mute or (self.stdout_is_data and not self.as_json):
            return
        try:
            text = json.dumps(fields, allow_nan=False) if self.as_json else text
            click.echo(text, err=self.stdout_is_data)
        except BrokenPipeError:
            self.mute = True
            _redirect_to_null(sys.stdout)
        except OSError as error:
            self.mute = True
            _redirect_to_null(sys.stdout)
            self.fail_with(f"stdout cannot be written: {error.strerror}", error)

    def fail(self, error: Exception, subject: object = None) -> None:
        """Count a failure and report it as one line on stderr, with ``--debug`` after its traceback.

        Args:
            error: What went wrong.
            subject: What it belongs to; it begins the line unless the message names it already.
        """
        text = one_line(error)
        named = subject is None or str(subject) in text
        self.fail_with(text if named else f"{subject}: {text}", error)

    def fail_with(self, text: str, error: Exception | None = None, *, trace: str = "") -> None:
        """Count a failure and report it with this text.

        Args:
            text: One line.
            error: Its traceback is shown with ``--debug``.
            trace: A traceback from another process, as text.
        """
        self.failures += 1
        if self.debug:
            _write_stderr("".join(traceback.format_exception(error)) if error is not None else trace)
        _write_stderr(f"error: {text}")

    @contextlib.contextmanager
    def failures_counted(self, subject: object) -> Iterator[None]:
        """Report errors of the block as failures of ``subject``; the run goes on after it."""
        try:
            yield
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # one photograph must not stop the others
            self.fail(error, subject)

    @contextlib.contextmanager
    def temporary_folder(self, prefix: str) -> Iterator[Path]:
        """A folder of this user alone, which is removed at the end, also where :meth:`end_now` is the end."""
        with tempfile.TemporaryDirectory(prefix=prefix) as name:
            folder = Path(name)
            self.folders.append(folder)
            try:
                yield folder
            finally:
                self.folders.remove(folder)

    def end_now(self) -> None:
        """What has to be done before the process is ended from another thread."""
        self.say("interrupted", QUIET)
        if self.folders:
            for process in multiprocessing.active_children():  # they may write to a folder
                process.kill()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


class StoppedError(KeyboardInterrupt):
    """A signal ended the run; ``code`` is the exit code, 128 plus the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.code = 128 + number


@contextlib.contextmanager
def ends_promptly(last_words: Callable[[], None]) -> Iterator[None]:
    """Raise StoppedError in the block on SIGINT or SIGTERM; end the process a second later if that has no
    effect.

    Outside the main thread, where Python delivers no signals, it does nothing.

    Args:
        last_words: Called from another thread before the process is ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours, wakeup_end = socket.socketpair()
    wakeup_end.setblocking(False)
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ours, over, last_words), daemon=True)
    before = {number: signal.signal(number, _raise) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(wakeup_end.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        wakeup_end.close()
        watcher.join()
        ours.close()


@contextlib.contextmanager
def usage() -> Iterator[None]:
    """Treat an InputError of the block as a wrong command line (exit code 2)."""
    try:
        yield
    except InputError as error:
        raise click.UsageError(str(error)) from error


def one_line(error: Exception) -> str:
    """The message of an error in one line; an error in this program also tells its type."""
    text = " ".join(str(error).split())
    if isinstance(error, InputError | ArithmeticError):
        return text
    return f"internal error ({type(error).__name__}: {text}); --debug shows where"


pass_session = click.make_pass_decorator(Session)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise StoppedError(number)


def _watch(pipe: socket.socket, over: threading.Event, last_words: Callable[[], None]) -> None:
    while received := pipe.recv(1):
        if received[0] in SIGNALS and not over.wait(GRACE_SECONDS):
            last_words()
            os._exit(128 + received[0])


def _write_stderr(text: str) -> None:
    try:
        click.echo(text, err=True)
    except OSError:  # nobody reads it
        _redirect_to_null(sys.stderr)


def _redirect_to_null(stream: TextIO) -> None:
    """Discard further output of the stream, also that of Python's last flush."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
