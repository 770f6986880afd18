"""Files appear whole or not at all, and never in the place of one that nobody meant.

A symlink that may be replaced stays: the file that it points to is replaced, or made. Without leave to
replace, anything that has the name, a symlink to nowhere too, is in the way, also where it appeared a moment
ago.
"""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path

from srbase.errors import InputError

PREFIX = ".blindsr-"
"""Of temporary names: short, so that any name that the folder allows can be written."""

DESCRIPTORS = Path("/proc/self/fd")

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
"""What file systems without hard links say (FAT, some network shares)."""

NO_UNNAMED = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS})
"""What is said where a file cannot be without a name."""


class ExistsError(InputError):
    """The name was taken in the meantime."""


def write(path: Path, data: bytes | mmap, *, replace: bool = True) -> None:
    """Put the bytes into the file, on the disk before it has its name.

    On Linux a file without a name is filled, so that not even a kill leaves anything of it. Raises
    InputError where it cannot be written, and where it exists and ``replace`` is not set.
    """
    with _convert_errors(path):
        target = _target(path, replace=replace)
        if not _write_unnamed(target, data, replace=replace):
            with _named(target, replace=replace) as temporary:
                temporary.write_bytes(data)


@contextlib.contextmanager
def written(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """A temporary path beside ``path`` of the same ending, for libraries that write files themselves.

    It gets the name when the block ends well and is removed otherwise. Raises InputError as :func:`write`.
    """
    with _convert_errors(path), _named(_target(path, replace=replace), replace=replace) as temporary:
        yield temporary


@contextlib.contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    """Errors of the system as one line."""
    try:
        yield
    except FileExistsError as error:
        raise ExistsError(f"{path} exists by now and is left as it is; wanted a free name") from error
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error


def _target(path: Path, *, replace: bool) -> Path:
    return Path(os.path.realpath(path)) if replace and path.is_symlink() else path


@contextlib.contextmanager
def _named(target: Path, *, replace: bool) -> Iterator[Path]:
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=PREFIX, suffix=target.suffix[-16:])
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        if replace:
            temporary.replace(target)
        else:
            _name_exclusively(temporary, target)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _name_exclusively(temporary: Path, target: Path) -> None:
    """Give the file its name unless something has it. Raises FileExistsError."""
    try:
        target.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        temporary.rename(target)  # on such a file system the last instant is a race


def _write_unnamed(target: Path, data: bytes | mmap, *, replace: bool) -> bool:
    """Whether the system can do it so. Raises OSError where it can and fails."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not DESCRIPTORS.is_dir():
        return False
    try:
        handle = os.open(target.parent, flag | os.O_WRONLY, 0o666)
    except OSError as error:
        if error.errno in NO_UNNAMED and target.parent.is_dir():
            return False
        raise
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)
        descriptors = os.open(DESCRIPTORS, os.O_RDONLY)
        try:
            if not replace:
                os.link(str(handle), target, src_dir_fd=descriptors, follow_symlinks=True)
            else:
                between = Path(tempfile.mktemp(dir=target.parent, prefix=PREFIX))
                os.link(str(handle), between, src_dir_fd=descriptors, follow_symlinks=True)
                between.replace(target)
        finally:
            os.close(descriptors)
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
