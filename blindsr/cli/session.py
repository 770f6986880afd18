"""What the commands share while one of them runs: how much to say, where, and how it ends."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from blindsr.errors import InputError

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all done; an input failed; the command line is wrong; Ctrl-C (128 + SIGINT)."""

QUIET, NORMAL, VERBOSE = -1, 0, 1


@dataclass
class Session:
    """How loud this run is, whether a traceback is wanted, and whether anything failed so far."""

    verbosity: int = NORMAL
    debug: bool = False
    failures: int = 0

    @property
    def code(self) -> int:
        """The exit code so far."""
        return FAILED if self.failures else DONE

    def say(self, text: str, level: int = NORMAL) -> None:
        """A line for people, on stderr; nothing under ``-q``."""
        if self.verbosity >= level:
            click.echo(text, err=True)

    def fail(self, error: Exception, subject: object = None) -> None:
        """Count a failure and tell it in one line on stderr, after its traceback under ``--debug``."""
        text = one_line(error)
        named = subject is None or str(subject) in text
        self.fail_with(text if named else f"{subject}: {text}", error)

    def fail_with(self, text: str, error: Exception) -> None:
        """The same in other words than the error's own."""
        self.failures += 1
        if self.debug:
            traceback.print_exception(error, file=sys.stderr)
        click.echo(f"error: {text}", err=True)

    @contextmanager
    def failures_counted(self, subject: object) -> Iterator[None]:
        """Errors of the block belong to one of several inputs and do not stop the others."""
        try:
            yield
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # a fault in one photograph must not cost the others
            self.fail(error, subject)


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
