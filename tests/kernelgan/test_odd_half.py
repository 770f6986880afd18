"""The odd half: the score is a derivative, a leaning kernel comes back, an upright one stays."""

import numpy as np
import pytest
import torch
from skimage import data

from blindsr.errors import InputError
from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale
from kernelgan.gan.config import OddConfig
from kernelgan.odd_half import block_scores, with_odd_half
from kernelgan.spectral.cells import PAIR_OFFSETS, PAIRS, even_kernel, gaussian_pairs, offsets

V = np.array([3.0, 1.8, 0.5])
VALUES = gaussian_pairs(V)


def leaning(deviations):
    """The Gaussian of V, each pair's cells apart by +- its deviation."""
    kernel = even_kernel(V)
    y, x, mirrored_y, mirrored_x = PAIRS.T
    kernel[y, x] += VALUES * deviations
    kernel[mirrored_y, mirrored_x] -= VALUES * deviations
    return kernel


def random_lean(seed):
    """Deviations as in the papers' kernels, the centre of mass left where it is."""
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.2, len(PAIRS))
    levers = VALUES * PAIR_OFFSETS
    return drawn - np.linalg.pinv(levers) @ (levers @ drawn)


def photo(name):
    return torch.from_numpy(np.moveaxis(getattr(data, name)()[:384, :384] / 255.0, -1, 0)).float()


def small(name, kernel):
    return (downscale(photo(name), SRKernel(kernel, 2)) * 255).round().clamp(0, 255) / 255


def odd(kernel):
    turned = np.zeros_like(kernel)
    turned[1:, 1:] = kernel[1:, 1:][::-1, ::-1]
    return (kernel - turned) / 2


def baseband(kernel):
    """The transform up to 0.24 cycles per HR pixel, half the Nyquist frequency: what SR lives on."""
    waves = np.exp(2j * np.pi * np.linspace(-0.24, 0.24, 13)[:, None] * offsets())
    return waves @ kernel @ waves.T


@pytest.mark.parametrize("shape", [(45, 71), (70, 44)])
def test_the_score_is_the_likelihoods_derivative(shape):
    """Of -|y - downscale(x, k)|^2 / 2, by the deviation of each pair, x held; float64, odd sizes."""
    config = OddConfig(window=64, block=12, margin=8)
    rng = torch.Generator().manual_seed(0)
    sharp = torch.rand(3, 2 * shape[0], 2 * shape[1], generator=rng, dtype=torch.float64)
    image = torch.rand(3, *shape, generator=rng, dtype=torch.float64)
    inner = tuple(slice(8, 8 + (n - 16) // 12 * 12) for n in shape)

    def likelihood(deviations):
        error = image - downscale(sharp, SRKernel(leaning(deviations), 2))
        return -float((error[:, inner[0], inner[1]] ** 2).sum()) / 2

    residual = image - downscale(sharp, SRKernel(even_kernel(V), 2))
    scores = block_scores(sharp, residual, VALUES, config)
    assert scores.shape == (72, ((shape[0] - 16) // 12) * ((shape[1] - 16) // 12))
    step = 1e-4
    for pair in (0, 17, 40, 71):
        d = step * np.eye(72)[pair]
        difference = (likelihood(d) - likelihood(-d)) / (2 * step)
        assert scores.sum(axis=1)[pair] == pytest.approx(difference, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["astronaut", "rocket"])
def test_leaning_kernels_come_back(name):
    """Over three kernels: where one hardly leans, what a photograph pretends may be more than there is."""
    missed = np.zeros(2)
    for seed in (1, 2, 3):
        true = leaning(random_lean(seed))
        found = with_odd_half(small(name, true), SRKernel(even_kernel(V), 2)).array
        missed += [(np.abs(baseband(kernel - true)) ** 2).sum() for kernel in (even_kernel(V), found)]
        np.testing.assert_allclose(geometry.centre_of_mass(found), 6.5, atol=1e-9)
        assert found.sum() == pytest.approx(1.0)
    assert missed[1] < 0.85 * missed[0]


def test_the_even_half_stays():
    found = with_odd_half(small("astronaut", leaning(random_lean(3))), SRKernel(even_kernel(V), 2)).array
    np.testing.assert_allclose(found - odd(found), even_kernel(V), atol=1e-12)


def test_an_upright_kernel_gains_little():
    """Under two fifths of what the papers' kernels have: what one photograph's own handedness pretends."""
    found = with_odd_half(small("astronaut", even_kernel(V)), SRKernel(even_kernel(V), 2)).array
    assert np.abs(odd(found)).sum() < 0.4 * np.abs(odd(leaning(random_lean(1)))).sum()


def test_turning_the_image_turns_the_kernel():
    image = small("coffee", leaning(random_lean(4)))
    kernel = SRKernel(even_kernel(V), 2)
    upright, turned = (with_odd_half(x, kernel).array for x in (image, image.flip((-2, -1))))
    lean = odd(upright)
    assert np.corrcoef(lean.ravel(), -odd(turned).ravel())[0, 1] > 0.9  # blocks and borders differ


def test_a_flat_image_leaves_the_kernel():
    kernel = SRKernel(even_kernel(V), 2)
    found = with_odd_half(torch.full((3, 64, 64), 0.5), kernel)
    np.testing.assert_allclose(found.array, kernel.array, atol=1e-6)


def test_the_grid_of_jpeg_leaves_the_kernel():
    image = small("astronaut", leaning(random_lean(1)))
    kernel = SRKernel(even_kernel(V), 2)
    grid = torch.zeros_like(image)
    grid[:, ::8] += 0.1
    grid[:, :, ::8] += 0.1
    np.testing.assert_allclose(with_odd_half(image + grid, kernel).array, kernel.array, atol=1e-15)
    assert np.abs(with_odd_half(image, kernel).array - kernel.array).max() > 1e-4


def test_the_smallest_image_gray_and_a_repeat():
    image = small("astronaut", leaning(random_lean(5)))[:1, :64, :64]
    before = image.clone()
    first, second = (with_odd_half(image, SRKernel(even_kernel(V), 2)).array for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert torch.equal(image, before)
    assert np.isfinite(first).all()


@pytest.mark.parametrize("wrong", [{"margin": 2}, {"window": 20}, {"block": 0}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(InputError):
        OddConfig(**wrong)
