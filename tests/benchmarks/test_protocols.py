"""Protocols: kernels that are what they say, pollution of the size they say."""

import numpy as np
import pytest
import torch

from benchmarks.data import kernels
from benchmarks.data.protocols import PROTOCOLS, protocol
from blindsr.errors import InputError
from blindsr.imaging.resample import downscale
from tests.benchmarks.bench_fakes import photograph

CENTRED = 1e-3  # HR px; a shape that reaches the window's edge loses a little in the shift
CENTRED_FOUR = 0.01  # HR px; a long motion, applied twice, loses its ends to the 31x31 window
AREA = 0.07  # of a shape's variance: summing into cells takes 1/12 px^2 off


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_kernel_is_on_the_phase_and_comes_again(name):
    for seed in range(5):
        kernel = protocol(name).draw(np.random.default_rng(seed)).kernel
        assert np.abs(kernel.centre_offset).max() < CENTRED
        again = protocol(name).draw(np.random.default_rng(seed)).kernel
        assert np.array_equal(kernel.array, again.array)
        four = protocol(name).four(kernel)
        assert four.scale == 4
        assert np.abs(four.centre_offset).max() < CENTRED_FOUR


def test_a_disc_and_a_box_have_the_moments_of_their_shapes(monkeypatch):
    monkeypatch.setattr(kernels, "DISC_RADIUS", (3.0, 3.0))
    monkeypatch.setattr(kernels, "BOX_WIDTH", (4.0, 4.0))
    rng = np.random.default_rng(0)
    assert np.diag(kernels.disc(rng).covariance) == pytest.approx([9 / 4] * 2, rel=AREA)  # r^2 / 4
    assert np.diag(kernels.box(rng).covariance) == pytest.approx([16 / 12] * 2, rel=AREA)  # w^2 / 12


def test_a_motion_lies_along_its_angle(monkeypatch):
    monkeypatch.setattr(kernels, "MOTION_LENGTH", (6.0, 6.0))

    class Forty:
        values = iter([6.0, np.radians(40)])

        def uniform(self, low, high):
            return next(self.values)

    covariance = kernels.motion(Forty()).covariance
    values, axes = np.linalg.eigh(covariance)
    direction = axes[:, 1] * np.sign(axes[1, 1])  # (y, x) of the long axis
    assert np.degrees(np.arctan2(direction[0], direction[1])) == pytest.approx(40, abs=2)
    assert values[1] > 6 * values[0]


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
        for name in ("div2krk", "jpeg95", "jpeg85", "jpeg70")
    ]
    assert errors == sorted(errors)
    assert errors[1] > 2 * errors[0]
    gray = PROTOCOLS["jpeg85"].shrink(image[:1], kernel, np.random.default_rng(0))
    assert gray.shape[0] == 1


def test_an_unknown_protocol_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"protocol 'lanczos' is unknown; wanted one of div2krk, bicubic, disc"
    ):
        protocol("lanczos")
