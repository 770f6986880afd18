"""What is made of the generator's kernel."""

from dataclasses import replace

import numpy as np
import pytest

from kernelgan.config import PAPER
from kernelgan.postprocess import cut_negligible, finish

ALIGNED = 1e-6  # HR pixels


@pytest.mark.parametrize("broken", [np.full((13, 13), np.nan), np.zeros((13, 13)), np.full((13, 13), np.inf)])
def test_a_diverged_kernel_is_never_handed_on(broken: np.ndarray) -> None:
    with pytest.raises(ArithmeticError, match="diverged"):
        finish(broken, PAPER)


def test_the_kernel_is_scaled_centred_and_cropped() -> None:
    kernel = np.zeros((13, 13))
    kernel[3:6, 7:11] = 2.0
    found, larger = finish(kernel, PAPER), finish(5 * kernel, PAPER)
    assert found.shape == (13, 13)
    assert np.abs(found.centre_offset).max() < ALIGNED
    np.testing.assert_allclose(larger.array, found.array)


def test_a_rank_cuts_what_is_negligible() -> None:
    axis = np.arange(13) - 6.5
    kernel = np.exp(-np.add.outer(axis**2, axis**2) / 4) + 1e-3
    kept, cut = (finish(kernel, replace(PAPER, filter_rank=rank)).array for rank in (0, 41))
    assert cut[0, 6] < 1e-6 < kept[0, 6]  # far out nothing is left but the spline's ripples
    assert cut.max() > kept.max()


def test_cutting_negligible_cells() -> None:
    kernel = np.zeros((13, 13))
    kernel[6, 4:8] = [0.1, 0.2, 0.3, 0.4]
    cut = cut_negligible(kernel, rank=4, share=0.5)  # 0.05 is subtracted
    assert cut[6, 4:8] == pytest.approx(np.array([0.05, 0.15, 0.25, 0.35]) / 0.8)
    assert cut.sum() == pytest.approx(1)


def test_a_kernel_that_would_be_left_empty_stays() -> None:
    flat = np.full((13, 13), 1 / 169)
    assert cut_negligible(flat, rank=41, share=1.0) == pytest.approx(flat)
