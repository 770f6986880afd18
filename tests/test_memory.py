"""Freed blocks are kept where the C library can, and nothing happens elsewhere."""

import ctypes
import sys
from types import SimpleNamespace

import pytest

from blindsr.memory import KEPT, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, keep_freed_blocks


def test_on_linux_both_thresholds_are_raised(monkeypatch):
    seen = {}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=seen.__setitem__))
    keep_freed_blocks()
    assert seen[M_MMAP_THRESHOLD] == KEPT
    assert seen[M_TRIM_THRESHOLD] > KEPT  # or what is kept would be given back at the next chance


def _no_library(_):
    raise OSError("no such library")


@pytest.mark.parametrize("library", [_no_library, lambda _: SimpleNamespace()])
def test_another_c_library_is_left_alone(monkeypatch, library):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", library)
    keep_freed_blocks()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_another_system_is_left_alone(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("the C library was asked for"))
    keep_freed_blocks()
