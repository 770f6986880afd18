"""``blindsr``: the list of commands, and how a run begins and ends."""

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence

import click

from blindsr.cli import completion, degrade, doctor, kernel, sample, score, serve, upscale
from blindsr.cli.session import (
    DONE,
    FAILED,
    INTERRUPTED,
    QUIET,
    TERMINATED,
    USAGE,
    Session,
    StoppedError,
    ends_promptly,
)
from blindsr.version import VERSION
from srbase.progress import Notice
from srbase.runtime.memory import keep_freed_blocks


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="blindsr")
@click.pass_context
def cli(context: click.Context) -> int:
    """Blind super-resolution: estimate the blur kernel of a photograph and enlarge the photograph with it.

    "blindsr COMMAND --help" describes a command and gives examples.
    """
    if context.invoked_subcommand is not None:
        return DONE
    click.echo(context.get_help(), err=True)
    return USAGE


for _name, _command in {
    "upscale": upscale.command,
    "kernel": kernel.command,
    "degrade": degrade.command,
    "score": score.command,
    "sample": sample.command,
    "serve": serve.command,
    "doctor": doctor.command,
    "completion": completion.command,
}.items():
    cli.add_command(_command, _name)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        arguments: Without the program's name; None: those of this process.

    Returns:
        The exit code.
    """
    session = Session()
    keep_freed_blocks()
    try:
        with ends_promptly(session.end_now), _library_warnings(session):
            code = cli.main(
                arguments,
                prog_name="blindsr",
                standalone_mode=False,
                obj=session,
                complete_var=completion.VARIABLE,
            )
    except StoppedError as stopped:
        session.say("interrupted", QUIET)
        return stopped.code
    except (click.Abort, KeyboardInterrupt) as error:
        session.say("interrupted", QUIET)
        return error.__cause__.code if isinstance(error.__cause__, StoppedError) else INTERRUPTED
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see {context.command_path} --help)" if context is not None else ""
        session.fail_with(" ".join(error.format_message().split()) + hint, error)
        return USAGE
    except Exception as error:
        session.fail(error)
        return FAILED
    return int(code)


@contextlib.contextmanager
def _library_warnings(session: Session) -> Iterator[None]:
    """Show warnings of libraries with ``--debug`` only; a Notice of this program is always shown."""
    show = warnings.showwarning

    def shown(message: Warning | str, category: type[Warning], *rest: object) -> None:
        if issubclass(category, Notice):
            session.say(str(message))
        elif session.debug:
            show(message, category, *rest)  # type: ignore[arg-type]

    warnings.showwarning = shown  # type: ignore[assignment]
    last_resort = logging.lastResort
    logging.lastResort = None
    try:
        yield
    finally:
        warnings.showwarning = show
        logging.lastResort = last_resort


def main() -> None:
    """Entry point of the console script. An interrupted run does not wait for libraries to shut down."""
    code = run()
    if code in (INTERRUPTED, TERMINATED):
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)
