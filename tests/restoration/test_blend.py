"""The restoration as a combination: which parts it is made of, and what has no part in it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import PRESETS
from blindsr.restoration import filter_bank
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.blend import restore
from blindsr.restoration.candidates import kernel_candidate
from blindsr.restoration.expected_loss import bicubic_alone, kernel_alone
from srbase.errors import InputError
from srbase.imaging.colour import luma, to_ycc
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL
from tests.pictures import eight_bits, face, through_jpeg
from zssr.solve import super_resolve

CONFIG = PRESETS["instant"].restoration
PLAIN = replace(CONFIG, zssr=replace(CONFIG.zssr, saturation=None))
TRAINED = SMALL.restoration
ANALYSIS = AnalysisConfig()
KERNELS = {2: SRKernel.bicubic(2), 4: SRKernel.bicubic(4)}
LOW, HIGH = CONFIG.sure
MIDDLE = (LOW + HIGH) / 2
SAME = 1e-6  # float32
ADDED = 4e-6  # float32 of sums of several parts, through another space of colours and back
TILED = 1e-3  # rms, a quarter of a grey level: conjugate gradients stop early, each tile's elsewhere


def made(image, combination=None, stored=None, scale=2, config=CONFIG, **asked):
    rng = torch.Generator().manual_seed(0)
    found = restore(image, KERNELS, scale, config, combination, stored, rng=rng, **asked)
    return found.image, found.trainings


def combination(kernel=0.0, camera=0.0, sharpen=0.0, scale=2, slack=float("inf")):
    """Bicubic interpolation with these weights of the inverses, and of a filter drawn at random."""
    drawn = sharpen * np.random.default_rng(2).normal(0, 0.05, filter_bank.count(scale))
    return replace(bicubic_alone(scale), kernel=kernel, camera=camera, filter=drawn, slack=slack)


@pytest.fixture(scope="module")
def lr():
    return eight_bits(downscale(face(94, 82), KERNELS[2]))


@pytest.fixture(scope="module")
def dull(lr):
    """In the middle of the range, so that no result leaves it."""
    return 0.4 + 0.2 * lr


# Bicubic interpolation


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("kernel", [0.0, MIDDLE, 1.0])
def test_no_trust_is_bicubic_interpolation(lr, scale, kernel):
    config = replace(TRAINED, trust=0.0)
    image, trainings = made(lr, combination(kernel, 0.3, 1.0, scale), scale=scale, config=config)
    assert torch.equal(image, bicubic_upscale(lr, scale).clamp(0, 1))
    assert trainings == ()


@pytest.mark.parametrize("scale", [2, 4])
def test_a_combination_of_nothing_is_bicubic_interpolation(dull, scale):
    image, trainings = made(dull, bicubic_alone(scale), scale=scale, config=TRAINED)
    torch.testing.assert_close(image, bicubic_upscale(dull, scale), atol=SAME, rtol=0)
    assert trainings == ()


# The kernel's inverse alone


@pytest.mark.parametrize("sure", [None, kernel_alone(2), combination(HIGH, 0.1, 1.0)])
def test_a_sure_kernel_is_zssrs_alone(lr, sure):
    image, trainings = made(lr, sure, config=TRAINED)
    base, rng = partial(base_upscaler, config=TRAINED.inverse), torch.Generator().manual_seed(0)
    assert torch.equal(image, super_resolve(lr, KERNELS, 2, TRAINED.zssr, base=base, rng=rng).image)
    assert [training.steps for training in trainings] == [TRAINED.zssr.max_steps]


def test_a_kernel_that_is_not_sure_trains_nothing(lr):
    image, trainings = made(lr, combination(LOW, 0.3, 1.0), config=TRAINED)
    assert image.shape == (3, 94, 82)
    assert trainings == ()


def test_between_both_the_result_is_between(dull):
    """The share of the kernel alone rises from 0 to 1; what is left is the combination."""
    half = combination(MIDDLE, 0.1, 1.0)
    never = replace(PLAIN, sure=(HIGH, 1.0))
    whole, alone = made(dull, half, config=never)[0], made(dull, config=PLAIN)[0]
    mixed, trainings = made(dull, half, config=PLAIN)
    assert (mixed - (whole + alone) / 2).abs().max() < SAME
    assert (whole - alone).abs().max() > 100 * SAME
    assert len(trainings) == 1


@pytest.mark.parametrize("kernel", [MIDDLE, 1.0])
def test_on_noise_the_kernel_is_inverted_without_a_network(lr, kernel):
    _, trainings = made(lr, combination(kernel), config=TRAINED, noisy=True)
    assert [training.steps for training in trainings] == [0]


@pytest.mark.parametrize("kernel", [0.0, MIDDLE, 1.0])
def test_half_the_trust_is_half_way_to_bicubic_interpolation(lr, kernel):
    chosen, image = combination(kernel, 0.3, 1.0), (2 * lr - 0.5).clamp(0, 1)  # much is black or white
    full, half = (made(image, chosen, config=replace(CONFIG, trust=trust))[0] for trust in (None, 0.5))
    bicubic = bicubic_upscale(image, 2).clamp(0, 1)
    assert (half - (full + bicubic) / 2).abs().max() < ADDED
    assert (full - bicubic).abs().max() > 100 * ADDED
    assert torch.equal(made(image, chosen, config=replace(CONFIG, trust=1.0))[0], full)


# The combination


@pytest.mark.parametrize("scale", [2, 4])
def test_each_part_adds_what_it_adds_alone(dull, scale):
    parts = [{"kernel": 0.4}, {"camera": 0.3}, {"sharpen": 1.0}]
    everything = {name: weight for part in parts for name, weight in part.items()}
    bicubic = bicubic_upscale(dull, scale)
    added, *each = (
        made(dull, combination(**weights, scale=scale), scale=scale, config=PLAIN)[0] - bicubic
        for weights in (everything, *parts)
    )
    torch.testing.assert_close(added, sum(each), atol=ADDED, rtol=0)
    assert min(float(one.abs().max()) for one in each) > 100 * ADDED


def test_an_inverse_counts_by_its_weight(dull):
    bicubic = bicubic_upscale(dull, 2)
    for name in ("kernel", "camera"):
        once, twice = (
            made(dull, combination(**{name: weight}), config=PLAIN)[0] - bicubic for weight in (0.2, 0.4)
        )
        torch.testing.assert_close(2 * once, twice, atol=ADDED, rtol=0)


def test_without_an_inverse_the_kernels_part_is_bicubic_interpolation(dull):
    none = replace(PLAIN, inverse=None)
    torch.testing.assert_close(
        made(dull, combination(0.4, 0.3), config=none)[0],
        made(dull, combination(0.0, 0.3), config=none)[0],
        atol=SAME,
        rtol=0,
    )
    with pytest.raises(InputError, match="no inverse of a kernel"):
        kernel_candidate(dull, KERNELS[2], None, none)


def test_colours_follow_the_kernel_alone(dull):
    bicubic = to_ycc(bicubic_upscale(dull, 2))[1:]
    chroma = {
        name: (to_ycc(made(dull, combination(**{name: 0.4}), config=PLAIN)[0])[1:] - bicubic).abs().max()
        for name in ("kernel", "camera", "sharpen")
    }
    assert chroma["kernel"] > 100 * ADDED
    assert max(chroma["camera"], chroma["sharpen"]) < ADDED


def test_brightness_stays_near_that_of_the_neighbours(lr):
    held, free = (
        luma(made(lr, combination(0.4, 0.3, 3.0, slack=slack), config=PLAIN)[0]) for slack in (0.0, 9.0)
    )
    low, high = filter_bank.local_range(luma(lr), 2)
    outside = [float(torch.maximum(low - image, image - high).max()) for image in (held, free)]
    # An RGB value that is clipped moves the luma; held between its neighbours, none needs to be.
    assert outside[0] < 0.1 < outside[1]
    inside = (luma(lr) > 0.2) & (luma(lr) < 0.8)
    calm = inside.repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert float((torch.maximum(low - held, held - high) * calm).max()) < ADDED


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("slack", [0.0, 2.0])
@pytest.mark.parametrize("kernel", [0.0, 0.4, MIDDLE])
def test_a_flat_image_stays_flat(scale, slack, kernel):
    flat = torch.full((3, 31, 37), 0.4)
    chosen = combination(kernel, 0.3, 1.0, scale, slack=slack)
    image = made(flat, chosen, scale=scale)[0]
    torch.testing.assert_close(image, torch.full_like(image, 0.4), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kernel", [0.0, 0.4, MIDDLE])
def test_a_gray_image_of_one_channel_is_that_of_three(lr, kernel):
    gray, chosen = luma(lr), combination(kernel, 0.3, 1.0, slack=1.0)
    one, three = (made(image, chosen)[0] for image in (gray, gray.expand(3, -1, -1)))
    assert one.shape == (1, 94, 82)
    torch.testing.assert_close(one.expand(3, -1, -1), three, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("chosen", "tile"),
    [
        (combination(0.0, 0.0, 1.0), 32),
        (combination(0.4, 0.3, 1.0, slack=0.5), 32),
        (combination(0.0, 0.5, 1.0, scale=4, slack=0.5), 160),
    ],
    ids=["filter", "all at x2", "camera at x4"],
)
def test_tiles_are_the_whole(chosen, tile):
    lr = eight_bits(downscale(face(74, 230 if chosen.scale == 2 else 190), KERNELS[2]))  # more than a tile
    small = replace(CONFIG, tile=tile)
    whole, tiled = (made(lr, chosen, scale=chosen.scale, config=config)[0] for config in (CONFIG, small))
    assert float((tiled - whole).square().mean().sqrt()) < (TILED if chosen.camera else SAME)


@pytest.mark.parametrize("kernel", [0.0, MIDDLE, 1.0])
def test_the_image_is_only_read_and_its_result_in_range(lr, kernel):
    before = lr.clone()
    image, _ = made(lr, combination(kernel, 0.4, 3.0))
    assert torch.equal(lr, before)
    assert 0 <= float(image.min()) <= float(image.max()) <= 1


# A JPEG


@pytest.mark.parametrize("kernel", [0.0, 0.4, MIDDLE, 1.0])
@pytest.mark.parametrize("channels", [1, 3])
def test_under_a_jpegs_noise_nothing_is_trained(lr, kernel, channels):
    image, tables = through_jpeg(lr, 60)
    stored = stored_jpeg(image, tables, ANALYSIS)
    result, trainings = made(image[:channels], combination(kernel, 0.1, 1.0), stored, config=TRAINED)
    assert trainings == ()
    assert result.shape == (channels, 94, 82)
    assert 0 <= float(result.min()) <= float(result.max()) <= 1


def test_the_tables_gain_over_not_heeding_them():
    truth = face(160, 144)
    image, tables = through_jpeg(downscale(truth, KERNELS[2]), 60)
    heeded = made(image, stored=stored_jpeg(image, tables, ANALYSIS))[0]
    plain = made(image)[0]
    errors = [float((x - truth).square().mean()) for x in (heeded, plain)]
    assert errors[0] < errors[1]


def test_colours_stored_at_half_the_size_are_interpolated(lr):
    image, tables = through_jpeg(0.4 + 0.2 * lr, 60)
    stored = stored_jpeg(image, tables, ANALYSIS)
    assert stored.tables.chroma_halved
    result = made(image, combination(0.4), stored, config=PLAIN)[0]
    bicubic = bicubic_upscale(image, 2)
    torch.testing.assert_close(to_ycc(result)[1:], to_ycc(bicubic)[1:], atol=ADDED, rtol=0)
    assert (luma(result) - luma(bicubic)).abs().max() > 100 * ADDED


# Settings


@pytest.mark.parametrize("trust", [-0.1, 1.5, float("nan")])
def test_a_trust_that_is_no_share_is_refused(trust):
    with pytest.raises(InputError, match=f"trust is {trust}; wanted 0"):
        replace(CONFIG, trust=trust)


@pytest.mark.parametrize("sure", [(-0.1, 0.5), (0.5, 0.5), (0.8, 0.5), (0.5, 1.1)])
def test_sure_is_two_rising_weights(sure):
    with pytest.raises(InputError, match="wanted two rising weights"):
        replace(CONFIG, sure=sure)


@pytest.mark.parametrize("wrong", [{"tile": 0}, {"rim": -1}])
def test_tiles_without_pixels_are_refused(wrong):
    with pytest.raises(InputError, match="wanted at least 4, and 0 or more"):
        replace(CONFIG, **wrong)


def test_the_share_of_the_kernel_alone_rises_from_none_to_all():
    shares = [CONFIG.kernel_share(weight) for weight in (0.0, LOW, MIDDLE, HIGH, 1.0)]
    assert shares == pytest.approx([0, 0, 0.5, 1, 1])
