"""Kernels of several photographs at once, ahead of each photograph's turn, where the device gains by it."""

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from blindsr.cli import progress
from blindsr.cli.outputs import Job
from blindsr.cli.request import Request
from blindsr.cli.session import Session
from blindsr.cli.work import Ahead, read
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.io.photo import Photo
    from blindsr.pipeline import Found

MOST_PIXELS: Final = 1 << 26
"""Pixels of all photographs that are held at once: 0.8 GB in colour, and for the games twice that on the
device."""
UNTOLD: Final = 12_000_000
"""Pixels, a telephone's, that a photograph is thought to have until it is decoded, where its head does not
tell."""


def in_turn(
    jobs: Sequence[Job], request: Request, session: Session, begin: Callable[[], None]
) -> Iterator[tuple[Job, Ahead | None]]:
    """Each job in turn, with what was read and found ahead of that, if anything was.

    begin: called before the first work of a group. A photograph is held until its turn, as reading it again
    would take longer than a short game; one that cannot be used is left to its turn.
    """
    if not _gains(request):
        yield from ((job, None) for job in jobs)
        return
    for group in groups(jobs):
        known: dict[Job, Ahead] = {}
        if len(group) > 1:
            begin()
            known = _found_in(group, request, session)
        yield from ((job, known.pop(job, None)) for job in group)


def groups(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs as they come, as many at a time as are worth it and MOST_PIXELS allow, by the heads of their
    files; at least one."""
    from kernelgan.game import TOGETHER

    group: list[Job] = []
    held = 0
    for job in jobs:
        pixels = _pixels(job)
        if group and (len(group) == TOGETHER or held + pixels > MOST_PIXELS):
            yield group
            group, held = [], 0
        group.append(job)
        held += pixels
    if group:
        yield group


def _gains(request: Request) -> bool:
    """Whether games are to be played, on a device where many take little longer than one."""
    from blindsr.estimators import GuidedConfig
    from kernelgan.config import GANConfig
    from srbase.runtime.device import can_replay, resolve_device

    plays = isinstance(request.settings.estimator, GANConfig | GuidedConfig)
    return request.kernel is None and plays and can_replay(resolve_device(request.device))


def _pixels(job: Job) -> int:
    """Of the photograph, by the head of its file."""
    from blindsr.io.photo import measure

    try:
        size = measure(job.source)
    except InputError:  # said at its turn
        return 0
    return UNTOLD if size is None else size[0] * size[1]


def _found_in(group: Sequence[Job], request: Request, session: Session) -> dict[Job, Ahead]:
    """The photographs, and what they say, those of one scale together."""
    with progress.starting(session, "reading"):
        photos = _read(group, request)
    by_scale: dict[int, list[Job]] = defaultdict(list)
    for job, photo in photos.items():
        height, width = photo.image.shape[1:]
        by_scale[request.enlargement.plan(width, height).scale].append(job)
    known = {job: Ahead(photo) for job, photo in photos.items()}
    for scale, jobs in by_scale.items():
        if len(jobs) > 1:
            found = _together([photos[job] for job in jobs], scale, request, session)
            known |= {job: Ahead(photos[job], one) for job, one in zip(jobs, found, strict=True)}
    return known


def _read(group: Sequence[Job], request: Request) -> dict[Job, "Photo"]:
    """The photographs that can be used, up to MOST_PIXELS."""
    photos: dict[Job, Photo] = {}
    held = 0
    for job in group:
        try:
            photo = read(job, request)
        except Exception:  # said at its turn
            continue
        held += photo.image[0].numel()
        if held > MOST_PIXELS:
            break
        photos[job] = photo
    return photos


def _together(
    photos: Sequence["Photo"], scale: int, request: Request, session: Session
) -> Sequence["Found | None"]:
    """What each photograph says; of none anything where that fails for one of them."""
    from blindsr import api

    session.say(f"kernels of {len(photos)} photographs, side by side")
    try:
        with progress.shown(session) as on_progress:
            return api.find_kernels(
                photos,
                scale,
                seed=request.seed,
                device=request.device,
                settings=request.settings,
                on_progress=on_progress,
            )
    except Exception as error:
        if session.debug:
            session.say(traceback.format_exc())
        session.say(f"not side by side, but one by one: {' '.join(str(error).split())}")
    return [None] * len(photos)
