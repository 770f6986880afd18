"""Protocols: kernels that are what they say, pollution of the size they say."""

import numpy as np
import pytest
import torch

from benchmarks.data.protocols import PROTOCOLS, downscale_large, protocol
from srbase.errors import InputError
from srbase.imaging.colour import to_ycc
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.bench_fakes import photograph

CENTRED = 1e-3  # HR px; a shape that reaches the window's edge loses a little in the shift
FFT_ROUNDING = 1e-12  # float64: sums of a few hundred products of numbers up to 1
OVERSHOOT = 0.004  # a grey level, more than the noise of a column's mean
CENTRED_FOUR = 0.01  # HR px; a long motion, applied twice, loses its ends to the 31x31 window


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_kernel_is_on_the_phase_and_comes_again(name):
    for seed in range(5):
        drawn = protocol(name).draw(np.random.default_rng(seed))
        kernel = drawn.kernel
        assert np.abs(kernel.centre_offset).max() < CENTRED
        again = protocol(name).draw(np.random.default_rng(seed)).kernel
        assert np.array_equal(kernel.array, again.array)
        four = protocol(name).four(drawn)
        assert four.scale == 4
        assert np.abs(four.centre_offset).max() < CENTRED_FOUR


@pytest.mark.parametrize(("name", "deviation"), [("noise1", 1.0), ("noise3", 3.0), ("noise8", 8.0)])
def test_noise_has_its_size(name, deviation):
    image = 0.25 + 0.5 * photograph(1).double()
    kernel = PROTOCOLS[name].draw(np.random.default_rng(1)).kernel
    made = PROTOCOLS[name].shrink(image, kernel, np.random.default_rng(2))
    error = (made - downscale(image, kernel)) * 255
    rounding = 1 / 12
    assert float(error.std()) == pytest.approx(np.sqrt(deviation**2 + rounding), rel=0.05)
    assert torch.allclose(made * 255, (made * 255).round(), atol=1e-9)


def test_jpeg_loses_more_at_lower_quality():
    image = photograph(2).double()
    kernel = PROTOCOLS["jpeg95"].draw(np.random.default_rng(1)).kernel
    clean = downscale(image, kernel)
    errors = [
        float((PROTOCOLS[name].shrink(image, kernel, np.random.default_rng(0)) - clean).square().mean())
        for name in ("plain", "jpeg95", "jpeg85", "jpeg70")
    ]
    assert errors == sorted(errors)
    assert errors[1] > 2 * errors[0]
    gray = PROTOCOLS["jpeg85"].shrink(image[:1], kernel, np.random.default_rng(0))
    assert gray.shape[0] == 1


def test_sharpening_and_cameras_overshoot_at_edges():
    """A step from 0.3 to 0.7 stays in its range under DIV2KRK's kernels, and leaves it where sharpened."""
    step = torch.full((3, 96, 96), 0.3, dtype=torch.float64)
    step[..., 48:] = 0.7
    most = {}
    for name in ("div2krk", "sharpened", "camera"):
        kernel = PROTOCOLS[name].draw(np.random.default_rng(1)).kernel
        most[name] = float(
            PROTOCOLS[name].shrink(step, kernel, np.random.default_rng(0)).mean(dim=(0, 1)).max()
        )
    assert most["div2krk"] < 0.7 + OVERSHOOT
    assert most["sharpened"] > 0.7 + OVERSHOOT
    assert most["camera"] > 0.7 + OVERSHOOT


def test_a_cameras_colours_are_coarser_than_its_brightness():
    image = photograph(3).double()
    kernel = PROTOCOLS["camera"].draw(np.random.default_rng(1)).kernel
    plain = to_ycc(downscale(image, kernel))
    made = to_ycc(PROTOCOLS["camera"].shrink(image, kernel, np.random.default_rng(0)))
    detail = [(x[..., 1:] - x[..., :-1]).square().mean(dim=(1, 2)) for x in (made, plain)]
    assert bool((detail[0][1:] < 0.7 * detail[1][1:]).all())
    assert float(detail[0][0]) > 0.9 * float(detail[1][0])


def test_an_unknown_protocol_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"protocol 'lanczos' is unknown; wanted one of div2krk, plain, bicubic"
    ):
        protocol("lanczos")


@pytest.mark.parametrize(("scale", "size"), [(2, (65, 71)), (4, (66, 75)), (2, (9, 12))])
def test_large_images_are_downscaled_as_small_ones(scale, size, rng):
    """Borders mirrored, sides cropped to multiples of the scale."""
    image, side = torch.from_numpy(rng.random((3, *size))), {2: 13, 4: 25}[scale]
    kernel = SRKernel(rng.random((side, side)), scale)
    assert (downscale_large(image, kernel) - downscale(image, kernel)).abs().max() < FFT_ROUNDING
