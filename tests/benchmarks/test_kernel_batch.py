"""Kernels in one batch are those that the rows would make one by one, and are made once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import kernel_batch
from benchmarks.data.make import MakeConfig, make
from benchmarks.data.sample import sample
from benchmarks.kernel_batch import batches, estimate
from benchmarks.kernel_store import KernelStore
from benchmarks.methods.registry import methods
from benchmarks.run import RunConfig, _tasks, run
from benchmarks.settings import BenchSettings
from benchmarks.task import Task, Workplace
from blindsr.estimators import Estimator
from kernelgan.config import KernelGANConfig
from tests.few_steps import SMALL, few

pytestmark = pytest.mark.slow

ROUNDING = 1e-4  # float32 products in another order, grown by a few steps
NAMES = ["bicubic", "kernelgan+zssr", "blindsr-instant", "guided+instant"]


def _few(config: Estimator) -> Estimator:
    return few("paper", channels=8) if isinstance(config, KernelGANConfig) else few("guided", channels=8)


SETTINGS = BenchSettings(name="few", zssr=SMALL.zssr, adapt=_few, adapt_zssr=lambda _: SMALL.zssr)


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    for _ in make(sample(3), tmp_path / "set", MakeConfig(scales=(2,), seed=0, protocol="div2krk")):
        pass
    return RunConfig(
        data=tmp_path / "set",
        out=tmp_path / "results.csv",
        scales=(2,),
        methods=tuple(methods(NAMES)),
        settings=SETTINGS,
        device="cpu",
    )


@pytest.fixture
def place(config: RunConfig, tmp_path: Path) -> Workplace:
    return Workplace(config.settings, "cpu", tmp_path / "kernels", None)


def test_batches_are_by_estimator_and_of_trained_ones_alone(
    config: RunConfig, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = _tasks(config, "")
    found = batches(tasks, place)
    assert [type(batch.config).__name__ for batch in found] == ["KernelGANConfig", "GuidedConfig"]
    assert [len(batch.items) for batch in found] == [3, 3]
    monkeypatch.setattr(kernel_batch, "BATCH_SIZE", 2)
    assert [len(batch.items) for batch in batches(tasks, place)] == [2, 1, 2, 1]


def test_nothing_is_made_where_a_batch_gains_nothing(config: RunConfig, place: Workplace) -> None:
    assert [estimate(place, batch) for batch in batches(_tasks(config, ""), place)] == [0, 0]
    assert not place.kernels.exists()


def test_the_kernels_are_those_of_each_image_alone(
    config: RunConfig, place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_batch, "can_replay", lambda _: True)
    for batch in batches(_tasks(config, ""), place):
        assert estimate(place, batch) == 3
        assert estimate(place, batch) == 0  # they are there
        many = KernelStore(place.kernels, batch.dataset, 2)
        alone = KernelStore(tmp_path / "alone", batch.dataset, 2)
        for item in batch.items:
            lr, _ = kernel_batch.read_pair(item)
            kernel, _ = many.estimate(item.name, lr, batch.config, batch.seed)
            wanted, _ = alone.estimate(item.name, lr, batch.config, batch.seed)
            assert np.abs(kernel.array - wanted.array).max() < ROUNDING


def test_a_run_makes_its_kernels_together_and_finds_them(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_batch, "can_replay", lambda _: True)
    monkeypatch.setattr(
        "benchmarks.kernel_store.find_kernel",
        lambda image, config, *, rng, scale: _instant_or_fail(image, config, rng, scale),
    )
    summary = run(config)
    assert (summary.made, summary.failed) == (12, 0)


def _instant_or_fail(image: torch.Tensor, config: Estimator, rng: torch.Generator, scale: int) -> object:
    from benchmarks.estimators import find_kernel

    assert not isinstance(config, KernelGANConfig)
    return find_kernel(image, config, rng=rng, scale=scale)


def test_a_batch_that_fails_costs_no_row(config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_batch, "can_replay", lambda _: True)

    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("diverged")

    monkeypatch.setattr("benchmarks.kernel_store.estimate_kernels", fail)
    summary = run(config)
    assert (summary.made, summary.failed) == (12, 0)


def test_tasks_of_no_trained_kernel_need_no_batch(place: Workplace) -> None:
    none: list[Task] = []
    assert batches(none, place) == []
