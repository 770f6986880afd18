"""Symmetric filters of which bicubic interpolation is one."""

import numpy as np
import pytest
import torch

from blindsr.restoration import filter_bank as fb
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale

ROUNDING = 1e-9  # of float64 sums
SCALES = [2, 4]


def drawn(scale, seed=0):
    return np.random.default_rng(seed).normal(0, 0.05, fb.count(scale))


def plane(height=31, width=37):
    rng = np.random.default_rng(3)
    return torch.from_numpy(rng.random((1, height, width)))


@pytest.mark.parametrize("scale", SCALES)
def test_a_constant_stays_one(scale):
    made = fb.upscale(torch.full((1, 9, 11), 0.3, dtype=torch.float64), drawn(scale), scale)
    assert made.shape == (1, 9 * scale, 11 * scale)
    torch.testing.assert_close(made, torch.full_like(made, 0.3), atol=ROUNDING, rtol=0)


@pytest.mark.parametrize("scale", SCALES)
def test_no_deviation_is_bicubic_interpolation(scale):
    image = plane()
    made = fb.upscale(image, np.zeros(fb.count(scale)), scale)
    torch.testing.assert_close(made, bicubic_upscale(image, scale), atol=ROUNDING, rtol=0)


def test_bicubic_interpolation_has_the_symmetry_of_the_filters():
    """A filter that undoes bicubic interpolation within the family leaves nearest neighbour's value."""
    delta = torch.zeros(1, 15, 15, dtype=torch.float64)
    delta[0, 7, 7] = 1
    taps = bicubic_upscale(delta, 2)[0]
    torch.testing.assert_close(taps, taps.T, atol=ROUNDING, rtol=0)
    torch.testing.assert_close(taps, taps.flip(0), atol=ROUNDING, rtol=0)


def test_a_point_comes_out_as_the_mirrored_taps():
    coefficients = drawn(2)
    delta = torch.zeros(1, 15, 15, dtype=torch.float64)
    delta[0, 7, 7] = 1
    made = fb.deviate(delta, coefficients, 2)[0].numpy()
    taps = fb.taps(coefficients, 2)
    # phase 0 of LR pixel p sees the point at offset 7 - p
    seen = made[0::2, 0::2][4:11, 4:11][::-1, ::-1]
    np.testing.assert_allclose(seen, taps, atol=ROUNDING)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("turn", [lambda x: x.flip(-1), lambda x: x.flip(-2), lambda x: x.transpose(-1, -2)])
def test_turning_before_is_turning_after(scale, turn):
    image, coefficients = plane(), drawn(scale)
    first = fb.deviate(turn(image).contiguous(), coefficients, scale)
    torch.testing.assert_close(first, turn(fb.deviate(image, coefficients, scale)), atol=ROUNDING, rtol=0)


@pytest.mark.parametrize("scale", SCALES)
def test_the_sum_of_the_single_deviations(scale):
    image, coefficients = plane(), drawn(scale)
    single = fb.deviations(image[0], scale)
    summed = torch.einsum("n,nhw->hw", torch.from_numpy(coefficients), single)
    torch.testing.assert_close(summed, fb.deviate(image, coefficients, scale)[0], atol=ROUNDING, rtol=0)


@pytest.mark.parametrize("scale", SCALES)
def test_contrast_is_the_change_of_a_waves_height(scale):
    """Of a wave with a period of four LR pixels, measured in the middle of its result."""
    columns = torch.arange(48, dtype=torch.float64)
    wave = torch.cos(np.pi / 2 * columns).expand(1, 31, -1).contiguous()
    for seed in range(3):
        coefficients = drawn(scale, seed)
        change = fb.deviate(wave, coefficients, scale)[0, 15 * scale, 16 * scale : 32 * scale].numpy()
        # LR columns of the result's pixels; a column of a wave of height a is a cos(pi / 2 x)
        places = (np.arange(16 * scale, 32 * scale) + 0.5) / scale - 0.5
        height = 2 * np.mean(change * np.cos(np.pi / 2 * places))
        if scale == 4:  # where bicubic interpolation enlarges what the filter changed, and lowers it
            plain = bicubic_upscale(wave, 4)[0, 60, 64:128].numpy()
            height /= 2 * np.mean(plain * np.cos(np.pi / 2 * places))
        assert fb.contrast(coefficients, scale) == pytest.approx(height, abs=ROUNDING)


@pytest.mark.parametrize("scale", SCALES)
def test_contrast_is_linear_and_has_a_sign(scale):
    single = np.eye(fb.count(scale))[0]  # what is taken from the middle is given to its neighbours
    assert fb.contrast(np.zeros(fb.count(scale)), scale) == 0
    assert fb.contrast(0.1 * single, scale) == pytest.approx(-fb.contrast(-0.1 * single, scale))
    softened, sharpened = (fb.contrast(change * single, scale) for change in (0.05, -0.05))
    assert softened < 0 < sharpened


@pytest.mark.parametrize("call", [fb.orbits, fb.count])
def test_another_scale_has_no_filters(call):
    with pytest.raises(InputError, match="scale is 3; wanted 2 or 4"):
        call(3)


def test_the_range_of_the_neighbourhood():
    image = plane()
    low, high = fb.local_range(image, 2)
    np.testing.assert_allclose(low[0, 20, 30], image[0, 9:12, 14:17].min())
    wild = fb.upscale(image, 5 * drawn(2), 2)
    held = fb.into_local_range(wild, image, 2, 0.0)
    assert bool(((held >= low) & (held <= high)).all())
    assert not torch.equal(held, wild)
    assert torch.equal(fb.into_local_range(wild, image, 2, float("inf")), wild)
    flat = torch.full((1, 8, 8), 0.25, dtype=torch.float64)
    made = fb.into_local_range(fb.upscale(flat, drawn(2), 2), flat, 2, 0.5)
    assert torch.equal(made, torch.full_like(made, 0.25))
