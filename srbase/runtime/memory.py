"""How much memory a result takes, and the C library's way with large blocks of it."""

import ctypes
import sys
from collections.abc import Callable
from typing import Final

from srbase.errors import InputError

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
"""Parameters of glibc's mallopt (malloc.h)."""
KEPT: Final = 64 << 20
"""Bytes: blocks up to this size are taken again instead of being given back to the system."""


BYTES_A_VALUE: Final = 4 + 1
"""Of the result: as float32, and as the 8 bits that are written."""


def require_memory(width: int, height: int, channels: int) -> None:
    """Raise InputError if less memory is free than an SR image of the computed size needs at least.

    The work itself goes by tiles and adds some hundred megabytes whatever the size.
    """
    import psutil

    needed, free = width * height * channels * BYTES_A_VALUE, psutil.virtual_memory().available
    if free < needed:
        raise InputError(
            f"{free / 1e9:.1f} GB of memory are free; an upscaled image of {width}x{height} pixels needs "
            f"at least {needed / 1e9:.1f} GB"
        )


def keep_freed_blocks() -> None:
    """Let the process reuse the blocks of its tensors.

    glibc returns each large block to the system when it is freed, and the system clears it page by page when
    it is asked for again: a third of the time of an image done in tiles. All threads share one heap,
    so that one takes what another has freed. Does nothing elsewhere.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, KEPT)
        mallopt(M_TRIM_THRESHOLD, 4 * KEPT)
        mallopt(M_ARENA_MAX, 1)


def give_back_freed_blocks() -> None:
    """Return to the system what :func:`keep_freed_blocks` kept, before work that wants none of it."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., object] | None:
    """A function of the C library, None where that is another."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., object] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None
    return found
