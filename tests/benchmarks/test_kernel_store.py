"""Kernels on disk: made once, told apart by all that they depend on."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.kernel_store import TRUE, KernelStore, estimate_key, read_entry
from blindsr.configuration import ESTIMATORS, fingerprint
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import photograph

PAPER = ESTIMATORS["kernelgan"]
OTHER = replace(PAPER, steps=7)


@pytest.fixture
def estimations(monkeypatch):
    """The settings and scales of the estimations that were made; each kernel follows from its seed."""
    calls = []

    def find(images, config, *, seed, scale):
        calls.append((config, scale))
        rng = torch.Generator().manual_seed(seed)
        return [SRKernel(torch.rand(13, 13, generator=rng).numpy(), 2) for _ in images]

    monkeypatch.setattr("benchmarks.kernel_store.find_kernels", find)
    return calls


def test_a_kernel_is_estimated_once(estimations, tmp_path):
    store, lr = KernelStore(tmp_path, "set", 2), photograph(1)
    first, seconds = store.estimate("im_1", lr, PAPER, 5)
    again, known = store.estimate("im_1", lr, PAPER, 5)
    assert estimations == [(PAPER, 2)]
    assert np.array_equal(first.array, again.array)
    assert seconds == known


def test_what_a_kernel_depends_on_tells_it_apart(estimations, tmp_path):
    store, lr = KernelStore(tmp_path, "set", 2), photograph(1)
    others = [
        (store, "im_1", lr, PAPER, 6),
        (store, "im_1", lr, OTHER, 5),
        (store, "im_1", lr.flip(-1), PAPER, 5),  # another image of the same name
        (store, "im_2", lr, PAPER, 5),
        (KernelStore(tmp_path, "set", 4), "im_1", lr, PAPER, 5),
        (KernelStore(tmp_path, "other", 2), "im_1", lr, PAPER, 5),
    ]
    store.estimate("im_1", lr, PAPER, 5)
    for made, (place, *rest) in enumerate(others, 2):
        place.estimate(*rest)
        assert len(estimations) == made
    assert estimations[-2] == (PAPER, 4)  # the scale is told: a spectral estimate wants to know


def test_entries_are_found_by_the_fingerprint_and_the_seed(estimations, tmp_path):
    store = KernelStore(tmp_path, "set", 2)
    kernel, seconds = store.estimate("im_1", photograph(1), PAPER, 5)
    array, facts = read_entry(store.path("im_1", estimate_key(fingerprint(PAPER), 5)))
    assert np.array_equal(SRKernel(array, 2).array, kernel.array)
    assert facts["seconds"] == seconds
    assert read_entry(store.path("im_1", estimate_key(fingerprint(PAPER), 6))) is None


def test_half_an_entry_does_not_count(estimations, tmp_path):
    store = KernelStore(tmp_path, "set", 2)
    first, _ = store.estimate("im_1", photograph(1), PAPER, 0)
    entry = next(tmp_path.rglob("*.npy"))
    entry.write_bytes(entry.read_bytes()[:100])
    again, _ = store.estimate("im_1", photograph(1), PAPER, 0)
    assert np.array_equal(again.array, first.array)
    entry.with_suffix(".json").unlink()
    store.estimate("im_1", photograph(1), PAPER, 0)
    assert len(estimations) == 3


def test_the_true_kernel_lies_beside_the_estimates(tmp_path):
    store = KernelStore(tmp_path, "set", 4)
    store.keep_true("im_1", SRKernel.bicubic(4))
    store.keep_true("im_1", SRKernel(np.eye(5), 4))  # the first one stays
    array, facts = read_entry(store.path("im_1", TRUE))
    assert np.array_equal(array, SRKernel.bicubic(4).array)
    assert facts["scale"] == 4
