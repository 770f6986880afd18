"""Which files a run reads and writes, decided and checked before any work."""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from blindsr.errors import InputError


@dataclass(frozen=True)
class Job:
    """One photograph to super-resolve, the file to write, and the folder for details if wanted."""

    source: Path
    output: Path
    details: Path | None

    @property
    def folders(self) -> list[Path]:
        """The folders that are written to."""
        return [self.output.parent] if self.details is None else [self.output.parent, self.details]


def images_in(folder: Path, kinds: Iterable[str], scale: int) -> list[Path]:
    """The images of a folder in natural order (2 before 10), without those that an earlier run on it
    made (``cat_x2.png`` beside ``cat.jpg``). Raises InputError where there is none.
    """
    images = [path for path in folder.iterdir() if path.suffix.lower() in kinds and path.is_file()]
    made = {default_output(path, scale) for path in images}
    chosen = sorted((path for path in images if path not in made), key=_natural)
    if not chosen:
        raise InputError(f"{folder} holds no images; wanted at least one of {', '.join(sorted(kinds))}")
    return chosen


def default_output(source: Path, scale: int) -> Path:
    """``<stem>_x<scale>.png`` beside the input."""
    return source.with_name(f"{source.stem}_x{scale}.png")


def plan(sources: Sequence[Path], output: Path | None, scale: int, *, folder: bool) -> list[Path]:
    """The output file of each source: beside it, in the folder ``output``, or ``output`` itself.

    ``output`` is a folder if it is one, has no ending, or ``folder`` says that it must be one.
    Raises InputError where two would fall on one file, or one on a source.
    """
    if output is None:
        outputs = [default_output(source, scale) for source in sources]
    elif folder or output.is_dir() or not output.suffix:
        outputs = [output / default_output(source, scale).name for source in sources]
    else:
        outputs = [output]
    refuse_collisions(outputs)
    read = {source.resolve() for source in sources}
    for path in outputs:
        if path.resolve() in read:
            raise InputError(f"{path} is an input and would be overwritten; wanted another output")
    return outputs


def refuse_collisions(paths: Sequence[Path]) -> None:
    """Raises InputError where two of the files to be written are one and the same."""
    for path, count in Counter(os.path.normcase(path.resolve()) for path in paths).items():
        if count > 1:
            raise InputError(f"{count} results would be written to {path}; wanted inputs of different names")


def refuse_existing(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Raises InputError for a file that exists, unless it may be replaced, and for a folder anyway."""
    for path in paths:
        if path.is_dir():
            raise InputError(f"{path} is a directory; wanted a file to write")
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists; --overwrite replaces it")


def require_writable(folder: Path) -> None:
    """Raises InputError unless files can be made in this folder (or it can be made); leaves nothing."""
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; wanted a writable folder") from error


def make_folder(folder: Path) -> None:
    """Make the folder and its parents. Raises InputError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}") from error


def _natural(path: Path) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]
