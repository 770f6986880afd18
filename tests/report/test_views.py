"""What a page shows of a photograph: pixels as they are, and where there is most to see."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from blindsr.io.metadata import Metadata
from blindsr.io.photo import Photo
from blindsr.report.pixels import colour_profile, exact, shown, shrunk
from blindsr.report.places import places
from blindsr.report.views import MOST_PIXELS, OVERVIEW_SIDE, PLACES, SIDE, views


def decoded(webp):
    return np.asarray(Image.open(BytesIO(webp)).convert("RGB"))


def test_pixels_come_back_as_they_are_with_their_profile(photograph):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    webp = exact(photograph, profile)
    np.testing.assert_array_equal(decoded(webp), photograph)
    assert Image.open(BytesIO(webp)).info["icc_profile"] == profile


def test_what_is_shown_is_rgb_of_eight_bits_and_transparency_is_white(image):
    pixels = shown(Photo(image, alpha=torch.zeros(1, 31, 37), bits=16))
    assert pixels.shape == (31, 37, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == 255).all()
    gray = shown(Photo(image[:1]))
    assert (gray == gray[..., :1]).all()
    np.testing.assert_array_equal(gray[..., 0], (image[0] * 255).round().numpy())


def test_the_profile_of_a_gray_photograph_is_not_put_on_rgb(image):
    metadata = Metadata(icc=b"profile")
    assert colour_profile(Photo(image[:1], metadata=metadata)) is None
    assert colour_profile(Photo(image, metadata=metadata)) == b"profile"


def test_small_results_are_shown_whole(photograph):
    (view,) = views({"a": photograph, "b": photograph[::-1].copy()})
    assert (view.box, view.shrink, view.size) == ((0, 0, 113, 97), 1, (113, 97))
    np.testing.assert_array_equal(decoded(view.pictures["b"]), photograph[::-1])


def test_large_results_are_shown_shrunk_and_in_places_whose_pixels_are_untouched(rng):
    first = rng.integers(0, 256, (1000, 1700, 3), dtype=np.uint8)
    second = first.copy()
    second[500:700, 1300:1500] ^= 128
    overview, *parts = views({"a": first, "b": second})
    assert decoded(overview.pictures["a"]).shape[1] == OVERVIEW_SIDE == overview.size[0]
    assert 1 <= len(parts) <= PLACES
    assert len(parts) * SIDE**2 <= MOST_PIXELS
    for part in parts:
        left, top, width, height = part.box
        for name, whole in (("a", first), ("b", second)):
            np.testing.assert_array_equal(
                decoded(part.pictures[name]), whole[top : top + height, left : left + width]
            )
    left, top, width, height = parts[0].box
    assert left <= 1300
    assert left + width >= 1500
    assert top <= 500
    assert top + height >= 700


def test_places_are_where_versions_differ_apart_and_the_last_one_ordinary(rng):
    first = rng.integers(0, 4, (400, 600, 3), dtype=np.uint8)
    second = first.copy()
    second[::2] += 4  # everywhere a little
    second[10:50, 500:540] += 100
    second[300:340, 20:60] += 60
    found = places(first, second, 3, 80)
    assert [place.words for place in found] == [
        "where they differ most",
        "where they differ much",
        "an ordinary place",
    ]
    assert (found[0].top <= 10, found[0].left <= 500 < found[0].left + 80) == (True, True)
    assert found[1].top <= 300 <= found[1].top + 40
    corners = [(place.top, place.left) for place in found]
    for i, a in enumerate(corners):
        for b in corners[:i]:
            assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) >= 80
    energy = [
        np.square(first[t : t + 80, c : c + 80].astype(float) - second[t : t + 80, c : c + 80]).sum()
        for t, c in corners
    ]
    assert energy[0] > energy[1] > energy[2] > 0


def test_a_thumbnail_is_no_longer_than_asked_and_keeps_its_proportions(photograph):
    assert decoded(shrunk(photograph, 50)).shape == (43, 50, 3)


@pytest.mark.parametrize("shape", [(200, 5300), (5300, 200)])
def test_long_strips_are_shown_too(rng, shape):
    pixels = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    overview, *parts = views({"a": pixels, "b": 255 - pixels})
    assert max(overview.size) == OVERVIEW_SIDE
    assert parts
    assert all(min(decoded(part.pictures["a"]).shape[:2]) == 200 for part in parts)
