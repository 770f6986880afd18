"""The combination of least expected error: from synthetic experience, where the answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from blindsr.restoration import expected_loss, filter_bank
from blindsr.restoration.expected_loss import (
    ExpectedLossConfig,
    Experience,
    bicubic_alone,
    combine,
    experience,
    kernel_alone,
    kernel_features,
    solve,
)
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from srbase.errors import InputError
from tests.pictures import photo

NAMES = ("one", "two", "three", "resampled", "resampled.half", "power.12")
NEUTRAL = ExpectedLossConfig(risk=0.0, prior=1e-9, least_groups=0)


def two_groups(scale=2):
    """Pictures with one = +1 gain most with the first filter and K at 1; those with one = -1 at -1 and 0."""
    best = np.array([[1.0, 0.0, 1.0, 0.0], [-1.0, 0.0, 0.0, 0.5]])
    gram = np.stack([np.eye(4) * 0.4] * 2)
    basis = np.zeros((filter_bank.count(scale), 2))
    basis[0, 0], basis[5, 1] = 0.02, 0.02
    projection = np.zeros((19, 2))
    projection[1, 0], projection[3, 1] = 4.0, 0.1
    return Experience(
        scale=scale,
        names=NAMES,
        mean=np.zeros(6),
        deviation=np.ones(6),
        projection=projection,
        gates=np.zeros((19, 2)),
        axes=np.array([0.5, 0.5, 4.0]),
        centres=np.array([[4.0, 0.0, 0.0, 0.0, -4.0], [-4.0, 0.0, 0.0, 0.0, -4.0]]),
        log_weights=np.log([0.5, 0.5]),
        gram=gram,
        cross=np.einsum("pij,pj->pi", gram, best),
        usual=np.eye(4),
        basis=basis,
    )


def test_pictures_like_a_group_are_restored_as_the_group_wants():
    known = two_groups()
    first = combine(known, {"one": 1.0, "two": 0.0, "three": 0.0}, NEUTRAL)
    second = combine(known, {"one": -1.0, "two": 0.0, "three": 0.0}, NEUTRAL)
    assert first.filter[0] == pytest.approx(0.02, rel=1e-3)
    assert second.filter[0] == pytest.approx(-0.02, rel=1e-3)
    assert (first.kernel, second.kernel) == pytest.approx((1.0, 0.0), abs=1e-3)
    assert second.camera == pytest.approx(0.5, rel=1e-3)
    assert first.gain == pytest.approx(-10 * np.log10(1 - 0.8), rel=1e-2)
    assert first.reliance == 1
    assert first.slack > second.slack


def test_doubt_lowers_the_stated_gain_and_raises_its_deviation():
    sure, doubtful = (combine(two_groups(), {"one": value}, NEUTRAL) for value in (1.0, 0.0))
    assert doubtful.gain < sure.gain - 1
    assert doubtful.deviation > sure.deviation + 1


def test_opposite_advice_of_little_worth_cancels():
    known = two_groups()
    weak = replace(known, cross=0.3 * known.cross * np.array([1, 0, 0, 0]))
    assert combine(weak, {"one": 0.0}, NEUTRAL).filter[0] == pytest.approx(0.0, abs=1e-9)
    assert combine(weak, {"one": 1.0}, NEUTRAL).filter[0] == pytest.approx(0.3 * 0.02, rel=1e-3)


def test_losses_count_more_than_gains():
    gram = np.stack([np.eye(3), np.eye(3)])
    cross = np.array([[0.6, 0.0, 0.0], [-0.3, 0.0, 0.0]])
    weights = np.array([0.6, 0.4])
    plain = solve(gram, cross, np.eye(3), weights, NEUTRAL)
    careful = solve(gram, cross, np.eye(3), weights, replace(NEUTRAL, risk=3.0))
    assert 0 < careful[0] < plain[0]


def test_a_picture_like_none_falls_back_to_bicubic_interpolation():
    strange = combine(two_groups(), {"one": 9.0, "two": -8.0, "three": 0.0}, NEUTRAL)
    assert strange.beyond == pytest.approx(2 / 6)
    assert (strange.reliance, strange.kernel, strange.camera, strange.gain) == (0, 0, 0, 0)
    assert not strange.filter.any()


def test_what_is_missing_counts_as_usual():
    known = two_groups()
    missing, usual = (combine(known, found, NEUTRAL) for found in ({"one": 1.0, "two": np.nan}, {"one": 1.0}))
    np.testing.assert_array_equal(missing.filter, usual.filter)
    assert missing.beyond == 0


def test_a_kernel_that_is_not_allowed_has_no_weight_and_the_rest_does_its_best():
    known = two_groups()
    # On these pictures the kernel's inverse and the filter gain by the same, so that either alone does.
    gram = known.gram.copy()
    gram[:, 0, 2] = gram[:, 2, 0] = 0.3
    shared = replace(known, gram=gram)
    free, held = (combine(shared, {"one": 1.0}, NEUTRAL, kernel_allowed=allowed) for allowed in (True, False))
    assert free.kernel > 0.5
    assert held.kernel == 0
    assert held.gain < free.gain
    best = gram[0, 0, 0] ** -1 * known.cross[0, 0] * 0.02
    assert held.filter[0] == pytest.approx(best, rel=1e-3)
    np.testing.assert_array_equal(known.gram, two_groups().gram)  # only read


@pytest.mark.parametrize("allowed", [(True, False), (False, True), (False, False)])
def test_an_inverse_that_is_not_allowed_is_as_one_that_is_not_there(allowed):
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((7, 30, 5))
    gram, cross = np.einsum("pki,pkj->pij", rows, rows) / 30, 0.4 * rng.random((7, 5))
    weights = rng.dirichlet(np.ones(7))
    found = solve(gram, cross, np.eye(5), weights, ExpectedLossConfig(), allowed=np.array(allowed))
    assert (found[-2:][~np.array(allowed)] == 0).all()
    # Where its column costs and gains nothing, the plain solution gives it no weight either.
    held = [3 + i for i in range(2) if not allowed[i]]
    apart, nothing, usual = gram.copy(), cross.copy(), np.eye(5)
    apart[:, held] = apart[:, :, held] = 0
    for i in held:
        apart[:, i, i] = 1
    nothing[:, held] = 0
    plain = solve(apart, nothing, usual, weights, ExpectedLossConfig())
    np.testing.assert_allclose(found, plain, atol=1e-3)  # both descend by steps, not to the end


def test_both_inverses_allowed_is_the_plain_solution():
    known = two_groups()
    weights = np.array([0.3, 0.7])
    plain = solve(known.gram, known.cross, known.usual, weights, ExpectedLossConfig())
    both = solve(
        known.gram, known.cross, known.usual, weights, ExpectedLossConfig(), allowed=np.array([True, True])
    )
    np.testing.assert_array_equal(plain, both)


def test_a_small_weight_of_an_inverse_is_left_out_and_the_rest_takes_its_place():
    known = two_groups()
    gram = known.gram.copy()
    gram[:, 0, 2] = gram[:, 2, 0] = 0.3  # the first filter does a part of what K does
    best = np.array([[1.0, 0.0, 0.1, 0.0], [1.0, 0.0, 0.1, 0.0]])
    shared = replace(known, gram=gram, cross=np.einsum("pij,pj->pi", gram, best))
    kept, left = (combine(shared, {"one": 1.0}, replace(NEUTRAL, least=least)) for least in (0.0, 0.15))
    assert kept.kernel == pytest.approx(0.1, rel=1e-3)
    assert kept.filter[0] == pytest.approx(0.02, rel=1e-3)
    assert left.kernel == 0
    assert left.slack == 0
    assert left.filter[0] == pytest.approx(0.02 * shared.cross[0, 0] / gram[0, 0, 0], rel=1e-3)
    assert left.filter[0] > 1.05 * kept.filter[0]


def test_the_posterior_widens_until_enough_prototypes_count():
    rng = np.random.default_rng(0)
    prior, squared = np.log(np.full(50, 0.02)), 100 + 40 * rng.random(50)
    narrow = expected_loss.posterior(prior, squared, 0)
    wide = expected_loss.posterior(prior, squared, 12)
    assert narrow.sum() == pytest.approx(1)
    assert wide.sum() == pytest.approx(1)
    np.testing.assert_allclose(narrow, np.exp(-squared) / np.exp(-squared).sum(), rtol=1e-9)
    assert np.exp(-(wide * np.log(wide)).sum()) == pytest.approx(12, rel=1e-6)
    assert (np.argsort(wide) == np.argsort(-squared)).all()
    np.testing.assert_array_equal(expected_loss.posterior(prior, squared, 1), narrow)


def test_a_feature_counts_again_beyond_half_a_deviation_on_either_side():
    found = expected_loss.inputs_of(np.array([[0.2, 2.0, -1.5]]))
    np.testing.assert_allclose(found, [[1, 0.2, 2.0, -1.5, 0, 1.5, 0, 0, 0, 1.0]])


@pytest.mark.parametrize("bounded", [0, 1, 2])
def test_the_minimum_within_bounds_is_that_of_scipy(bounded):
    rng = np.random.default_rng(bounded)
    for _ in range(200):
        half = rng.normal(size=(5, 8))
        gram, cross = half @ half.T + 0.1 * np.eye(5), 3 * rng.normal(size=5)
        root = np.linalg.cholesky(gram)
        low, high = np.full(5, -np.inf), np.full(5, np.inf)
        low[5 - bounded :], high[5 - bounded :] = 0, 1
        oracle = optimize.lsq_linear(root.T, np.linalg.solve(root, cross), (low, high), tol=1e-14)
        found = expected_loss._bounded_minimum(gram, cross, bounded)
        np.testing.assert_allclose(found, oracle.x, atol=1e-6)  # scipy's own tolerance on the gradient


@pytest.mark.parametrize("scale", [2, 4])
def test_two_combinations_need_no_experience(scale):
    alone, bicubic = kernel_alone(scale), bicubic_alone(scale)
    assert (alone.kernel, alone.camera, bicubic.kernel, bicubic.camera) == (1, 0, 0, 0)
    for one in (alone, bicubic):
        assert one.scale == scale
        assert one.filter.shape == (filter_bank.count(scale),)
        assert not one.filter.any()
        assert one.slack == float("inf")
    assert (alone.gain, alone.deviation, alone.reliance) == (None, None, 1)
    assert (bicubic.gain, bicubic.deviation, bicubic.reliance) == (0, 0, 0)


@pytest.mark.parametrize("scale", [2, 4])
def test_the_packages_experience_is_of_its_scale(scale):
    known = experience(scale)
    assert known.scale == scale
    assert known.basis.shape == (filter_bank.count(scale), known.cross.shape[1] - 2)
    assert np.isfinite(known.gram).all()
    np.testing.assert_allclose(known.gram, known.gram.transpose(0, 2, 1))


def test_another_scale_has_no_experience():
    with pytest.raises(InputError, match="scale is 3; wanted 2 or 4"):
        experience(3)


def test_a_file_gives_back_the_experience(tmp_path):
    known, path = two_groups(), tmp_path / "some.npz"
    with path.open("wb") as file:
        np.savez(file, **known.arrays())
    read = Experience.read(path)
    assert read.names == known.names
    for name in ("gram", "cross", "basis", "projection", "centres", "usual"):
        np.testing.assert_allclose(getattr(read, name), getattr(known, name), rtol=1e-6)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="wanted one of everyday-filter"):
        Experience.read(path)


def test_features_of_the_kernel_are_those_that_were_learned_from():
    estimate = estimate_spectral(photo("chelsea")[:, :150, :150].numpy(), SpectralConfig())
    found = kernel_features(estimate)
    assert all(np.isfinite(value) for value in found.values())
    assert set(found) <= set(experience(2).names)
