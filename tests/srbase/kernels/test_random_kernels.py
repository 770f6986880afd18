import numpy as np
import pytest

from srbase.kernels.random_kernels import DIV2KRK, PLAIN, RandomKernelConfig, random_kernel

ALIGNED = 1e-8  # HR pixels, see geometry.RECENTRE_TOLERANCE
UNDERSHOOT = -4e-3  # only the spline can go under 0, by a hundredth of the largest cell
SAMPLED = 3e-3  # HR px^2: 25 cells hold all but 1e-9; sampling a Gaussian of variance 0.6 costs 1e-4 of it


@pytest.mark.parametrize("config", [DIV2KRK, PLAIN])
@pytest.mark.parametrize(("scale", "size"), [(2, 11), (4, 31)])
def test_kernels_are_aligned_and_of_the_protocols_size(scale, size, config):
    for seed in range(20):
        kernel = random_kernel(np.random.default_rng(seed), scale, config).kernel
        assert kernel.shape == (size, size)
        assert kernel.scale == scale
        assert np.abs(kernel.centre_offset).max() < ALIGNED


def test_the_seed_decides():
    first, again, other = (random_kernel(np.random.default_rng(seed)).kernel.array for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_without_noise_and_tails_the_covariance_is_what_was_drawn():
    config = RandomKernelConfig(size=25, variance_min=0.6, variance_max=3.0, speckle=0.0, lossy=False)
    for seed in range(5):
        drawn = random_kernel(np.random.default_rng(seed), config=config)
        turn = np.array([[np.cos(a := drawn.angle), -np.sin(a)], [np.sin(a), np.cos(a)]])
        wanted = turn @ np.diag(drawn.variances) @ turn.T
        np.testing.assert_allclose(drawn.kernel.covariance, wanted, atol=SAMPLED)


def test_variances_and_noise_stay_in_their_ranges():
    drawn = [random_kernel(np.random.default_rng(seed)) for seed in range(50)]
    variances = np.array([d.variances for d in drawn])
    assert variances.min() >= 0.6
    assert variances.max() <= 5.0
    assert variances.max() - variances.min() > 3
    assert min(d.kernel.array.min() for d in drawn) > UNDERSHOOT


def test_lossy_shifts_cut_off_the_last_cells_and_some_of_the_sum():
    """The published kernels' last row and column are 0; LR's kernels are moved by half a cell after that."""
    whole, cut = (
        [random_kernel(np.random.default_rng(seed), config=config) for seed in range(30)]
        for config in (PLAIN, DIV2KRK)
    )
    last = [[float(np.abs(d.kernel.array[0]).sum() + np.abs(d.kernel.array[-1]).sum()) for d in draws]
            for draws in (whole, cut)]  # fmt: skip
    assert np.mean(last[1]) < 0.5 * np.mean(last[0])
    assert all(d.total == 1 for d in whole)
    totals = [d.total for d in cut]
    assert 0.985 < min(totals) < 0.995
    assert max(totals) < 1.001
    traces = [np.mean([np.trace(d.kernel.covariance) for d in draws]) for draws in (whole, cut)]
    assert traces[1] < traces[0] - 0.1  # HR px^2


def test_the_x4_kernel_is_an_x2_kernel_twice():
    two, four = (random_kernel(np.random.default_rng(3), scale, PLAIN).kernel for scale in (2, 4))
    np.testing.assert_allclose(two.to_x4(31).array, four.array, atol=1e-12)
