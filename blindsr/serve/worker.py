"""The process that does the work: decoding and restoring, one photograph at a time.

It is a process of its own, so that work can be cancelled at any instant, and so that a file that breaks a
decoder does not break the server. It is started once and stays warm.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from srbase.errors import InputError
from srbase.progress import Progress

if TYPE_CHECKING:
    import torch

    from blindsr.api import UpscaleResult
    from blindsr.configuration import Settings
    from blindsr.names import Real

INPUT, PAGE, BLEND = "input", "page.html", "blend.pickle"
"""Files of a job's folder; the input has its ending besides."""
OURS, BICUBIC = "ours.npy", "bicubic.npy"
"""Of these two, (H, W) or (H, W, C) at the photograph's depth, a result of any strength is mixed."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be done.

    Attributes:
        folder: of the job, for its files.
        source: the photograph.
        name: of the photograph, for people.
        address: of the result, for the page.
        scale: 1.5 to 4.
        settings: of the run.
        real: as :func:`blindsr.upscale` takes it.
        device: where to compute.
        most_pixels: of the photograph.
    """

    folder: Path
    source: Path
    name: str
    address: str
    scale: float
    settings: Settings
    real: Real
    device: str
    most_pixels: int


MakePage = Callable[["UpscaleResult", Task], str]
"""The page of a result, as HTML; a function of a module, as it goes to another process."""
Report = Mapping[str, Any]
"""``{"stage", "step", "total"}`` while it works, then ``{"done": True}`` or ``{"error": one line}``."""


class Worker:
    """A process that waits for tasks."""

    def __init__(self, make_page: MakePage, threads: int | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make_page, threads), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, task: Task) -> None:
        """Hand it a task."""
        self._connection.send(task)

    def receive(self) -> Report:
        """Wait for its next report.

        Raises:
            EOFError: where the process ended.
        """
        try:
            report: Report = self._connection.recv()
        except OSError as error:
            raise EOFError(str(error)) from error
        return report

    def end(self) -> None:
        """End the process now; whoever waits in ``receive`` gets an EOFError."""
        self._process.kill()
        self._process.join()


def _serve(connection: Connection, make_page: MakePage, threads: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    import torch

    from blindsr import api  # noqa: F401 - loaded before the first photograph

    if threads is not None:
        torch.set_num_threads(threads)
    with contextlib.suppress(EOFError, OSError):  # the server is gone
        while True:
            task = connection.recv()
            connection.send(_outcome(task, make_page, connection))


def _outcome(task: Task, make_page: MakePage, connection: Connection) -> Report:
    def tell(progress: Progress) -> None:
        connection.send({"stage": progress.stage, "step": progress.step, "total": progress.total})

    try:
        _work(task, make_page, tell)
    except (InputError, ArithmeticError) as error:
        return {"error": " ".join(str(error).replace(str(task.source), task.name).split())}
    except OSError:
        raise
    except Exception as error:
        return {"error": f"internal error ({type(error).__name__})"}
    return {"done": True}


def _work(task: Task, make_page: MakePage, tell: Callable[[Progress], None]) -> None:
    import numpy as np

    from blindsr import api
    from blindsr.io.photo import read_photo
    from srbase.imaging.resample import resize

    tell(Progress("reading", 0, 1))
    photo = read_photo(task.source)
    height, width = photo.image.shape[1:]
    require_pixels(task.name, width, height, task.most_pixels)
    result = api.upscale(
        photo, task.scale, settings=task.settings, real=task.real, device=task.device, on_progress=tell
    )
    tell(Progress("page", 0, 1))
    size = (result.plan.height, result.plan.width)
    np.save(task.folder / OURS, _pixels(result.photo.image, photo.bits))
    np.save(task.folder / BICUBIC, _pixels(resize(photo.image, size).clamp(0, 1), photo.bits))
    nothing = result.photo.image[:, :0, :0].clone()
    with (task.folder / BLEND).open("wb") as file:
        pickle.dump(replace(result.photo, image=nothing, notes=()), file)
    partial = task.folder / f"{PAGE}.part"
    partial.write_text(make_page(result, task), encoding="utf-8", errors="surrogateescape")
    partial.replace(task.folder / PAGE)


def require_pixels(name: str, width: int, height: int, most: int) -> None:
    """Refuse a photograph that is too large.

    Args:
        name: of the photograph.
        width: pixels.
        height: pixels.
        most: pixels together.

    Raises:
        InputError: with its size and the limit.
    """
    if width * height > most:
        raise InputError(
            f"{name} is {width}x{height}, {width * height / 1e6:.0f} megapixels; "
            f"wanted at most {most / 1e6:.0f}"
        )


def _pixels(image: torch.Tensor, bits: int) -> Any:
    from srbase.imaging.pixels import quantise

    return quantise(image.detach().cpu(), bits)


STAGES: Final = {
    "reading": "reading",
    "kernel": "estimating the kernel",
    "sr": "training",
    "image": "making the image",
    "page": "making the page",
}
"""What a stage is called for people, by its first word."""
