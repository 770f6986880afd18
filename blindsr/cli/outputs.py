"""Which files a run writes, decided and checked before any work."""

import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from blindsr.cli.inputs import Source
from blindsr.cli.pages import Page
from srbase.errors import InputError

NAME_BYTES = 255
"""The longest name that common file systems take."""


@dataclass(frozen=True)
class Job:
    """One photograph to super-resolve, the file to write, and the folder for details and the page if
    wanted."""

    source: Path
    output: Path
    details: Path | None = None
    page: Page | None = None

    @property
    def folders(self) -> list[Path]:
        """The folders that are written to."""
        page = None if self.page is None else self.page.path.parent
        return [folder for folder in (self.output.parent, self.details, page) if folder is not None]


def default_name(source: Path, suffix: str, *, whole: bool = False) -> str:
    """``<stem><suffix>.png``, the stem cut where the name would be too long for a file system.

    whole: with the source's own ending before the suffix.
    """
    ending = f"{suffix}.png"
    room = NAME_BYTES - len(os.fsencode(ending))
    stem = source.name if whole else source.stem
    while len(os.fsencode(stem)) > room:  # by whole characters
        stem = stem[:-1]
    return stem + ending


def plan(sources: Sequence[Source], output: Path | None, suffix: str, *, folder: bool) -> list[Path]:
    """The output file of each source: beside it, in the folder ``output``, or ``output`` itself.

    ``output`` is a folder if it is one, has no ending, or ``folder`` says that it must be one; what lay
    below an input folder lies there below ``output``. Raises InputError where two would fall on one file, or
    one on a source.
    """
    if output is not None and not (folder or output.is_dir() or not output.suffix):
        outputs = [output]
    else:
        places = [s.path.parent if output is None else output / s.below for s in sources]
        outputs = _apart(places, [source.path for source in sources], suffix)
    refuse_collisions(outputs)
    read = {source.path.resolve() for source in sources}
    for path in outputs:
        if path.resolve() in read:
            raise InputError(f"{path} is an input and would be overwritten; wanted another output")
    return outputs


def _apart(places: Sequence[Path], sources: Sequence[Path], suffix: str) -> list[Path]:
    """The results' default names; sources of one stem (``a.jpg``, ``a.cr2``) keep their endings in theirs."""
    paths = [place / default_name(source, suffix) for place, source in zip(places, sources, strict=True)]
    count = Counter(os.path.normcase(path) for path in paths)
    return [
        path if count[os.path.normcase(path)] == 1 else place / default_name(source, suffix, whole=True)
        for path, place, source in zip(paths, places, sources, strict=True)
    ]


def refuse_collisions(paths: Sequence[Path]) -> None:
    """Raises InputError where two of the files to be written are one and the same."""
    for path, count in Counter(os.path.normcase(path.resolve()) for path in paths).items():
        if count > 1:
            raise InputError(f"{count} results would be written to {path}; wanted inputs of different names")


def refuse_existing(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Raises InputError for a file that exists, unless it may be replaced, and for a folder anyway.

    A symlink counts as the file that it points to where that may be replaced; else it is in the way even if
    it points nowhere.
    """
    for path in paths:
        if path.is_dir():
            raise InputError(f"{path} is a directory; wanted a file to write")
        if os.path.lexists(path) and not overwrite:
            raise InputError(f"{path} exists; --overwrite replaces it")


def require_writable(folder: Path) -> None:
    """Raises InputError unless files can be made in this folder (or it can be made); leaves nothing."""
    existing = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; wanted a writable folder") from error


def require_space(sizes: Iterable[tuple[Path, int]]) -> None:
    """Raises InputError where a disk has not the bytes that the files (path, bytes) need together."""
    needed: dict[int, int] = defaultdict(int)
    places: dict[int, Path] = {}
    for path, count in sizes:
        folder = _existing(path.parent)
        try:
            disk = folder.stat().st_dev
        except OSError:  # said by require_writable
            continue
        needed[disk] += count
        places[disk] = folder
    for disk, count in needed.items():
        free = shutil.disk_usage(places[disk]).free
        if free < count:
            raise InputError(
                f"{places[disk]} has {free / 1e6:.1f} MB free; the results need at least {count / 1e6:.1f} MB"
            )


def make_folder(folder: Path) -> None:
    """Make the folder and its parents. Raises InputError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}") from error


def _existing(folder: Path) -> Path:
    """The nearest folder above, or itself, that is there."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder
