"""Which results of a folder are finished: a line for each in ``blindsr.jsonl``, so that a run can be resumed.

A line is written before its result appears and tells the result's bytes by their hash. So a run that was
killed at any moment has either no line, or a line without its file, or both; only the last counts as
finished. Lines are appended in one piece, by several processes at once if need be; a torn last line is
passed over.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from srbase.errors import InputError

NAME = "blindsr.jsonl"


@dataclass(frozen=True)
class Entry:
    """A result by its name, made from these bytes by this request (a fingerprint of all that it depends
    on).
    """

    output: str
    output_sha256: str
    input_sha256: str
    request: str


def append(folder: Path, entry: Entry) -> None:
    """Note a result that is about to appear in the folder. Raises InputError."""
    line = (json.dumps(asdict(entry)) + "\n").encode()
    try:
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"{folder / NAME} cannot be written: {error.strerror}") from error


def read(folder: Path) -> dict[str, Entry]:
    """The last entry of each result; empty where there is no such file."""
    entries: dict[str, Entry] = {}
    try:
        lines = (folder / NAME).read_bytes().split(b"\n")
    except OSError:
        return entries
    for line in lines:
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue
        entries[entry.output] = entry
    return entries


def is_finished(source: Path, output: Path, request: str, entries: dict[str, Entry]) -> bool:
    """Whether the result is there, whole, and what this request would make of the source as it is now."""
    entry = entries.get(output.name)
    if entry is None or entry.request != request or not output.is_file():
        return False
    try:
        return entry.input_sha256 == sha256(source) and entry.output_sha256 == sha256(output)
    except OSError:
        return False


def sha256(path: Path) -> str:
    """Of the file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
