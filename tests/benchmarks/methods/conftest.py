"""A restoration that only notes what it was given."""

import pytest

from benchmarks.methods import solve
from blindsr.restoration.blend import Restored
from srbase.imaging.resample import bicubic_upscale


@pytest.fixture
def solving(monkeypatch):
    """The settings and kernels that the restoration was given, call by call; it is bicubic here."""
    seen = []

    def restore(lr, kernels, scale, config, *, rng):
        seen.append((config, kernels))
        return Restored(bicubic_upscale(lr, scale), (), {})

    monkeypatch.setattr(solve, "restore", restore)
    return seen
