import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small operations lose by threading

import numpy as np
import pytest

from tests.browser import chromium, visit  # noqa: F401 - fixtures

WIDTH, HEIGHT = 37, 31  # odd and unequal: swapped axes and dropped rows show


# What distributes the tests to several processes reads this file too, and has no use for torch.


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def image(rng):
    """(3, 31, 37) float32 noise in 0..1."""
    import torch

    return torch.from_numpy(rng.random((3, HEIGHT, WIDTH), dtype=np.float32))


@pytest.fixture
def quick_processes(monkeypatch):
    """What starts new processes gets forks of one that has loaded torch."""
    from tests.warm import CONTEXT  # there is none on Windows

    monkeypatch.setattr("multiprocessing.get_context", lambda _: CONTEXT)


@pytest.fixture(scope="session")
def photograph():
    """(97, 113, 3) uint8: a part of a real photograph, of odd sides."""
    from skimage import data

    return data.astronaut()[20:117, 170:283].copy()
