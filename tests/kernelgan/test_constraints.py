"""The regulariser's terms, by hand-computed cases."""

import math
from dataclasses import replace

import pytest
import torch

from kernelgan.config import ConstraintConfig
from kernelgan.constraints import Constraints, boundary_mask
from srbase.kernels.kernel import SRKernel

EXACT = 1e-5  # float32 sums over 169 cells
SAME = 1e-12  # float64, a dozen operations
ROOT_OF_ROUNDING = 1e-2  # HR pixels: the distance is a square root, of the squared centre's rounding


def delta(y: int, x: int, value: float = 1.0) -> torch.Tensor:
    kernel = torch.zeros(1, 13, 13)
    kernel[0, y, x] = value
    return kernel


def terms(config: ConstraintConfig, kernel: torch.Tensor) -> dict[str, float]:
    constraints = Constraints(config, 13, kernel)
    return {name: float(value[0]) for name, value in constraints.terms(kernel, torch.ones(1)).items()}


def test_sum_to_1() -> None:
    assert terms(ConstraintConfig(), delta(6, 6, 0.25))["sum_to_1"] == pytest.approx(0.5 * 0.75, abs=EXACT)


def test_centre_is_the_distance_to_the_wanted_centre() -> None:
    found = terms(ConstraintConfig(), delta(6, 6))["centre"]
    assert found == pytest.approx(math.sqrt(0.5), abs=EXACT)  # (6, 6) to (6.5, 6.5)
    squared = terms(ConstraintConfig(squared_centre=True), delta(6, 6))["centre"]
    assert squared == pytest.approx(0.25, abs=EXACT)


def test_sparse_counts_roots_of_cells() -> None:
    kernel = torch.zeros(1, 13, 13)
    kernel[0, 6:8, 6:8] = 0.25
    config = ConstraintConfig(sparse=1.0, sparse_floor=1e-18, sparse_over="sum")
    assert terms(config, kernel)["sparse"] == pytest.approx(4 * 0.5, abs=EXACT)
    mean = ConstraintConfig(sparse=1.0, sparse_floor=1e-18, sparse_over="mean")
    assert terms(mean, kernel)["sparse"] == pytest.approx(2 / 169, abs=EXACT)


def test_sparse_prefers_the_concentrated_kernel() -> None:
    config = ConstraintConfig(sparse=1.0)
    flat = torch.full((1, 13, 13), 1 / 169)
    assert terms(config, delta(6, 6))["sparse"] < terms(config, flat)["sparse"]


def test_boundaries_grow_away_from_the_centre() -> None:
    config = ConstraintConfig()
    inner, outer = (terms(config, delta(i, i))["boundaries"] for i in (6, 0))
    assert inner == 0
    assert outer == pytest.approx(0.5 * (1 - math.exp(-0.5 * (6.5 * math.sqrt(2) - 4))), abs=EXACT)
    mean = terms(ConstraintConfig(boundaries_over="mean"), delta(0, 0))["boundaries"]
    assert mean == pytest.approx(outer / 169, abs=EXACT)
    distances = torch.linspace(0, 9, 20)
    mask = boundary_mask(distances, config)
    assert bool((mask.diff() >= 0).all())
    assert float(mask.max()) < 1


@pytest.mark.parametrize("name", ["sum_to_1", "boundaries", "sparse", "centre"])
def test_each_term_can_be_switched_off(name: str) -> None:
    kernel = torch.rand(1, 13, 13, generator=torch.Generator().manual_seed(0))
    all_terms = terms(ConstraintConfig(), kernel)
    without = terms(ConstraintConfig(**{name: 0.0}), kernel)  # type: ignore[arg-type]
    assert set(all_terms) - set(without) == {name}


def test_late_terms_wait() -> None:
    kernel = delta(6, 6)
    constraints = Constraints(ConstraintConfig(), 13, kernel)
    always, early = constraints.terms(kernel, torch.ones(1)), constraints.terms(kernel, torch.zeros(1))
    assert float(early["sparse"]) == float(early["centre"]) == 0
    assert early["sum_to_1"] == always["sum_to_1"]
    assert early["boundaries"] == always["boundaries"]


def test_an_aligned_kernel_costs_little_and_gradients_are_finite() -> None:
    kernel = torch.tensor(SRKernel.bicubic(2).array, dtype=torch.float32)[None]
    constraints = Constraints(ConstraintConfig(), 13, kernel)
    values, gradient = (f(kernel, torch.ones(1)) for f in (constraints.terms, constraints.gradient))
    assert float(values["sum_to_1"]) < EXACT
    assert float(values["centre"]) < ROOT_OF_ROUNDING
    assert bool(torch.isfinite(gradient).all())


@pytest.mark.parametrize(
    "config",
    [
        ConstraintConfig(),
        ConstraintConfig(squared_centre=True, sparse_over="mean", boundaries_over="mean"),
        *(
            replace(ConstraintConfig(sum_to_1=0.0, boundaries=0.0, sparse=0.0, centre=0.0), **{name: 2.0})
            for name in ("sum_to_1", "boundaries", "sparse", "centre")
        ),
    ],
)
@pytest.mark.parametrize("total", [0.05, 0.7, 1.2])  # under 0.1 the centre's divisor stands
def test_the_gradient_is_autograds(config: ConstraintConfig, total: float) -> None:
    rng = torch.Generator().manual_seed(1)
    kernels = torch.randn((2, 13, 13), generator=rng, dtype=torch.float64)
    kernels = (kernels + (total - kernels.sum(dim=(1, 2), keepdim=True)) / 169).requires_grad_()
    late = torch.tensor([1.0, 0.25], dtype=torch.float64)
    constraints = Constraints(config, 13, kernels)
    values, gradient = constraints.terms(kernels, late), constraints.gradient(kernels.detach(), late)
    (expected,) = torch.autograd.grad(torch.stack(list(values.values())).sum(), kernels)
    assert torch.allclose(gradient, expected, rtol=SAME, atol=SAME)
