"""A ZSSR that only notes what it was given."""

from types import SimpleNamespace

import pytest

from benchmarks.methods import solve
from srbase.imaging.resample import bicubic_upscale


@pytest.fixture
def solving(monkeypatch):
    """The settings and kernels that ZSSR was given, call by call; ZSSR itself is replaced."""
    seen = []

    def super_resolve(lr, kernels, scale, config, *, rng):
        seen.append((config, kernels))
        return SimpleNamespace(image=bicubic_upscale(lr, scale))

    monkeypatch.setattr(solve, "super_resolve", super_resolve)
    return seen
