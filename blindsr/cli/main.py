"""``blindsr``: the commands, and how each run ends."""

import sys
from collections.abc import Sequence

import click

from blindsr.cli import degrade, kernel, sample, score, upscale
from blindsr.cli.session import DONE, FAILED, INTERRUPTED, USAGE, Session
from blindsr.memory import keep_freed_blocks
from blindsr.version import VERSION


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
}.items():
    cli.add_command(_command, _name)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: the process's own) and return its exit code."""
    session = Session()
    keep_freed_blocks()
    try:
        code = cli.main(arguments, prog_name="blindsr", standalone_mode=False, obj=session)
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see {context.command_path} --help)" if context is not None else ""
        session.fail_with(" ".join(error.format_message().split()) + hint, error)
        return USAGE
    except Exception as error:
        session.fail(error)
        return FAILED
    return int(code)


def main() -> None:
    """The console script."""
    sys.exit(run())
