"""``blindsr serve``: a window in the browser to drop a photograph into."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from blindsr.cli import options
from blindsr.cli.session import Session, pass_session
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.serve.worker import Task

NEEDED: Final = ("starlette", "uvicorn")
"""Modules of the extra ``serve``."""

EXAMPLES = """\b
Examples:
  blindsr serve
  blindsr serve --keep results/ --no-open
  blindsr serve --port 9000 --device cpu --threads 2
"""


@click.command(short_help="A window in the browser to drop a photograph into.", epilog=EXAMPLES)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8377, show_default=True, help="0: any that is free."
)
@click.option("--keep", type=options.PATH, metavar="FOLDER", help="Keep a copy of each result here, as PNG.")
@click.option(
    "--most-megabytes", type=click.IntRange(min=1), default=256, show_default=True, help="Of a file, MiB."
)
@click.option(
    "--most-megapixels", type=click.IntRange(min=1), default=64, show_default=True, help="Of a photograph."
)
@click.option("--open/--no-open", "opening", default=True, help="Open the window.  [default: --open]")
@options.device
@options.threads
@options.loudness
@pass_session
def command(
    session: Session,
    port: int,
    keep: Path | None,
    most_megabytes: int,
    most_megapixels: int,
    opening: bool,
    device: str,
) -> int:
    """Show a window in the browser: drop a photograph, see it enlarged beside bicubic interpolation, choose a
    strength and save it.

    Only this computer can reach the window. Photographs and results lie in a temporary folder, which is
    removed at the end; Ctrl-C ends it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(f"{' and '.join(missing)} are missing; pip install 'blindsr[serve]' brings them")
    import webbrowser

    from blindsr.serve.config import ServeConfig
    from blindsr.serve.run import run
    from srbase.runtime.device import resolve_device

    config = ServeConfig(
        port=port, keep=keep, most_bytes=most_megabytes << 20, most_pixels=most_megapixels * 10**6
    )
    resolve_device(device)

    def started(address: str) -> None:
        session.result(address, address=address)
        session.say("Ctrl-C ends it")
        if opening:
            webbrowser.open(address)

    with session.temporary_folder("blindsr-serve-") as folder:
        run(config, folder, page_of, device=device, threads=session.threads, on_start=started)
    return session.code


def page_of(result: "UpscaleResult", task: "Task") -> str:
    """The page of a result, in the process that made it."""
    from blindsr.cli import details
    from blindsr.cli.jobs import Job, Request
    from blindsr.enlargement import Enlargement
    from blindsr.report.photograph import Saving, photograph_page
    from blindsr.serve.config import FORMATS
    from srbase.runtime.device import describe, resolve_device

    place = resolve_device(task.device)
    request = Request(
        enlargement=Enlargement(factor=task.scale),
        settings=task.settings,
        seed=0,
        device=str(place),
        device_name=describe(place),
    )
    job = Job(source=Path(task.name), output=Path(f"{Path(task.name).stem}_x{task.scale:g}.png"))
    record = details.record(job, request, result)
    return photograph_page(result, record, saving=Saving(task.address, FORMATS, "/"))
