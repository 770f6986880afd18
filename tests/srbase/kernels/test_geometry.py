import numpy as np
import pytest
import torch
from scipy import ndimage

from srbase.errors import InputError
from srbase.imaging.resample import downscale
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

EXACT = 1e-9  # float64 rounding over at most 33x33 cells
SPLINE = 5e-3  # a cubic spline's error for a Gaussian of deviation 1.5 cells is 0.4 % of its peak


def gaussian(size, centre, deviation=1.5):
    y, x = np.indices((size, size))
    array = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (2 * deviation**2))
    return array / array.sum()


@pytest.mark.parametrize(("size", "scale", "centre"), [(13, 2, 6.5), (25, 4, 13.5), (12, 2, 6.5)])
def test_the_wanted_centre_is_that_of_the_published_kernels(size, scale, centre):
    assert geometry.wanted_centre((size,), scale)[0] == centre


def test_an_lr_pixel_lies_in_the_centre_of_its_block():
    assert [geometry.hr_coordinate(i, 2) for i in (0, 1, 5)] == [0.5, 2.5, 10.5]
    assert geometry.hr_coordinate(3, 4) == np.mean([12, 13, 14, 15])


def test_centre_of_mass_of_a_delta_is_its_cell():
    array = np.zeros((5, 9))
    array[3, 7] = -2.0
    np.testing.assert_allclose(geometry.centre_of_mass(array), [3, 7], atol=EXACT)


def test_centre_of_mass_refuses_a_zero_sum():
    with pytest.raises(InputError, match="sums to 0"):
        geometry.centre_of_mass(np.zeros((3, 3)))


def test_covariance_of_a_slanted_pair():
    array = np.zeros((5, 5))
    array[1, 1] = array[3, 3] = 0.5
    np.testing.assert_allclose(geometry.covariance(array), [[1, 1], [1, 1]], atol=EXACT)


@pytest.mark.parametrize("size", [5, 6, 13, 14])
@pytest.mark.parametrize("new", [3, 4, 17, 18])
def test_fit_keeps_the_anchor_cell(size, new):
    array = np.zeros((size, size))
    array[geometry.anchor(size), geometry.anchor(size)] = 1.0
    fitted = geometry.crop_or_pad(array, new)
    assert fitted.shape == (new, new)
    assert fitted[geometry.anchor(new), geometry.anchor(new)] == 1.0
    assert fitted.sum() == 1.0


def test_fit_there_and_back_is_the_identity(rng):
    array = rng.random((13, 13))
    np.testing.assert_array_equal(geometry.crop_or_pad(geometry.crop_or_pad(array, 20), 13), array)


@pytest.mark.parametrize("scale", [2, 4])
def test_recentre_by_whole_cells_copies(scale):
    size = 25
    centre = geometry.wanted_centre((size, size), scale)
    wanted = gaussian(size, centre)
    moved = geometry.recentre(gaussian(size, centre + np.array([2, -3])), scale)
    np.testing.assert_allclose(moved, wanted, atol=SPLINE * wanted.max())


@pytest.mark.parametrize("off", [(0.3, -0.7), (1.5, 0.5), (-2.2, 1.9)])
def test_recentre_lands_on_the_wanted_centre_and_keeps_the_shape(off):
    centre = geometry.wanted_centre((25, 25), 2)
    moved = geometry.recentre(gaussian(25, centre + off), 2)
    np.testing.assert_allclose(geometry.centre_of_mass(moved), centre, atol=geometry.RECENTRE_TOLERANCE)
    np.testing.assert_allclose(moved, gaussian(25, centre), atol=SPLINE * moved.max())
    assert abs(moved.sum() - 1) < EXACT


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("size", [13, 14])
def test_four_quarter_turns_and_two_flips_keep_what_stays_inside(scale, size, rng):
    array = np.zeros((size, size))
    low = scale  # cells that no turn moves out of the window
    array[low:-1, low:-1] = rng.random((size - low - 1, size - low - 1))
    turned = array
    for _ in range(4):
        turned = geometry.turn(turned, scale, 1, flip=False)
    flipped = geometry.turn(geometry.turn(array, scale, 0, flip=True), scale, 0, flip=True)
    inside = (slice(low + 2, -low - 2),) * 2
    np.testing.assert_array_equal(turned[inside], array[inside])
    np.testing.assert_array_equal(flipped[inside], array[inside])


@pytest.mark.parametrize("size", [12, 13])
@pytest.mark.parametrize("scale", [2, 4])
def test_a_convolution_by_the_half_turn_is_the_correlation(rng, size, scale):
    """As other programs shrink: convolve with borders that wrap, keep every s-th pixel from the first on."""
    kernel = SRKernel(rng.random((size, size)), scale)
    image = rng.random((64, 80))
    theirs = ndimage.convolve(image, geometry.half_turn(kernel.array), mode="wrap")[::scale, ::scale]
    ours = downscale(torch.from_numpy(image)[None], kernel)[0].numpy()
    inner = slice(size // scale + 1, -(size // scale) - 1)  # where no border is seen
    np.testing.assert_allclose(theirs[inner, inner], ours[inner, inner], atol=1e-12)
    assert theirs[inner, inner].size > 9


def test_the_half_turn_lies_where_others_centre_their_kernels():
    for scale, size in ((2, 13), (4, 25)):
        turned = geometry.half_turn(SRKernel.bicubic(scale).array)
        np.testing.assert_allclose(geometry.centre_of_mass(turned), (size - scale) / 2, atol=1e-9)
