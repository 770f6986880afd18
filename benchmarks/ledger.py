"""The results file: rows are appended as they are made and survive kill -9 at any moment."""

import csv
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.rows import ADDED, COLUMNS, Row, cells, parse
from blindsr.io.atomic import written
from srbase.errors import InputError

if sys.platform != "win32":
    import fcntl

HEADER = ",".join(COLUMNS) + "\n"
OLDER = tuple(name for name in COLUMNS if name not in ADDED)


def read_rows(path: Path) -> list[Row]:
    """The rows of a results file, a torn last line left out. Raises InputError for another file."""
    if not path.is_file():
        raise InputError(f"{path} does not exist; wanted a results file of 'run'")
    return _parsed(path, path.read_bytes())


class Ledger:
    """A results file that is being written, by one process at a time.

    On opening, a torn last line is cut off. Each row is one write, flushed to the disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from error
        self._lock()
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        try:
            self.rows = _parsed(path, content)
        except InputError:
            os.close(self._file)
            raise
        if len(whole) < len(content):
            os.ftruncate(self._file, len(whole))
        if not whole:
            self._write(HEADER)
        elif not whole.startswith(HEADER.encode()):
            self._replace(self.rows)  # an older file gets the columns that it lacks

    def append(self, row: Row) -> None:
        """Add a row."""
        self._write(_line(row))
        self.rows.append(row)

    def drop(self, unwanted: Iterable[Row]) -> None:
        """Take rows out, by their key."""
        keys = {row.key for row in unwanted}
        self._replace([row for row in self.rows if row.key not in keys])

    def sort(self) -> None:
        """Put the rows into the order of a finished file, whichever ended first."""
        ordered = sorted(self.rows, key=Row.order)
        if ordered != self.rows:
            self._replace(ordered)

    def _replace(self, rows: list[Row]) -> None:
        with written(self.path) as temporary:
            temporary.write_text(HEADER + "".join(map(_line, rows)), encoding="utf-8")
        os.close(self._file)
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND)
        self._lock()
        self.rows = rows

    def _write(self, text: str) -> None:
        os.write(self._file, text.encode())
        os.fsync(self._file)

    def _lock(self) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise InputError(f"{self.path} is being written by another run; wanted one at a time") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def _line(row: Row) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells(row))
    return text.getvalue()


def _parsed(path: Path, content: bytes) -> list[Row]:
    text = content[: content.rfind(b"\n") + 1].decode("utf-8", errors="replace")
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines, None)
    if header is None:
        if content and not HEADER.encode().startswith(content):
            raise InputError(f"{path} is not a results file; wanted the columns {','.join(COLUMNS[:5])},...")
        return []
    if tuple(header) not in (COLUMNS, OLDER):
        odd = sorted(set(header) ^ set(COLUMNS))
        raise InputError(
            f"{path} has other columns than a results file ({', '.join(odd) or 'another order'})"
        )
    rows = []
    for number, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise InputError(f"{path}, line {number} has {len(line)} cells; wanted {len(header)}")
        rows.append(parse(dict(zip(header, line, strict=True))))
    return rows
