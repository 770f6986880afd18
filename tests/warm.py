"""Processes that begin with PyTorch loaded: forks of one server, each in milliseconds instead of seconds."""

import itertools
import multiprocessing
import os
import runpy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path

NUMBERS = itertools.count()
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["blindsr.cli.work", "blindsr.pipeline", "scipy.special", "distributed"])


class Program(CONTEXT.Process):
    """``python -m blindsr``, or of another module, with these arguments in a folder, started. What it says
    lies in files beside the folder."""

    def __init__(self, folder: Path, *arguments: object, module: str = "blindsr") -> None:
        super().__init__()
        self.folder, self.module = folder, module
        self.arguments = [str(argument) for argument in arguments]
        stem = f"{folder.name}-{next(NUMBERS)}"
        self.out, self.err = (folder.with_name(f"{stem}.{name}") for name in ("stdout", "stderr"))
        self.err.touch()
        self.start()

    def run(self) -> None:
        """In the process itself."""
        for stream, path in enumerate((self.out, self.err), start=1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
        os.chdir(self.folder)
        sys.argv[1:] = self.arguments
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)

    def said(self, words: str, seconds: float = 120.0) -> None:
        """Wait until it has said these words to people."""
        end = time.monotonic() + seconds
        while words not in self.err.read_text() and self.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        assert words in self.err.read_text()

    def ended(self, seconds: float = 300.0) -> tuple[int, list[str], list[str]]:
        """Its exit code and the lines of stdout and stderr, once it has come to its end."""
        self.join(seconds)
        assert self.exitcode is not None
        return self.exitcode, self.out.read_text().splitlines(), self.err.read_text().splitlines()


@contextmanager
def quick_workers() -> Iterator[None]:
    """Workers of Dask start from there too."""
    import dask

    forkserver.ensure_running()  # else Dask decides what it loads
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        yield
