"""Kernels that are their own half turn: pairs, the papers' random kernels, moments, limits."""

import numpy as np
import pytest

from blindsr.spectral.cells import (
    CROPPED,
    PAIR_OFFSETS,
    PAIRS,
    SHIFTED,
    WHOLE,
    Taper,
    clamp,
    from_pairs,
    gaussian_pairs,
    gaussian_slopes,
    moments,
    moments_jacobian,
    pair_values,
    symmetric_kernel,
)
from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import DIV2KRK, PLAIN, random_kernel

V = np.array([3.0, 1.5, 0.7])
ROUNDING = 1e-12  # float64 sums over 169 cells
NEGLIGIBLE = 2e-4  # of a kernel's mass: what the last alignment, by some hundredths of a pixel, brings back
SHARE = 0.1  # relative: recentring moves some mass; a whole or a missing outermost ring would be off by 1
DEVIATIONS = np.random.default_rng(1).normal(0, 0.1, len(PAIRS))


def half_turn(kernel):
    """The kernel turned about the wanted centre, which lies between cells 6 and 7."""
    turned = np.zeros_like(kernel)
    turned[1:, 1:] = kernel[1:, 1:][::-1, ::-1]
    return turned


@pytest.mark.parametrize("taper", [SHIFTED, CROPPED, WHOLE])
@pytest.mark.parametrize("deviations", [None, DEVIATIONS])
def test_a_kernel_is_its_half_turn_sums_to_one_and_is_centred(deviations, taper):
    kernel = symmetric_kernel(V, deviations, taper)
    np.testing.assert_array_equal(kernel, half_turn(kernel))
    assert kernel.sum() == pytest.approx(1.0, abs=ROUNDING)
    np.testing.assert_allclose(geometry.centre_of_mass(kernel), 6.5, atol=ROUNDING)


def test_pair_values_are_the_kernels_own():
    np.testing.assert_allclose(pair_values(symmetric_kernel(V)), gaussian_pairs(V), atol=ROUNDING)
    lopsided = np.random.default_rng(2).uniform(size=(13, 13))
    values = pair_values(lopsided)
    even = (lopsided + half_turn(lopsided)) / 2
    np.testing.assert_allclose(values, even[PAIRS[:, 0], PAIRS[:, 1]])


@pytest.mark.parametrize(("config", "taper", "smoothed"), [(PLAIN, CROPPED, 1.0), (DIV2KRK, SHIFTED, 0.82)])
def test_the_mean_of_the_papers_kernels_is_the_gaussian(config, taper, smoothed):
    """Of many kernels averaged with their half turn: the mass of the outer cells, and deviations of
    sqrt(0.25^2 / 6) for the mean of two cells, less what two shifts smooth."""
    rng, pairs, gaussians = np.random.default_rng(3), [], []
    for _ in range(400):
        drawn = random_kernel(rng, config=config)
        turn = np.array([[np.cos(a := drawn.angle), -np.sin(a)], [np.sin(a), np.cos(a)]])
        covariance = turn @ np.diag(drawn.variances) @ turn.T
        gaussian = gaussian_pairs(np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]]), taper)
        values = pair_values(geometry.crop_or_pad(drawn.kernel.array, 13))
        pairs.append(values / values.sum())
        gaussians.append(gaussian / gaussian.sum())
    pairs, gaussians = np.array(pairs), np.array(gaussians)
    distance = np.abs(PAIR_OFFSETS).max(axis=0)
    for at in (4.5, 5.5):
        mass, gaussian_mass = (cells[:, distance == at].sum(axis=1).mean() for cells in (pairs, gaussians))
        assert mass == pytest.approx(gaussian_mass, rel=SHARE, abs=NEGLIGIBLE)
    heavy = gaussians > 0.01
    assert (pairs[heavy] / gaussians[heavy] - 1).std() == pytest.approx(
        smoothed * np.sqrt(0.25**2 / 6), rel=SHARE
    )


def test_the_slopes_are_those_of_differences():
    step = 1e-5
    for slope, d in zip(gaussian_slopes(V), step * np.eye(3), strict=True):
        difference = (gaussian_pairs(V + d) - gaussian_pairs(V - d)) / (2 * step)
        np.testing.assert_allclose(slope, difference, atol=1e-9)


def test_the_moments_jacobian_is_that_of_differences():
    step, jacobian = 1e-5, moments_jacobian(V, DEVIATIONS)
    assert jacobian.shape == (3, 75)
    for index in (0, 2, 3, 20, 74):
        d = step * np.eye(75)[index]
        difference = (moments(V + d[:3], DEVIATIONS + d[3:]) - moments(V - d[:3], DEVIATIONS - d[3:])) / (
            2 * step
        )
        np.testing.assert_allclose(jacobian[:, index], difference, atol=1e-6)


@pytest.mark.parametrize("v", [(4.0, 1.0, 0.5), (20.0, 0.01, 0.3), (-4.0, -1.0, -0.5), (1.0, 1.0, 3.0)])
def test_clamp_brings_the_axis_variances_within_their_limits(v):
    clamped = clamp(np.array(v), 0.1, 9.0)
    variances = np.linalg.eigvalsh([[clamped[0], clamped[2]], [clamped[2], clamped[1]]])
    assert variances.min() >= 0.1 - ROUNDING
    assert variances.max() <= 9.0 + ROUNDING


def test_clamp_keeps_what_is_inside():
    np.testing.assert_allclose(clamp(V, 0.1, 9.0), V)


def test_moments_stay_under_v():
    """The window cuts tails off, and nothing is added."""
    v = np.array([4.0, 1.0, 0.5])
    assert (moments(v)[:2] <= v[:2] + ROUNDING).all()


def test_the_bicubic_kernel_loses_nothing_by_pairs():
    kernel = SRKernel.bicubic(2).array
    values = pair_values(kernel)
    np.testing.assert_allclose(from_pairs(values, values), kernel, atol=ROUNDING)


def test_a_taper_is_the_gaussians_share_at_the_two_outermost_distances():
    shares = gaussian_pairs(V, SHIFTED) / gaussian_pairs(V, WHOLE)
    shares /= shares.max()
    distance = np.sort(np.abs(PAIR_OFFSETS), axis=0)
    for where, share in (((0.5, 3.5), 1), ((2.5, 4.5), 0.684), ((4.5, 4.5), 0.684**2), ((0.5, 5.5), 0)):
        there = (distance == np.array(where)[:, None]).all(axis=0)
        np.testing.assert_allclose(shares[there], share, atol=ROUNDING)


def test_a_taper_holds_shares():
    with pytest.raises(InputError, match=r"taper's outer is 1\.5; wanted a share"):
        Taper(inner=1.0, outer=1.5)
