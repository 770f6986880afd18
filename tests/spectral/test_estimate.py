"""The spectral estimate: known kernels come back, odd images return something sane."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from blindsr.spectral.cells import CROPPED, PAIR_OFFSETS, gaussian_pairs, pair_values, symmetric_kernel
from blindsr.spectral.config import FitConfig, ShapesConfig, SpectralConfig
from blindsr.spectral.estimate import estimate_spectral
from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from tests.pictures import photo

EVERYTHING = SpectralConfig()
GAUSSIAN = SpectralConfig(shapes=ShapesConfig(shapes=()))
ONE_TAPER = SpectralConfig(
    shapes=GAUSSIAN.shapes, fit=FitConfig(tapers=(CROPPED,), taper_probabilities=(1.0,))
)
COVARIANCE_ERROR = 1.0  # px^2, Frobenius: twice the usual error on development photographs
HALF_PLANE = 0.1  # px^2: the sampled half plane of frequencies is not the same for rows and columns
CENTRED = 1e-6  # cells
EXACTLY_GAUSSIAN = 1e-9  # of log values: float64 rounding


def shrink(image, kernel):
    """(C, H, W) correlated with the kernel, every second pixel, rounded to 8 bits."""
    blurred = np.stack([ndimage.correlate(channel, kernel) for channel in image])
    return np.clip(np.round(blurred[:, ::2, ::2] * 255), 0, 255) / 255


@pytest.fixture(scope="module")
def astronaut():
    return photo(rows=slice(0, 511), columns=slice(0, 497)).double().numpy()


@pytest.fixture(scope="module")
def slanted(astronaut):
    """It shrunk by the Gaussian of these moments."""
    return shrink(astronaut, symmetric_kernel(np.array([3.5, 1.2, 0.6])))


@pytest.mark.parametrize("v", [(3.5, 1.2, 0.6), (1.2, 3.5, -0.6), (2.0, 2.0, 0.0)])
def test_the_covariance_comes_back(astronaut, v):
    kernel = symmetric_kernel(np.array(v))
    found = estimate_spectral(shrink(astronaut, kernel), EVERYTHING)
    assert found.family == "gaussian"
    assert np.linalg.norm(found.covariance - geometry.covariance(kernel)) < COVARIANCE_ERROR
    assert found.covariance_std.max() < COVARIANCE_ERROR


@pytest.mark.parametrize("kernel", [symmetric_kernel(np.array([3.5, 1.2, 0.6])), SRKernel.bicubic(2).array])
def test_the_spectrum_that_was_fitted_is_handed_out_with_its_fit(astronaut, kernel):
    """In the order of its frequencies: more power along the axis that was blurred less."""
    found = estimate_spectral(shrink(astronaut, kernel), EVERYTHING)
    spectrum = found.spectrum
    cells = spectrum.measured.shape
    assert spectrum.explained.shape == cells
    assert spectrum.frequencies.shape == (2, *cells)
    assert np.abs(spectrum.frequencies).max() <= 0.5
    residual = float(np.sqrt(np.mean((spectrum.measured - spectrum.explained) ** 2)))
    assert residual == pytest.approx(found.misfit, rel=1e-9 if found.family == "gaussian" else 0.05)
    down, right = np.abs(spectrum.frequencies)
    high = np.hypot(down, right) > 0.3
    excess = [
        values[high & (right > down)].mean() - values[high & (right < down)].mean()
        for values in (spectrum.measured, spectrum.explained)
    ]
    if found.family == "gaussian":
        assert min(excess) > 1  # natural logarithm: the rows' variance is 2.3 px^2 larger
    assert excess[0] == pytest.approx(excess[1], abs=0.5)


def test_a_kernel_applied_twice_is_not_taken_for_a_wider_one(slanted):
    kernel = symmetric_kernel(np.array([3.5, 1.2, 0.6]))
    small = shrink(slanted, kernel)
    true = geometry.covariance(kernel)
    twice, once = (estimate_spectral(small, GAUSSIAN, scale=scale).covariance for scale in (4, 2))
    assert np.linalg.norm(twice - true) < COVARIANCE_ERROR
    assert np.trace(twice) < np.trace(once) - 0.1  # px^2; the same spectrum read as one step is wider


def test_transposing_the_image_transposes_the_covariance(slanted):
    upright = estimate_spectral(slanted, GAUSSIAN)
    lying = estimate_spectral(slanted.transpose(0, 2, 1), GAUSSIAN)
    np.testing.assert_allclose(lying.covariance, upright.covariance[::-1, ::-1], atol=HALF_PLANE)


def test_mirroring_turns_the_sign_of_the_mixed_moment(astronaut):
    small = shrink(astronaut, symmetric_kernel(np.array([2.5, 2.5, 1.5])))
    assert estimate_spectral(small, GAUSSIAN).covariance[0, 1] > 0.7
    assert estimate_spectral(small[:, :, ::-1], GAUSSIAN).covariance[0, 1] < -0.7


def off_gaussian(kernel):
    """By how much the log of the kernel's pairs is no quadratic form: 0 for a Gaussian."""
    y, x = PAIR_OFFSETS
    outermost = gaussian_pairs(np.array([2.0, 2.0, 0.0])) / np.exp(-0.25 * (y**2 + x**2))
    basis = np.stack([np.ones_like(y), y**2, x**2, y * x], axis=1)
    logs = np.log(pair_values(kernel) / outermost)
    return float(np.abs(logs - basis @ np.linalg.lstsq(basis, logs)[0]).max())


def test_cells_are_held_where_the_grid_of_jpeg_shows(slanted):
    """They would explain the grid, which is no part of any kernel; the Gaussian stays one."""
    assert off_gaussian(symmetric_kernel(np.array([3.5, 1.2, 0.6]))) < EXACTLY_GAUSSIAN
    assert off_gaussian(estimate_spectral(slanted, ONE_TAPER).kernel) > 0.01
    buffer = io.BytesIO()
    pixels = np.moveaxis(np.round(slanted * 255), 0, -1).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG", quality=60)
    decoded = np.moveaxis(np.asarray(Image.open(buffer)) / 255, -1, 0)
    assert off_gaussian(estimate_spectral(decoded, ONE_TAPER).kernel) < EXACTLY_GAUSSIAN


def odd_images():
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.arange(80), np.arange(96)) / 176
    step = np.zeros((1, 70, 64))
    step[:, :, 32:] = 1
    return {
        "black": np.zeros((3, 64, 64)),
        "white": np.ones((1, 70, 64)),
        "ramp": np.repeat(ramp[None], 3, axis=0),
        "noise": rng.uniform(size=(3, 64, 90)),
        "step": step,
        "spike": np.eye(64)[None],
        "checkerboard": np.indices((64, 64)).sum(axis=0)[None] % 2 * 1.0,
        "blurred": ndimage.gaussian_filter(rng.uniform(size=(1, 101, 97)), (0, 6, 6)),
    }


@pytest.mark.parametrize("name", odd_images())
def test_odd_images_return_a_sane_kernel(name):
    found = estimate_spectral(odd_images()[name], EVERYTHING)
    assert found.kernel.shape == (13, 13)
    assert np.isfinite(found.kernel).all()
    assert found.kernel.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(geometry.centre_of_mass(found.kernel), 6.5, atol=CENTRED)
    assert np.linalg.eigvalsh(found.posterior).min() > 0
    assert all(np.isfinite(value) for value in found.evidence.values())


def test_a_featureless_image_admits_that_it_knows_nothing(slanted):
    known = estimate_spectral(slanted, GAUSSIAN)
    unknown = estimate_spectral(np.full((3, 65, 71), 0.5), GAUSSIAN)
    assert unknown.covariance_std[0, 0] > 3 * known.covariance_std[0, 0]


def test_the_covariance_is_the_kernels(slanted):
    found = estimate_spectral(slanted, GAUSSIAN)
    np.testing.assert_allclose(geometry.covariance(found.kernel), found.covariance, atol=1e-12)


def test_the_image_is_not_written_to_and_the_result_repeats(slanted):
    small = slanted[:, :97, :113].astype(np.float32)
    before = small.copy()
    first, second = estimate_spectral(small, GAUSSIAN), estimate_spectral(small, GAUSSIAN)
    np.testing.assert_array_equal(small, before)
    np.testing.assert_array_equal(first.kernel, second.kernel)


@pytest.mark.parametrize("shape", [(3, 63, 64), (64, 64), (0, 64, 64)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(InputError):
        estimate_spectral(np.zeros(shape), EVERYTHING)


def test_not_a_number_is_refused():
    with pytest.raises(InputError, match="NaN"):
        estimate_spectral(np.full((1, 64, 64), np.nan), EVERYTHING)
