"""The terms of the regularisation, by cases computed by hand."""

import math

import pytest
import torch

from kernelgan.config import ConstraintConfig
from kernelgan.constraints import Constraints, boundary_mask
from srbase.kernels.kernel import SRKernel

EXACT = 1e-5  # float32 sums over 169 cells
ROOT_OF_ROUNDING = 1e-2  # HR pixels: the distance is the square root of rounding


def delta(y: int, x: int, value: float = 1.0) -> torch.Tensor:
    kernel = torch.zeros(1, 13, 13)
    kernel[0, y, x] = value
    return kernel


def terms(config: ConstraintConfig, kernel: torch.Tensor, late: float = 1.0) -> dict[str, float]:
    found = Constraints(config, 13, kernel).terms(kernel, torch.tensor([late]))
    return {name: float(value[0]) for name, value in found.items()}


def test_sum_to_1_is_the_distance_of_the_sum_from_1() -> None:
    assert terms(ConstraintConfig(), delta(6, 6, 0.25))["sum_to_1"] == pytest.approx(0.5 * 0.75, abs=EXACT)


def test_centre_is_the_distance_to_the_wanted_centre() -> None:
    found = terms(ConstraintConfig(), delta(6, 6))["centre"]
    assert found == pytest.approx(math.sqrt(0.5), abs=EXACT)  # (6, 6) to (6.5, 6.5)


@pytest.mark.parametrize(("over", "cells"), [("sum", 1), ("mean", 169)])
def test_sparse_adds_the_roots_of_the_cells(over: str, cells: int) -> None:
    kernel = torch.zeros(1, 13, 13)
    kernel[0, 6:8, 6:8] = 0.25
    config = ConstraintConfig(sparse=1.0, sparse_floor=1e-18, sparse_over=over)  # type: ignore[arg-type]
    assert terms(config, kernel)["sparse"] == pytest.approx(4 * 0.5 / cells, abs=EXACT)


def test_sparse_prefers_the_concentrated_kernel() -> None:
    flat = torch.full((1, 13, 13), 1 / 169)
    assert terms(ConstraintConfig(), delta(6, 6))["sparse"] < terms(ConstraintConfig(), flat)["sparse"]


def test_boundaries_grow_away_from_the_centre() -> None:
    config = ConstraintConfig()
    inner, outer = (terms(config, delta(i, i))["boundaries"] for i in (6, 0))
    assert inner == 0
    assert outer == pytest.approx(0.5 * (1 - math.exp(-0.5 * (6.5 * math.sqrt(2) - 4))), abs=EXACT)
    mask = boundary_mask(torch.linspace(0, 9, 20), config)
    assert bool((mask.diff() >= 0).all())
    assert float(mask.max()) < 1


@pytest.mark.parametrize("name", ["sum_to_1", "boundaries", "sparse", "centre"])
def test_a_weight_of_0_switches_its_term_off(name: str) -> None:
    kernel = torch.rand(1, 13, 13, generator=torch.Generator().manual_seed(0))
    without = terms(ConstraintConfig(**{name: 0.0}), kernel)  # type: ignore[arg-type]
    assert set(terms(ConstraintConfig(), kernel)) - set(without) == {name}


def test_only_centre_and_sparse_depend_on_the_late_factor() -> None:
    after, before = (terms(ConstraintConfig(), delta(6, 6), late) for late in (1.0, 0.0))
    assert before == after | {"sparse": 0, "centre": 0}
    assert min(after["sparse"], after["centre"]) > 0


def test_the_bicubic_kernel_sums_to_1_and_is_centred() -> None:
    kernel = torch.tensor(SRKernel.bicubic(2).array, dtype=torch.float32)[None]
    found = terms(ConstraintConfig(), kernel)
    assert found["sum_to_1"] < EXACT
    assert found["centre"] < ROOT_OF_ROUNDING
