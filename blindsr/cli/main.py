"""``blindsr``: the commands, and how each run ends."""

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence

import click

from blindsr.cli import completion, degrade, doctor, kernel, sample, score, serve, upscale
from blindsr.cli.completion import VARIABLE
from blindsr.cli.session import DONE, FAILED, INTERRUPTED, QUIET, TERMINATED, USAGE, Session
from blindsr.cli.signals import Stopped, prompt_end
from blindsr.version import VERSION
from srbase.progress import Notice
from srbase.runtime.memory import keep_freed_blocks


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="blindsr")
@click.pass_context
def cli(context: click.Context) -> int:
    """Blind super-resolution of a photograph: find the kernel that shrank it, and undo it."""
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
    """Run one command line (default: the process's own) and return its exit code."""
    session = Session()
    keep_freed_blocks()
    try:
        with prompt_end(lambda: session.say("interrupted", QUIET)), _libraries_quiet(session):
            code = cli.main(
                arguments, prog_name="blindsr", standalone_mode=False, obj=session, complete_var=VARIABLE
            )
    except Stopped as stopped:
        session.say("interrupted", QUIET)
        return stopped.code
    except (click.Abort, KeyboardInterrupt) as error:
        session.say("interrupted", QUIET)
        return error.__cause__.code if isinstance(error.__cause__, Stopped) else INTERRUPTED
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
def _libraries_quiet(session: Session) -> Iterator[None]:
    """Warnings of libraries are for those who look for faults: shown under ``--debug`` alone.

    What a file held besides is said by the program itself, in its own words.
    """
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
    """The console script. A run that was told to end does not wait for libraries to be put away."""
    code = run()
    if code in (INTERRUPTED, TERMINATED):
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)
