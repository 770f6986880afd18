"""What the commands share while one of them runs: how much to say, where, and how it ends."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

import click

from srbase.errors import InputError

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
"""Exit codes: all done; an input failed; the command line is wrong; Ctrl-C (128 + SIGINT); SIGTERM."""

QUIET, NORMAL, VERBOSE = -1, 0, 1


@dataclass
class Session:
    """How loud this run is, whether a traceback is wanted, and whether anything failed so far.

    ``mute`` is set once nobody reads stdout any more.
    """

    verbosity: int = NORMAL
    debug: bool = False
    failures: int = 0
    as_json: bool = False
    threads: int | None = None  # of PyTorch, where asked for
    mute: bool = False

    @property
    def code(self) -> int:
        """The exit code so far."""
        return FAILED if self.failures else DONE

    def say(self, text: str, level: int = NORMAL) -> None:
        """A line for people, on stderr; nothing under ``-q``."""
        if self.verbosity >= level:
            _tell(text)

    def result(self, text: str, **fields: object) -> None:
        """A result on stdout: the text, or under ``--json`` the fields as an object on one line.

        Where nobody reads any more (a closed pipe) the run goes on: its files matter more. A stdout that
        cannot be written for another reason is a failure.
        """
        if self.mute:
            return
        try:
            click.echo(json.dumps(fields, allow_nan=False) if self.as_json else text)
        except BrokenPipeError:
            self.mute = True
            _onto_nothing(sys.stdout)
        except OSError as error:
            self.mute = True
            _onto_nothing(sys.stdout)
            self.fail_with(f"stdout cannot be written: {error.strerror}", error)

    def fail(self, error: Exception, subject: object = None) -> None:
        """Count a failure and tell it in one line on stderr, after its traceback under ``--debug``."""
        text = one_line(error)
        named = subject is None or str(subject) in text
        self.fail_with(text if named else f"{subject}: {text}", error)

    def fail_with(self, text: str, error: Exception | None = None, *, trace: str = "") -> None:
        """The same in other words than the error's own; ``trace`` is a traceback from elsewhere."""
        self.failures += 1
        if self.debug:
            _tell("".join(traceback.format_exception(error)) if error is not None else trace)
        _tell(f"error: {text}")

    @contextmanager
    def failures_counted(self, subject: object) -> Iterator[None]:
        """Errors of the block belong to one of several inputs and do not stop the others."""
        try:
            yield
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # a fault in one photograph must not cost the others
            self.fail(error, subject)


def _tell(text: str) -> None:
    try:
        click.echo(text, err=True)
    except OSError:  # nobody listens
        _onto_nothing(sys.stderr)


def _onto_nothing(stream: TextIO) -> None:
    """Further output of the stream, Python's own last flush too, goes nowhere."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


@contextmanager
def usage() -> Iterator[None]:
    """What is wrong in the block is wrong on the command line: exit 2."""
    try:
        yield
    except InputError as error:
        raise click.UsageError(str(error)) from error


def one_line(error: Exception) -> str:
    """The message of an error that is the user's to mend; the kind too of one that is ours."""
    text = " ".join(str(error).split())
    if isinstance(error, InputError | ArithmeticError):
        return text
    return f"internal error ({type(error).__name__}: {text}); --debug shows where"


pass_session = click.make_pass_decorator(Session)
