"""``blindsr completion``: the shell's tab key knows commands, options and choices."""

import click
from click.shell_completion import get_completion_class

from blindsr.cli import options
from blindsr.cli.session import Session, pass_session

VARIABLE = "_BLINDSR_COMPLETE"
"""By which the shell's script asks click for what may follow."""

EXAMPLES = """\b
Examples:
  blindsr completion bash >> ~/.bashrc
  blindsr completion zsh >> ~/.zshrc
  blindsr completion fish > ~/.config/fish/completions/blindsr.fish
"""


@click.command(short_help="The script by which a shell completes blindsr's commands.", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.loudness
@click.pass_context
@pass_session
def command(session: Session, context: click.Context, shell: str) -> int:
    """Print the completion script for SHELL. Put it where the shell reads it at its start."""
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"{shell} is unknown to this version of click")
    script = found(context.find_root().command, {}, "blindsr", VARIABLE).source()
    session.result(script, script=script)
    return session.code
