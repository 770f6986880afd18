"""Which files a run reads and writes, decided and checked before any work."""

import os
import shutil
import stat
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from natsort import natsorted, ns

from blindsr.cli.session import Session
from blindsr.names import KERNELS_READ
from srbase.errors import InputError

STREAM: Final = Path("-")
"""In place of an input file: standard input; of an output file: standard output."""

COMPANION: Final = "._"
"""Prefix of files in which macOS keeps what other file systems cannot hold; they are no images."""

TABLES: Final = frozenset({"blindsr.jsonl", "failures.csv", "metrics.csv"})
OURS: Final = ".blindsr-"
"""Files that runs leave in their output folders, and the prefix of lock files and temporary files."""

NAME_BYTES: Final = 255
"""Longest file name of common file systems."""


@dataclass(frozen=True)
class Source:
    """An input file; ``below`` is its folder relative to the input folder (``.`` if it was named alone)."""

    path: Path
    below: Path = Path()


@dataclass(frozen=True)
class Sources:
    """The input files of a run.

    Attributes:
        each: In natural order (2 before 10), without duplicates.
        several: Whether the run is a batch: a folder, or more than one file. Only a batch has a manifest.
    """

    each: list[Source]
    several: bool


@dataclass(frozen=True)
class Folder:
    """The photographs of a folder in natural order, and how many other files it has, by kind."""

    photographs: list[Source]
    left_out: Counter[str]


def is_stream(path: Path) -> bool:
    """Whether the path is read once, from its beginning to its end: ``-``, a pipe, a terminal."""
    if path == STREAM:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def sources_of(
    session: Session, paths: Sequence[Path], output: Path | None, result_ending: str, *, recursive: bool
) -> Sources:
    """The input files that a command line names, each once. A folder without photographs is a failure.

    Args:
        session: Gets failures, and a line about what was left out.
        paths: Files, folders, or ``-``.
        output: Where results go; left out if it lies below an input folder.
        result_ending: End of the names of results, such as ``_x2.png``.
        recursive: Also read folders below the folders.

    Raises:
        InputError: ``-`` stands beside other inputs.
    """
    from blindsr.io.formats import READABLE

    if STREAM in paths and len(paths) > 1:
        raise InputError("- (standard input) is one photograph; wanted no other input beside it")
    found: list[Source] = []
    left_out: Counter[str] = Counter()
    for path in paths:
        with session.failures_counted(path):
            if path.is_dir():
                folder = in_folder(path, READABLE, result_ending, recursive=recursive, besides=output)
                found += folder.photographs
                left_out += folder.left_out
            else:
                found.append(Source(path))
    if left_out:
        session.say(summary(left_out))
    each = list({source.path.resolve(): source for source in reversed(found)}.values())[::-1]
    return Sources(each, len(paths) > 1 or len(each) > 1 or any(path.is_dir() for path in paths))


def in_folder(
    folder: Path,
    kinds: Iterable[str],
    result_ending: str,
    *,
    recursive: bool = False,
    besides: Path | None = None,
) -> Folder:
    """List the photographs of a folder.

    Hidden files, files of other kinds, and results that an earlier run put beside their photographs
    (``cat_x2.png`` beside ``cat.jpg``) are left out.

    Args:
        folder: An existing folder.
        kinds: File endings that can be read, lower case, with the dot.
        result_ending: End of the names of results, such as ``_x2.png``.
        recursive: Also list the folders below it. Links to folders are not followed.
        besides: A folder below it that is left out: the output folder.

    Raises:
        InputError: The folder has no photographs or cannot be read.
    """
    kinds = frozenset(kinds)
    left_out: Counter[str] = Counter()
    found: list[Path] = []
    try:
        for path in _files(folder, besides, left_out, recursive=recursive):
            if path.name in TABLES or path.name.startswith(OURS):
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
    made = {path.with_name(f"{path.stem}{result_ending}") for path in found}
    left_out["earlier results"] += sum(path in made for path in found)
    chosen = natsorted((path for path in found if path not in made), alg=ns.PATH | ns.IGNORECASE)
    if not chosen:
        raise InputError(f"{folder} holds no images; wanted at least one of {', '.join(sorted(kinds))}")
    return Folder([Source(path, path.parent.relative_to(folder)) for path in chosen], +left_out)


def summary(left_out: Counter[str]) -> str:
    """What :func:`in_folder` left out, in one line."""
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
    return f"left out: {parts}"


def default_name(source: Path, ending: str, *, keep_extension: bool = False) -> str:
    """``<stem><ending>``, the stem cut if the name would be too long for a file system.

    Args:
        source: The input file.
        ending: Such as ``_x2.png``.
        keep_extension: Keep the source's extension in the name: ``cat.jpg_x2.png``.
    """
    room = NAME_BYTES - len(os.fsencode(ending))
    stem = source.name if keep_extension else source.stem
    while len(os.fsencode(stem)) > room:  # by whole characters
        stem = stem[:-1]
    return stem + ending


def output_paths(sources: Sequence[Source], output: Path | None, ending: str, *, several: bool) -> list[Path]:
    """The output file of each source: beside it, in the folder ``output``, or ``output`` itself.

    Args:
        sources: The input files.
        output: A folder if it exists as one, if it has no extension or if ``several``; else a file. None:
            beside each source.
        ending: Of default names, such as ``_x2.png``.
        several: Whether ``output`` must be a folder. It then has the tree of the input folder.

    Raises:
        InputError: Two outputs are one file, or an output is an input.
    """
    if output is not None and not (several or output.is_dir() or not output.suffix):
        outputs = [output]
    else:
        places = [s.path.parent if output is None else output / s.below for s in sources]
        outputs = _distinct(places, [source.path for source in sources], ending)
    refuse_collisions(outputs)
    refuse_inputs(outputs, [source.path for source in sources])
    return outputs


def kernel_file_for(source: Source, folder: Path, scale: int) -> tuple[Path, int]:
    """The file in a folder of kernels that belongs to a photograph.

    The names tried are, best first, ``{name}_kernel_x{scale}``, ``{stem}_kernel_x{scale}``,
    ``{stem}_x{scale}``, ``{name}`` and ``{stem}``, each with any extension of a kernel file; at scale 4 then
    ``{name}_kernel_x2`` and ``{stem}_kernel_x2``. A photograph of a sub-folder has its kernel in the same
    sub-folder or in the folder itself.

    Args:
        source: The photograph.
        folder: The folder of kernels.
        scale: 2 or 4.

    Returns:
        The file, and the scale of its kernel.

    Raises:
        InputError: No file belongs to the photograph, or two do.
    """
    name, stem = source.path.name, source.path.stem
    names = [(f"{name}_kernel_x{scale}", scale), (f"{stem}_kernel_x{scale}", scale)]
    names += [(f"{stem}_x{scale}", scale), (name, scale), (stem, scale)]
    if scale == 4:
        names += [(f"{name}_kernel_x2", 2), (f"{stem}_kernel_x2", 2)]
    for place in dict.fromkeys((folder / source.below, folder)):
        for bare, kernel_scale in names:
            found = [path for ending in KERNELS_READ if (path := place / f"{bare}{ending}").is_file()]
            if len(found) > 1:
                both = " and ".join(path.name for path in found[:2])
                raise InputError(
                    f"{source.path}: {both} in {place} both match; wanted one kernel a photograph"
                )
            if found:
                return found[0], kernel_scale
    raise InputError(f"{source.path}: {folder} has no kernel for it; wanted {stem}_kernel_x{scale}.mat")


def refuse_collisions(paths: Sequence[Path]) -> None:
    """Raise InputError if two of the files to be written are the same file."""
    for path, count in Counter(os.path.normcase(path.resolve()) for path in paths).items():
        if count > 1:
            raise InputError(f"{count} results would be written to {path}; wanted inputs of different names")


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raise InputError if an output is an input."""
    read = {path.resolve() for path in inputs}
    for path in outputs:
        if path.resolve() in read:
            raise InputError(f"{path} is an input and would be overwritten; wanted another output")


def refuse_existing(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Raise InputError for a folder, and for a file that exists and may not be replaced.

    Without ``overwrite`` a symlink counts as existing even if it points nowhere. With it, the file that the
    symlink points to is replaced.
    """
    for path in paths:
        if path.is_dir():
            raise InputError(f"{path} is a directory; wanted a file to write")
        if os.path.lexists(path) and not overwrite:
            raise InputError(f"{path} exists; --overwrite replaces it")


def require_writable(folder: Path) -> None:
    """Raise InputError unless files can be made in this folder, or in the folder it would be made in."""
    try:
        with tempfile.TemporaryFile(dir=_nearest_existing(folder)):
            pass
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; wanted a writable folder") from error


def require_space(sizes: Iterable[tuple[Path, int]]) -> None:
    """Raise InputError if a disk is too small for the files (path, bytes) together."""
    needed: dict[int, int] = defaultdict(int)
    places: dict[int, Path] = {}
    for path, count in sizes:
        folder = _nearest_existing(path.parent)
        try:
            disk = folder.stat().st_dev
        except OSError:  # require_writable reports it
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
    """Make the folder and its parents. Raises InputError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}") from error


def _distinct(places: Sequence[Path], sources: Sequence[Path], ending: str) -> list[Path]:
    """Default names of the results. If two inputs share a stem, their results keep the extension."""
    paths = [place / default_name(source, ending) for place, source in zip(places, sources, strict=True)]
    count = Counter(os.path.normcase(path) for path in paths)
    return [
        path
        if count[os.path.normcase(path)] == 1
        else place / default_name(source, ending, keep_extension=True)
        for path, place, source in zip(paths, places, sources, strict=True)
    ]


def _files(folder: Path, besides: Path | None, left_out: Counter[str], *, recursive: bool) -> Iterator[Path]:
    """Everything but folders; links to folders are not followed, so that a cycle cannot occur."""

    def unreadable(error: OSError) -> None:
        if error.filename is None or Path(error.filename) == folder:
            raise error
        left_out["folders that cannot be read"] += 1

    barred = None if besides is None or besides.resolve() == folder.resolve() else besides.resolve()
    for place, below, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        below[:] = [
            name
            for name in below
            if recursive and not name.startswith(".") and (here / name).resolve() != barred
        ]
        yield from (here / name for name in names)


def _nearest_existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder
