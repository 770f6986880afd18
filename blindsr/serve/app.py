"""The server's addresses.

===================================  ======================================================================
GET /                                the window
POST /jobs?scale=&preset=&real=&network=
                                     a photograph, the body being the file and ``X-Name`` its name; 201, key
GET /jobs/KEY                        how far it is, JSON
DELETE /jobs/KEY                     cancel it, forget it
GET /jobs/KEY/page                   what was made of it, to look at
GET /jobs/KEY/result?strength=&format=  the file
===================================  ======================================================================

What is refused is refused in one line of text.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from blindsr.configuration import ASSUMED, PRESETS, Settings, with_choices
from blindsr.enlargement import Enlargement
from blindsr.io import atomic
from blindsr.names import Real
from blindsr.report.templating import render
from blindsr.restoration.config import AUTO
from blindsr.serve.config import FORMATS, ServeConfig
from blindsr.serve.guard import Guard
from blindsr.serve.jobs import FullError, Job, Jobs
from blindsr.serve.saving import encoded
from blindsr.serve.worker import INPUT, PAGE, Task, require_pixels
from srbase.errors import InputError

HERE: Final = Path(__file__).parent / "page"
OFFERED: Final = {"default": "best", "instant": "quick"}
"""Presets in the window, in words; the papers' own one takes minutes."""
NETWORKS: Final = {"none": None, AUTO: AUTO}
"""Trained networks in the window: the package's own, or none."""
LONGEST_NAME: Final = 200
"""Characters of a file's name."""
MOST_KEPT_NAMES: Final = 1000
"""Copies of one name in the folder of ``--keep``."""
TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "tif": "image/tiff", "webp": "image/webp"}


class Window:
    """The answers to requests."""

    def __init__(self, jobs: Jobs, config: ServeConfig, device: str) -> None:
        self.jobs, self.config, self.device = jobs, config, device

    async def home(self, _: Request) -> Response:
        """The window."""
        limits = {"bytes": self.config.most_bytes, "megapixels": self.config.most_pixels // 10**6}
        page = render(
            "window.html.j2",
            besides=HERE,
            connect_to="'self'",
            presets=OFFERED,
            limits=limits,
            keep=None if self.config.keep is None else str(self.config.keep),
        )
        return HTMLResponse(page)

    async def create(self, request: Request) -> Response:
        """Take a photograph."""
        name = _file_name(request.headers.get("x-name", ""))
        scale, settings, real = _choices(request)
        _require_a_file(request, self.config.most_bytes, name)
        try:
            job = self.jobs.reserve(name, scale)
        except FullError as error:
            raise HTTPException(503, str(error)) from error
        source = self.jobs.folder_of(job) / f"{INPUT}{_ending(name)}"
        try:
            async with asyncio.timeout(self.config.upload_seconds):
                await _receive(request, source, self.config.most_bytes, name)
            await asyncio.to_thread(_check_head, source, name, self.config.most_pixels)
        except BaseException as error:
            self.jobs.forget(job)
            if isinstance(error, TimeoutError):
                raise HTTPException(408, f"{name} did not arrive in time") from error
            if isinstance(error, InputError):
                raise HTTPException(415, str(error)) from error
            raise
        task = Task(
            folder=self.jobs.folder_of(job),
            source=source,
            name=name,
            address=f"/jobs/{job.key}/result",
            scale=scale,
            settings=settings,
            real=real,
            device=self.device,
            most_pixels=self.config.most_pixels,
        )
        self.jobs.add(job, task)
        return JSONResponse({"key": job.key}, status_code=201)

    async def show(self, request: Request) -> Response:
        """How far a job is."""
        return JSONResponse(self.jobs.told(self._job(request)))

    async def delete(self, request: Request) -> Response:
        """Cancel and forget a job."""
        self.jobs.forget(self._job(request))
        return Response(status_code=204)

    async def page(self, request: Request) -> Response:
        """The page of a result."""
        job = self._done(request)
        return HTMLResponse((self.jobs.folder_of(job) / PAGE).read_bytes())

    async def result(self, request: Request) -> Response:
        """A result as a file, at a strength."""
        job = self._done(request)
        strength = _number(request, "strength", 1.0, self.config.strength_most)
        kind = request.query_params.get("format", FORMATS[0])
        if kind not in FORMATS:
            raise HTTPException(400, f"format is '{kind[:20]}'; wanted one of {', '.join(FORMATS)}")
        name = f"{job.result_name}.{kind}"
        try:
            data = await asyncio.to_thread(encoded, self.jobs.folder_of(job), strength, name)
        except InputError as error:
            raise HTTPException(400, str(error)) from error
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(data, media_type=TYPES[kind], headers={"Content-Disposition": disposition})

    def keep(self, job: Job) -> None:
        """Write a copy of a result to the folder for it, where there is one, under a name that is free."""
        if self.config.keep is None:
            return
        data = encoded(self.jobs.folder_of(job), 1.0, f"{job.result_name}.png")
        for number in range(MOST_KEPT_NAMES):
            suffix = f"-{number}" if number else ""
            with contextlib.suppress(atomic.ExistsError):
                atomic.write(self.config.keep / f"{job.result_name}{suffix}.png", data, replace=False)
                return

    def _job(self, request: Request) -> Job:
        job = self.jobs.get(request.path_params["key"])
        if job is None:
            raise HTTPException(404, "there is no such photograph; it was removed")
        return job

    def _done(self, request: Request) -> Job:
        job = self._job(request)
        if job.state != "done":
            raise HTTPException(409, f"{job.name} is not done")
        return job


def application(window: Window, port: int) -> Starlette:
    """The ASGI application.

    Args:
        window: its answers.
        port: where it listens, which requests must name.

    Returns:
        The application; whoever serves it runs its jobs.
    """
    routes = [
        Route("/", window.home),
        Route("/jobs", window.create, methods=["POST"]),
        Route("/jobs/{key}", window.show),
        Route("/jobs/{key}", window.delete, methods=["DELETE"]),
        Route("/jobs/{key}/page", window.page),
        Route("/jobs/{key}/result", window.result),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, port=port)],
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone},
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(" ".join(error.detail.split()) + "\n", status_code=error.status_code)


async def _gone(_: Request, __: Exception) -> Response:
    return PlainTextResponse("nobody waits for the answer\n", status_code=400)


def _file_name(given: str) -> str:
    """The name of a file, without folders. Raises HTTPException."""
    name = unquote(given, errors="replace")
    usable = name and name not in (".", "..") and not any(c in name for c in "/\\") and name.isprintable()
    if not usable or len(name) > LONGEST_NAME:
        raise HTTPException(400, f"name is {name[:60]!r}; wanted the name of a file, without folders")
    return name


def _ending(name: str) -> str:
    """Of the file on the disk: letters and digits, which some decoders go by."""
    ending = Path(name).suffix.lower()
    return ending if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 6 else ""


def _choices(request: Request) -> tuple[float, Settings, Real]:
    """Scale, settings and origin. Raises HTTPException."""
    scale = _number(request, "scale", 2.0, 4.0)
    try:
        Enlargement(factor=scale)
    except InputError as error:
        raise HTTPException(400, str(error)) from error
    preset = request.query_params.get("preset", "default")
    if preset not in OFFERED:
        raise HTTPException(400, f"preset is '{preset[:20]}'; wanted one of {', '.join(OFFERED)}")
    real = request.query_params.get("real", "auto")
    if real not in ASSUMED:
        raise HTTPException(400, f"real is '{real[:20]}'; wanted one of {', '.join(ASSUMED)}")
    network = request.query_params.get("network", "none")
    if network not in NETWORKS:
        raise HTTPException(400, f"network is '{network[:20]}'; wanted one of {', '.join(NETWORKS)}")
    return scale, with_choices(PRESETS[preset], network=NETWORKS[network]), real


def _number(request: Request, name: str, default: float, most: float) -> float:
    text = request.query_params.get(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:  # NaN too
        raise HTTPException(400, f"{name} is '{text[:20]}'; wanted a number up to {most:g}")
    return value


def _require_a_file(request: Request, most: int, name: str) -> None:
    """Refuse by the head what is no file, or too large. Raises HTTPException."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/octet-stream" and not kind.startswith("image/"):
        raise HTTPException(415, f"the body is {kind[:40]}; wanted the file itself, application/octet-stream")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise HTTPException(413, _too_large(name, most))


async def _receive(request: Request, path: Path, most: int, name: str) -> None:
    """Write the body to a file, at most so many bytes. Raises HTTPException."""
    received = 0
    with path.open("xb") as file:
        async for chunk in request.stream():
            received += len(chunk)
            if received > most:
                raise HTTPException(413, _too_large(name, most))
            file.write(chunk)
    if received == 0:
        raise HTTPException(400, f"{name} is empty; wanted an image file")


def _too_large(name: str, most: int) -> str:
    return f"{name} is too large; wanted at most {most / (1 << 20):.0f} MiB"


def _check_head(path: Path, name: str, most_pixels: int) -> None:
    """Refuse by the head of a file what is no image, or has too many pixels. Raises InputError."""
    from blindsr.io.photo import read_size

    try:
        size = read_size(path)
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error
    if size is not None:
        require_pixels(name, *size, most_pixels)
