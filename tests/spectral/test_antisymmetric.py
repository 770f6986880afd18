"""The antisymmetric part: the score is a derivative, a leaning kernel comes back, an upright one stays."""

from functools import partial

import numpy as np
import pytest
import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from blindsr.spectral.antisymmetric import AntisymmetricConfig, block_scores, with_antisymmetric_part
from blindsr.spectral.cells import PAIR_OFFSETS, PAIRS, from_pairs, gaussian_pairs, offsets, symmetric_kernel
from srbase.errors import InputError
from srbase.imaging.resample import downscale
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from tests.pictures import eight_bits, photo

CONFIG = AntisymmetricConfig()
INVERSE = partial(kernel_inverse, config=InverseConfig())
EXACT = 1e-12  # float64 rounding over 169 cells
NOTHING = 1e-6  # of a cell: float32 rounding in a flat image's scores
SAME_LEAN = 0.999  # correlation: float32 rounding, grown by conjugate gradients
CENTRED = 1e-9  # cells: the solution is held to it by linear algebra

V = np.array([3.0, 1.8, 0.5])
VALUES = gaussian_pairs(V)


def leaning(deviations):
    """The Gaussian of V, each pair's cells apart by +- its deviation."""
    return symmetric_kernel(V) + from_pairs(VALUES * deviations, -VALUES * deviations)


def random_lean(seed):
    """Deviations as in the papers' kernels, the centre of mass left where it is."""
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.2, len(PAIRS))
    levers = VALUES * PAIR_OFFSETS
    return drawn - np.linalg.pinv(levers) @ (levers @ drawn)


def small(name, kernel, height=65, width=71):
    """So many LR pixels of a photograph shrunk by the kernel."""
    return eight_bits(downscale(photo(name, slice(2 * height), slice(2 * width)), SRKernel(kernel, 2)))


def large(name, kernel):
    """Enough of it to learn from."""
    return small(name, kernel, 191, 187)


def found_by(image, config=CONFIG):
    """The kernel from the image, beginning with the even one."""
    return with_antisymmetric_part(image, SRKernel(symmetric_kernel(V), 2), config, INVERSE).array


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
    config = AntisymmetricConfig(window=64, block=12, margin=8)
    rng = torch.Generator().manual_seed(0)
    sharp = torch.rand(3, 2 * shape[0], 2 * shape[1], generator=rng, dtype=torch.float64)
    image = torch.rand(3, *shape, generator=rng, dtype=torch.float64)
    inner = tuple(slice(8, 8 + (n - 16) // 12 * 12) for n in shape)

    def likelihood(deviations):
        error = image - downscale(sharp, SRKernel(leaning(deviations), 2))
        return -float((error[:, inner[0], inner[1]] ** 2).sum()) / 2

    residual = image - downscale(sharp, SRKernel(symmetric_kernel(V), 2))
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
        found = found_by(large(name, true))
        missed += [(np.abs(baseband(kernel - true)) ** 2).sum() for kernel in (symmetric_kernel(V), found)]
        np.testing.assert_allclose(geometry.centre_of_mass(found), 6.5, atol=CENTRED)
    assert missed[1] < 0.8 * missed[0]


def test_the_even_half_stays():
    found = found_by(small("astronaut", leaning(random_lean(3))))
    np.testing.assert_allclose(found - odd(found), symmetric_kernel(V), atol=EXACT)


def test_an_upright_kernel_gains_little():
    """Under a fifth of what the papers' kernels have: what one photograph's own handedness pretends."""
    found = found_by(large("astronaut", symmetric_kernel(V)))
    assert np.abs(odd(found)).sum() < 0.2 * np.abs(odd(leaning(random_lean(1)))).sum()


def test_turning_the_image_turns_the_kernel():
    image = small("coffee", leaning(random_lean(4)), 64, 80)  # whole blocks: the same ones when turned
    upright, turned = (found_by(x) for x in (image, image.flip((-2, -1))))
    assert np.corrcoef(odd(upright).ravel(), -odd(turned).ravel())[0, 1] > SAME_LEAN


def test_a_flat_image_leaves_the_kernel():
    found = found_by(torch.full((3, 65, 71), 0.5))
    np.testing.assert_allclose(found, symmetric_kernel(V), atol=NOTHING)


def test_the_grid_of_jpeg_leaves_the_kernel():
    image = small("astronaut", leaning(random_lean(1)))
    grid = torch.zeros_like(image)
    grid[:, ::8] += 0.1
    grid[:, :, ::8] += 0.1
    np.testing.assert_allclose(found_by(image + grid), symmetric_kernel(V), atol=EXACT)
    assert np.abs(found_by(image) - symmetric_kernel(V)).max() > 10 * NOTHING


def test_the_smallest_image_gray_and_a_repeat():
    image = small("astronaut", leaning(random_lean(5)))[:1, :64, :64]
    before = image.clone()
    first, second = (found_by(image) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert torch.equal(image, before)
    assert np.abs(odd(first)).sum() > 100 * NOTHING


def test_no_cell_deviates_by_more_than_the_most():
    image = small("astronaut", leaning(random_lean(2)))
    lean = odd(found_by(image, AntisymmetricConfig(most=0.01, doubt=1e-3)))
    y, x = PAIRS[:, 0], PAIRS[:, 1]
    assert np.abs(lean[y, x] / VALUES).max() == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"margin": 2}, "margin is 2"),
        ({"window": 20}, "window is 20"),
        ({"block": 0}, "block is 0"),
    ],
)
def test_wrong_settings_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        AntisymmetricConfig(**wrong)
