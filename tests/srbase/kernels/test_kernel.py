import numpy as np
import pytest
import torch

from srbase.errors import InputError
from srbase.kernels.kernel import SIZE, SRKernel, cubic

EXACT = 1e-12  # float64 rounding of a few hundred additions
ALIGNED = 1e-8  # HR pixels: the recentring stops under 1e-9, rescaling the sum adds rounding


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(5), "2-D"),
        (np.ones((2, 2, 2)), "2-D"),
        (np.full((3, 3), np.nan), "NaN"),
        (np.array([[1.0, -1.0]]), "sums to 0"),
        (np.zeros((3, 3)), "sums to 0"),
        (np.zeros((0, 3)), "2-D"),
    ],
)
def test_what_is_no_kernel_is_refused(array, message):
    with pytest.raises(InputError, match=message):
        SRKernel(array, 2)


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_scales_are_2_and_4(scale):
    with pytest.raises(InputError, match="wanted 2 or 4"):
        SRKernel(np.ones((3, 3)), scale)


def test_a_kernel_sums_to_1_is_read_only_and_leaves_its_source_alone():
    source = np.full((3, 3), 2.0)
    kernel = SRKernel(source, 2)
    assert abs(kernel.array.sum() - 1) < EXACT
    assert (source == 2.0).all()
    with pytest.raises(ValueError, match="read-only"):
        kernel.array[0, 0] = 1


@pytest.mark.parametrize("scale", [2, 4])
def test_the_bicubic_kernel_is_aligned_and_has_negative_cells(scale):
    kernel = SRKernel.bicubic(scale)
    assert kernel.shape == (SIZE[scale],) * 2
    assert np.abs(kernel.centre_offset).max() < ALIGNED
    assert kernel.array.min() < 0


@pytest.mark.parametrize("shape", [(11, 11), (12, 12), (9, 14), (1, 1)])
@pytest.mark.parametrize("scale", [2, 4])
def test_centred_is_square_odd_and_aligned(shape, scale, rng):
    kernel = SRKernel(rng.random(shape), scale).centred()
    assert kernel.shape[0] == kernel.shape[1]
    assert kernel.shape[0] % 2 == 1
    assert kernel.shape[0] >= SIZE[scale]
    assert np.abs(kernel.centre_offset).max() < ALIGNED


def test_the_x4_kernel_is_the_slow_composition(rng):
    array = rng.random((3, 3))
    kernel = SRKernel(array, 2)
    spread = np.zeros((5, 5))
    spread[::2, ::2] = kernel.array
    full = np.zeros((7, 7))
    for y, x in np.ndindex(5, 5):
        full[y : y + 3, x : x + 3] += spread[y, x] * kernel.array
    np.testing.assert_allclose(kernel.to_x4(None).array, full, atol=EXACT)


def test_the_x4_kernel_of_an_aligned_x2_kernel_is_aligned():
    x2 = SRKernel.bicubic(2)
    assert x2.to_x4(None).shape == (37, 37)
    assert np.abs(x2.to_x4(None).centre_offset).max() < ALIGNED
    assert x2.to_x4().shape == (25, 25)


def test_an_x4_kernel_has_no_x4_kernel():
    with pytest.raises(InputError, match="x2 kernel"):
        SRKernel.bicubic(4).to_x4()


def test_keys_cubic_interpolates_and_sums_to_1():
    np.testing.assert_allclose(cubic(np.array([0.0, 1.0, 2.0, -1.0, 3.0])), [1, 0, 0, 0, 0], atol=EXACT)
    assert cubic(np.array([0.5]))[0] == 0.5625  # Keys 1981 with a = -0.5: 9/16
    for phase in (0.1, 0.25, 0.5):
        assert abs(cubic(phase + np.arange(-2, 2)).sum() - 1) < EXACT


def test_tensors_are_of_the_kernel_at_hand_and_of_the_wanted_kind() -> None:
    one, other = SRKernel.bicubic(2), SRKernel(np.ones((13, 13)), 2)
    for dtype in (torch.float32, torch.float64):
        for kernel in (one, other, one):
            found = kernel.tensor(torch.zeros(1, dtype=dtype))
            assert found.dtype == dtype
            assert torch.equal(found, torch.tensor(kernel.array, dtype=dtype))
