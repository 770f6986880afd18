"""Kernels of several photographs at once, ahead of each photograph's turn, where the device gains by it."""

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from blindsr.cli import progress
from blindsr.cli.outputs import Job
from blindsr.cli.request import Request
from blindsr.cli.session import Session
from blindsr.cli.work import Ahead, read
from blindsr.errors import InputError

if TYPE_CHECKING:
    from blindsr.imaging.photo import Photo

MOST_PIXELS: Final = 1 << 26
"""Pixels of all photographs that are in memory at once: 0.8 GB in colour, and twice that on the device."""
UNTOLD: Final = 12_000_000
"""Pixels, a telephone's, that a photograph is thought to have until it is decoded, where its head does not
tell."""


def in_turn(
    jobs: Sequence[Job], request: Request, session: Session, begin: Callable[[], None]
) -> Iterator[tuple[Job, Ahead | None]]:
    """Each job in turn, with what was found in its photograph ahead of that, if anything was.

    begin: called before the first work of a group. Photographs are dropped once their kernels are known, and
    read again at their turn; one that cannot be used is left to its turn, too.
    """
    if not _gains(request):
        yield from ((job, None) for job in jobs)
        return
    for group in groups(jobs):
        known: Mapping[Job, Ahead] = {}
        if len(group) > 1:
            begin()
            known = _found_in(group, request, session)
        yield from ((job, known.get(job)) for job in group)


def groups(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs as they come, as many at a time as are worth it and MOST_PIXELS allow, by the heads of their
    files; at least one."""
    from kernelgan.gan.game import TOGETHER

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
    from blindsr.device import can_replay, resolve_device
    from kernelgan.config import GuidedConfig
    from kernelgan.gan.config import GANConfig

    plays = isinstance(request.settings.estimator, GANConfig | GuidedConfig)
    return request.kernel is None and plays and can_replay(resolve_device(request.device))


def _pixels(job: Job) -> int:
    """Of the photograph, by the head of its file."""
    from blindsr.imaging.photo import measure

    try:
        size = measure(job.source)
    except InputError:  # said at its turn
        return 0
    return UNTOLD if size is None else size[0] * size[1]


def _found_in(group: Sequence[Job], request: Request, session: Session) -> dict[Job, Ahead]:
    """What the photographs say, those of one scale together."""
    with progress.starting(session, "reading"):
        by_scale = _read(group, request)
    known: dict[Job, Ahead] = {}
    for scale, photos in by_scale.items():
        if len(photos) > 1:
            known |= _together(photos, scale, request, session)
    return known


def _read(group: Sequence[Job], request: Request) -> dict[int, dict[Job, "Photo"]]:
    """The photographs that can be used, by the scale that is to be computed, up to MOST_PIXELS."""
    by_scale: dict[int, dict[Job, Photo]] = defaultdict(dict)
    held = 0
    for job in group:
        try:
            photo = read(job, request)
        except Exception:  # said at its turn
            continue
        height, width = photo.image.shape[1:]
        held += height * width
        if held > MOST_PIXELS:
            break
        by_scale[request.enlargement.plan(width, height).scale][job] = photo
    return by_scale


def _together(
    photos: Mapping[Job, "Photo"], scale: int, request: Request, session: Session
) -> dict[Job, Ahead]:
    """What the photographs say; nothing where that fails for one of them."""
    from blindsr import api

    session.say(f"kernels of {len(photos)} photographs, side by side")
    try:
        with progress.shown(session) as on_progress:
            found = api.find_kernels(
                list(photos.values()),
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
        return {}
    return {
        job: Ahead(known, photo.sha256) for (job, photo), known in zip(photos.items(), found, strict=True)
    }
