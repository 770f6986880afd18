"""Features: free of tone scale, nearly of turns and of crops; each tells what it is made to tell."""

import numpy as np
import pytest
import torch

from benchmarks.everyday import operations as op
from blindsr.analysis.features import FeatureConfig, picture_features
from srbase.errors import InputError
from tests.pictures import photo

CONFIG = FeatureConfig()
WITHOUT_SEARCH = FeatureConfig(history=None)
ROUNDING = 0.02  # of a tenth of the range in 16 bits, on logarithms
TURNED = 0.25  # edges at ties, and windows that do not lie on the same pixels
CROPPED = 0.6  # other content
ODD = (slice(0, 211), slice(0, 297))


def tensor(pixels):
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 255


def small(way="lanczos", size=(240, 240)):
    pixels = (photo("astronaut").permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return op.resize(pixels, size, way)


def named(image, config=WITHOUT_SEARCH, **known):
    found = picture_features(image, config, **known)
    return dict(zip(found.names, found.values, strict=True))


def same(first, second, tolerance, but=()):
    for name, value in first.items():
        if not any(name.startswith(part) for part in but):
            assert value == pytest.approx(second[name], abs=tolerance, nan_ok=True), name


def test_a_tenth_of_the_tones_in_16_bits_has_the_same_features():
    image = tensor(small())
    dark = (image * 0.1 * 65535).round() / 65535
    same(named(image), named(dark), ROUNDING, but=("floor", "top", "quiet"))
    # these are compared with the rounding noise, which both pictures have
    same(named(image), named(dark), 0.2)


def test_an_added_grey_level_changes_nothing():
    image = tensor(small()) * 0.5
    same(named(image), named(image + 0.25), ROUNDING)


@pytest.mark.parametrize("turn", [lambda x: x.flip(1), lambda x: x.flip(2), lambda x: x.transpose(1, 2)])
def test_turned_pictures_are_nearly_the_same(turn):
    image = tensor(small())[:, *ODD]
    same(named(image), named(turn(image).contiguous()), TURNED)


def test_a_crop_is_nearly_the_same():
    image = tensor(small())
    whole, part = named(image), named(image[:, 10:-10, 10:-10])
    same(whole, part, CROPPED, but=("quiet", "floor", "contrast"))  # of few windows


def test_gray_pictures_have_no_colour_features():
    found = named(tensor(small())[:1])
    assert np.isnan(found["chroma.4"])
    assert np.isnan(found["coherence.high"])
    assert np.isfinite(found["power.8"])
    assert tuple(found) == tuple(named(tensor(small())))


def test_sharpening_raises_power_and_edges():
    plain, sharp = small(), op.unsharp(small(), 1.0, 100)
    before, after = named(tensor(plain)), named(tensor(sharp))
    assert after["power.10"] > before["power.10"] + 0.5
    assert after["overshoot.near"] > before["overshoot.near"] + 0.005
    assert after["rise.3"] > before["rise.3"]


@pytest.mark.parametrize("factor", [1.3, 1.5, 1.8])
def test_an_enlargement_is_found_with_its_factor(factor):
    few = round(300 / factor)
    large = op.resize(small(size=(few, few)), (300, 300), "bicubic")
    found = picture_features(tensor(large), CONFIG)
    assert found.earlier_factor == pytest.approx(300 / few, abs=0.02)
    assert picture_features(tensor(small(size=(300, 300))), CONFIG).earlier_factor is None


def test_the_steps_of_a_jpeg_are_found_in_the_pixels():
    found = picture_features(tensor(op.jpeg(small(), 80)), CONFIG)
    values = dict(zip(found.names, found.values, strict=True))
    assert found.jpeg is not None
    assert values["jpeg.low"] > np.log(4)
    assert values["jpeg.grid"] > 0.1
    known = named(tensor(op.jpeg(small(), 80)), jpeg=found.jpeg)
    assert known["jpeg.low"] == pytest.approx(values["jpeg.low"])


def test_grain_raises_the_floor():
    plain = small()
    noisy = op.grain(plain, 8.0, 0.0, np.random.default_rng(1))
    assert named(tensor(noisy))["floor.12"] > named(tensor(plain))["floor.12"] + 1


@pytest.mark.parametrize("shape", [(2, 80, 80), (3, 60, 200), (80, 80)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InputError, match="wanted"):
        picture_features(torch.zeros(shape), CONFIG)


def test_a_flat_picture_has_finite_features_where_it_has_any():
    found = picture_features(torch.full((3, 80, 96), 0.5), WITHOUT_SEARCH)
    assert not np.isinf(found.values).any()


def test_the_input_is_only_read():
    image = tensor(small())
    before = image.clone()
    picture_features(image, CONFIG)
    assert torch.equal(image, before)
