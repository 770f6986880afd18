"""Families of kernels have the moments of their shapes."""

import numpy as np
import pytest

from benchmarks.data import kernels

AREA = 0.07  # of a shape's variance: summing into cells takes 1/12 px^2 off


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
