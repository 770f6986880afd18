"""Kernels in one batch are those that the rows would make one by one, and are made once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import kernel_batch
from benchmarks.estimators import find_kernels
from benchmarks.kernel_batch import batches, estimate
from benchmarks.kernel_store import KernelStore
from benchmarks.methods.registry import methods
from benchmarks.run import RunConfig, _tasks, run
from benchmarks.settings import BenchSettings
from benchmarks.task import Task, Workplace
from blindsr.configuration import ESTIMATORS, Estimator
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import small_set
from tests.few_steps import SMALL_PAPER, few

pytestmark = pytest.mark.slow

ROUNDING = 1e-4  # float32 products in another order, grown by a few steps
NAMES = ["bicubic", "kernelgan+zssr", "blindsr-instant", "kernelgan+instant"]
RESTORATION = SMALL_PAPER.restoration


def _few(config: Estimator) -> Estimator:
    is_gan = isinstance(config, type(ESTIMATORS["kernelgan"]))
    return few("kernelgan", steps=2, channels=8) if is_gan else few("spectral-symmetric")


SETTINGS = BenchSettings(
    name="few", restoration=RESTORATION, adapt=_few, adapt_restoration=lambda _: RESTORATION
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_set(tmp_path_factory.mktemp("data") / "set")


@pytest.fixture
def config(data: Path, tmp_path: Path) -> RunConfig:
    return RunConfig(
        data=data,
        out=tmp_path / "results.csv",
        scales=(2,),
        methods=tuple(methods(NAMES)),
        settings=SETTINGS,
        device="cpu",
    )


@pytest.fixture
def place(config: RunConfig, tmp_path: Path) -> Workplace:
    return Workplace(config.settings, "cpu", tmp_path / "kernels", None)


def test_a_batch_holds_what_is_trained_once_and_so_many_images_at_most(
    config: RunConfig, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = _tasks(config, "")
    (batch,) = batches(tasks, place)
    assert batch.config == few("kernelgan", steps=2, channels=8)
    assert len(batch.items) == 3
    monkeypatch.setattr(kernel_batch, "BATCH_SIZE", 2)
    assert [len(batch.items) for batch in batches(tasks, place)] == [2, 1]


def test_nothing_is_made_where_a_batch_gains_nothing(config: RunConfig, place: Workplace) -> None:
    assert [estimate(place, batch) for batch in batches(_tasks(config, ""), place)] == [0]
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


@pytest.fixture
def estimations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """On how many images each estimation was made; those of several fail where the list begins with 0."""
    counts: list[int] = []

    def find(images: list[torch.Tensor], config: Estimator, *, seed: int, scale: int) -> list[SRKernel]:
        if counts[:1] == [0] and len(images) > 1:
            raise ArithmeticError("diverged")
        counts.append(len(images))
        return find_kernels(images, config, seed=seed, scale=scale)

    monkeypatch.setattr(kernel_batch, "can_replay", lambda _: True)
    monkeypatch.setattr("benchmarks.kernel_store.find_kernels", find)
    return counts


def test_a_run_makes_its_kernels_together_and_finds_them(config: RunConfig, estimations: list[int]) -> None:
    summary = run(config)
    assert (summary.made, summary.failed) == (12, 0)
    assert estimations == [3]


def test_a_batch_that_fails_costs_no_row(config: RunConfig, estimations: list[int]) -> None:
    estimations.append(0)
    summary = run(config)
    assert (summary.made, summary.failed) == (12, 0)
    assert estimations == [0, 1, 1, 1]


def test_tasks_of_no_trained_kernel_need_no_batch(place: Workplace) -> None:
    none: list[Task] = []
    assert batches(none, place) == []
