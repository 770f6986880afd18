"""``blindsr completion``: shell completion of commands, options and choices."""

import click
from click.shell_completion import get_completion_class

from blindsr.cli import options
from blindsr.cli.session import Session, pass_session

VARIABLE = "_BLINDSR_COMPLETE"
"""Environment variable by which the shell asks click for completions."""

EXAMPLES = """\b
Examples:
  blindsr completion bash >> ~/.bashrc
  blindsr completion zsh >> ~/.zshrc
  blindsr completion fish > ~/.config/fish/completions/blindsr.fish
"""


@click.command(short_help="Print the completion script of a shell.", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.loudness
@click.pass_context
@pass_session
def command(session: Session, context: click.Context, shell: str) -> int:
    """Print the completion script of SHELL. Add it to a file that the shell reads when it starts."""
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise click.UsageError(f"{shell} is unknown to this version of click")
    script = shell_class(context.find_root().command, {}, "blindsr", VARIABLE).source()
    session.result(script, script=script)
    return session.code
