"""Start the server, and end it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvicorn

from blindsr.serve.app import Window, application
from blindsr.serve.config import HOST, ServeConfig
from blindsr.serve.jobs import Jobs
from blindsr.serve.worker import MakePage, Worker
from srbase.errors import InputError

MOST_CONNECTIONS: Final = 64
"""At a time."""


class _Server(uvicorn.Server):
    """Leaves signals to the program that starts it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change no handler."""
        yield


def run(
    config: ServeConfig,
    folder: Path,
    make_page: MakePage,
    *,
    device: str = "auto",
    threads: int | None = None,
    on_start: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until the program is told to end.

    Args:
        config: limits.
        folder: for photographs and results; an empty one.
        make_page: the page of a result; a function of a module.
        device: where to compute.
        threads: of PyTorch; None: its default.
        on_start: called with the address once requests are answered.

    Raises:
        InputError: where the port is in use, or the folder to keep files in is none.
    """
    if config.keep is not None and not config.keep.is_dir():
        raise InputError(f"{config.keep} is no folder; wanted one to keep results in")
    with _listening(config.port) as listener:
        config = replace(config, port=listener.getsockname()[1])
        jobs = Jobs(folder, config, lambda: Worker(make_page, threads))
        window = Window(jobs, config, device)
        jobs.on_done = window.keep
        settings = uvicorn.Config(
            application(window, config.port),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
        )
        on_start(f"http://{HOST}:{config.port}/")
        asyncio.run(_serve(_Server(settings), listener, jobs))


async def _serve(server: uvicorn.Server, listener: socket.socket, jobs: Jobs) -> None:
    running = asyncio.create_task(jobs.run())
    try:
        await server.serve(sockets=[listener])
    finally:
        jobs.close()  # whoever waits for the worker hears that it ended
        running.cancel()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise InputError(f"port {port} cannot be had: {error.strerror}; --port chooses another") from error
