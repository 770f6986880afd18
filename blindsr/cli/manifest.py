"""Which results of a folder are finished, and which are being made: the manifest and its lock files.

``blindsr.jsonl`` has a line for each result. The line is written before the result appears and holds the
SHA-256 of its bytes. So a run that was killed at any moment leaves no line, or a line without its file, or
both; only the last counts as finished. Lines are appended in one piece, also by several processes; an
incomplete last line is ignored.

A lock file beside the manifest says that a process is making a result: its process number, its host and the
time. A second run skips that result. A lock is dead if its process has ended; of another host's process that
cannot be seen, so the owner renews its lock files, and one that is older than STALE_SECONDS is dead. A dead
lock is taken over, by one process at a time.
"""

import contextlib
import hashlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from srbase.errors import InputError

NAME: Final = "blindsr.jsonl"

LOCK_PREFIX: Final = ".blindsr-"
LOCK_ENDING: Final = ".lock"
REMOVAL_ENDING: Final = ".removal"
"""Of the file that a process makes while it removes a dead lock."""

STALE_SECONDS: Final = 600.0
"""Age at which a lock of another host is dead: ten renewals were missed."""
RENEW_SECONDS: Final = 60.0
CLOCK_SECONDS: Final = 2.0
"""Tolerance between two readings of a process's start time (psutil's is exact to 0.01 s; clocks are set)."""


@dataclass(frozen=True)
class Entry:
    """A line of the manifest.

    Attributes:
        output: Name of the result.
        output_sha256: Of its bytes.
        input_sha256: Of the photograph's bytes.
        request: Fingerprint of everything else that the result depends on.
    """

    output: str
    output_sha256: str
    input_sha256: str
    request: str


@dataclass(frozen=True)
class Owner:
    """Who makes a result: process number, host, and the process's start (seconds since the epoch)."""

    pid: int
    host: str
    started: float

    @classmethod
    def this_process(cls) -> "Owner":
        """The owner that this process is."""
        import psutil

        return cls(os.getpid(), socket.gethostname(), psutil.Process().create_time())

    def is_alive(self, age: float) -> bool:
        """Whether it is still at work, given that its lock was renewed ``age`` seconds ago."""
        import psutil

        if self.host != socket.gethostname():
            return age < STALE_SECONDS
        try:
            process = psutil.Process(self.pid)
            started, ended = process.create_time(), process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:  # it exists, and belongs to somebody else
            return True
        return not ended and abs(started - self.started) < CLOCK_SECONDS

    def __str__(self) -> str:
        """For a message."""
        return f"process {self.pid} on {self.host}"


def append(folder: Path, entry: Entry) -> None:
    """Add an entry for a result that is about to appear in the folder. Raises InputError."""
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
    """The last entry of each result by its name; empty if there is no manifest."""
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
    """Whether the result exists and is what this request makes of the source as both are now.

    Args:
        source: The photograph.
        output: The result.
        request: Fingerprint of the request.
        entries: The manifest of the result's folder.
    """
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


def lock_path(output: Path) -> Path:
    """The lock file of a result. Its name is short, whatever the result's."""
    digest = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:16]
    return output.with_name(f"{LOCK_PREFIX}{digest}{LOCK_ENDING}")


@contextlib.contextmanager
def locked(output: Path) -> Iterator[Owner | None]:
    """Hold the lock of a result while the block runs.

    Args:
        output: The result; its folder exists.

    Yields:
        None if this process has the lock; else the owner, who is at work on the result.

    Raises:
        InputError: The lock file cannot be written.
    """
    path = lock_path(output)
    try:
        owner = _acquire(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    if owner is not None:
        yield owner
        return
    over = threading.Event()
    threading.Thread(target=_renew, args=(path, over), daemon=True).start()
    try:
        yield None
    finally:
        over.set()
        with contextlib.suppress(OSError):
            path.unlink()


def clear_dead_locks(folder: Path) -> None:
    """Remove the lock files that killed processes left in the folder, and damaged ones that are old."""
    for path in folder.glob(f"{LOCK_PREFIX}*{LOCK_ENDING}"):
        with contextlib.suppress(OSError):
            owner, age = _owner(path), time.time() - path.stat().st_mtime
            dead = age > STALE_SECONDS if owner is None else not owner.is_alive(age)
            if dead:
                _remove_stale_lock(path, owner)


def _acquire(path: Path) -> Owner | None:
    """Make the lock file.

    Returns:
        None: the lock is ours; else its living owner, which renewed it lately or whose process was found.

    Raises:
        OSError: The file cannot be written.
    """
    ours = Owner.this_process()
    temporary = path.with_name(f"{LOCK_PREFIX}{uuid.uuid4().hex[:16]}{LOCK_ENDING}")
    temporary.write_text(json.dumps(asdict(ours) | {"time": time.time()}))
    try:
        while True:
            with contextlib.suppress(FileExistsError):
                _link_unless_exists(temporary, path)
                return None
            temporary.touch()  # the disk's clock, not ours: both files are on it
            try:
                theirs, age = _owner(path), temporary.stat().st_mtime - path.stat().st_mtime
            except FileNotFoundError:  # released a moment ago
                continue
            if theirs is not None and theirs.is_alive(age):
                return theirs
            if theirs is None and age < CLOCK_SECONDS:  # perhaps not yet written
                time.sleep(0.05)
                continue
            _remove_stale_lock(path, theirs)
    finally:
        temporary.unlink(missing_ok=True)


def _link_unless_exists(temporary: Path, path: Path) -> None:
    """Give the complete file its name unless the name exists. Raises FileExistsError."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with path.open("x") as file:
            file.write(temporary.read_text())


def _remove_stale_lock(path: Path, dead: Owner | None) -> None:
    """Remove a dead lock.

    One process at a time does it (a ``.removal`` file says which), and reads the lock again first: it may be
    another's by now, and a living lock must not be away for a moment. Where another process is at it, the
    lock is left, and the caller tries again.

    Args:
        path: The lock file.
        dead: Its owner as it was read; None where the file was damaged.
    """
    removal = path.with_suffix(REMOVAL_ENDING)
    try:
        removal.open("x").close()
    except FileExistsError:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - removal.stat().st_mtime > STALE_SECONDS:  # its process was killed
                removal.unlink()
        time.sleep(0.01)
        return
    try:
        with contextlib.suppress(FileNotFoundError):
            if _owner(path) == dead:
                path.unlink()
    finally:
        removal.unlink(missing_ok=True)


def _owner(path: Path) -> Owner | None:
    """Who a lock file belongs to; None if it is damaged. Raises FileNotFoundError."""
    try:
        fields = json.loads(path.read_text())
        return Owner(int(fields["pid"]), str(fields["host"]), float(fields["started"]))
    except (ValueError, TypeError, KeyError):
        return None


def _renew(path: Path, over: threading.Event) -> None:
    while not over.wait(RENEW_SECONDS):
        with contextlib.suppress(OSError):
            path.touch()
