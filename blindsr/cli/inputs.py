"""Which photographs a run reads: the files named, and those in the folders named."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from natsort import natsorted, ns

from srbase.errors import InputError

COMPANION = "._"
"""Begins the names of files in which macOS keeps what other file systems cannot hold; they are no images."""


OURS = frozenset({"blindsr.jsonl", "failures.csv", "metrics.csv"})
"""Tables of earlier runs."""


@dataclass(frozen=True)
class Source:
    """A file to read, and the folder that its result keeps below the output folder (``.`` for none)."""

    path: Path
    below: Path = Path()


@dataclass(frozen=True)
class Folder:
    """What a folder holds: photographs in natural order (2 before 10), and the rest by kind."""

    photographs: list[Source]
    left_out: Counter[str]


def in_folder(
    folder: Path, kinds: Iterable[str], suffix: str, *, deep: bool = False, besides: Path | None = None
) -> Folder:
    """The photographs of a folder and, if ``deep``, of those below it, but for what is under ``besides``.

    kinds: endings that can be read. Left out are files of other endings, hidden ones, and results that an
    earlier run put beside their photographs (``cat_x2.png`` beside ``cat.jpg``, by ``suffix``). Raises
    InputError where nothing remains or the folder cannot be read.
    """
    kinds = frozenset(kinds)
    left_out: Counter[str] = Counter()
    found: list[Path] = []
    try:
        for path in _files(folder, besides, left_out, deep=deep):
            if path.name in OURS:
                continue
            if not path.is_file():
                left_out["links to nothing" if path.is_symlink() else "no files"] += 1
            elif path.name.startswith(COMPANION):
                left_out["companion files of macOS"] += 1
            elif path.name.startswith("."):
                left_out["hidden"] += 1
            elif path.suffix.lower() not in kinds:
                left_out[path.suffix.lower() or "no ending"] += 1
            else:
                found.append(path)
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror}") from error
    made = {path.with_name(f"{path.stem}{suffix}.png") for path in found}
    left_out["earlier results"] += sum(path in made for path in found)
    chosen = natsorted((path for path in found if path not in made), alg=ns.PATH | ns.IGNORECASE)
    if not chosen:
        raise InputError(f"{folder} holds no images; wanted at least one of {', '.join(sorted(kinds))}")
    return Folder([Source(path, path.parent.relative_to(folder)) for path in chosen], +left_out)


def summary(left_out: Counter[str]) -> str:
    """What was left out, in one line."""
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
    return f"left out: {parts}"


def _files(folder: Path, besides: Path | None, left_out: Counter[str], *, deep: bool) -> Iterator[Path]:
    """What is no folder; links to folders are not followed, so that no ring is run round."""

    def unreadable(error: OSError) -> None:
        if error.filename is None or Path(error.filename) == folder:
            raise error
        left_out["folders that cannot be read"] += 1

    barred = None if besides is None or besides.resolve() == folder.resolve() else besides.resolve()
    for place, below, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        below[:] = [
            name for name in below if deep and not name.startswith(".") and (here / name).resolve() != barred
        ]
        yield from (here / name for name in names)
