"""Freed blocks are kept where the C library can, and nothing happens elsewhere."""

import ctypes
import sys
from types import SimpleNamespace

import pytest

from srbase.errors import InputError
from srbase.runtime.memory import (
    KEPT,
    M_ARENA_MAX,
    M_MMAP_THRESHOLD,
    M_TRIM_THRESHOLD,
    give_back_freed_blocks,
    keep_freed_blocks,
    require_memory,
)


def test_on_linux_both_thresholds_are_raised_and_threads_share_one_heap(monkeypatch):
    seen = {}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=seen.__setitem__))
    keep_freed_blocks()
    assert seen[M_MMAP_THRESHOLD] == KEPT
    assert seen[M_TRIM_THRESHOLD] > KEPT  # or what is kept would be given back at the next chance
    assert seen[M_ARENA_MAX] == 1


def test_what_was_kept_can_be_given_back(monkeypatch):
    pads = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=pads.append))
    give_back_freed_blocks()
    assert pads == [0]


def _no_library(_):
    raise OSError("no such library")


@pytest.mark.parametrize("library", [_no_library, lambda _: SimpleNamespace()])
def test_another_c_library_is_left_alone(monkeypatch, library):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", library)
    keep_freed_blocks()
    give_back_freed_blocks()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_another_system_is_left_alone(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("the C library was asked for"))
    keep_freed_blocks()
    give_back_freed_blocks()


def test_a_result_larger_than_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=2.5e9))
    require_memory(16000, 10000, 3)
    with pytest.raises(InputError, match=r"2\.5 GB of memory .* 16000x12000 pixels needs at least 2\.9 GB"):
        require_memory(16000, 12000, 3)
