"""What a page shows of a photograph: pixels as they are, and where there is most to see."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from blindsr.io.metadata import Metadata
from blindsr.io.photo import Photo
from blindsr.report.pixels import colour_profile, colour_space, exact, nearest, shown, shrunk
from blindsr.report.places import MOST, MUCH, ORDINARY, differences
from blindsr.report.views import MOST_PIXELS, OVERVIEW_SIDE, PLACES, SIDE, SPOT, views

AB = ("a", "b")


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
    (view,) = views({"a": photograph, "b": photograph[::-1].copy()}, AB)
    assert (view.box, view.shrink, view.size) == ((0, 0, 113, 97), 1, (113, 97))
    np.testing.assert_array_equal(decoded(view.pictures["b"]), photograph[::-1])


def test_nearest_repeats_the_pixels(photograph):
    small = torch.from_numpy(photograph[:31, :37].transpose(2, 0, 1) / 255).float()
    np.testing.assert_array_equal(
        nearest(Photo(small), 62, 74), photograph[:31, :37].repeat(2, axis=0).repeat(2, axis=1)
    )
    odd = nearest(Photo(small), 47, 56)  # 1.5 times
    assert odd.shape == (47, 56, 3)
    assert {tuple(pixel) for pixel in odd.reshape(-1, 3)} <= {
        tuple(pixel) for pixel in photograph[:31, :37].reshape(-1, 3)
    }


def test_the_canvas_has_the_space_of_the_profile():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour_space(srgb) == colour_space(None) == colour_space(b"no profile") == "srgb"


def lines(height, width, period=8):
    """(H, W, 3): dark upright lines on a light ground, as an edge that a page should open on."""
    picture = np.full((height, width, 3), 200, np.uint8)
    picture[:, ::period] = 60
    return picture


def noisy(rng, levels=40):
    """(400, 600, 3) twice: gray noise that differs everywhere, and lines that differ less at one place."""
    first, second = (
        rng.normal(128, levels, (400, 600, 1)).clip(0, 255).astype(np.uint8).repeat(3, 2) for _ in "ab"
    )
    box = np.s_[304:368, 32:96]
    first[box], second[box] = lines(64, 64), lines(64, 64)
    second[box][:, ::8] -= 40
    return first, second


def test_the_most_different_place_is_not_one_of_noise(rng):
    first, second = noisy(rng)
    squares = np.square(first.astype(float) - second).mean(axis=2)
    assert squares[304:368, 32:96].mean() < squares.mean() / 5  # noise differs more
    (place,) = differences(first, second).windows(64, 1, ordinary=False)
    assert (place.top, place.left) == (304, 32)


def test_large_results_are_shown_shrunk_and_in_places_whose_pixels_are_untouched(rng):
    first = rng.integers(0, 256, (1000, 1700, 3), dtype=np.uint8)
    first[500:700, 1300:1500] = lines(200, 200)
    second = first.copy()
    second[500:700, 1300:1500] += 40
    overview, *parts = views({"a": first, "b": second}, AB)
    assert decoded(overview.pictures["a"]).shape[1] == OVERVIEW_SIDE == overview.size[0]
    assert overview.stops == ()
    assert 1 <= len(parts) <= PLACES
    assert len(parts) * SIDE**2 <= MOST_PIXELS
    for part in parts:
        left, top, width, height = part.box
        for name, whole in (("a", first), ("b", second)):
            np.testing.assert_array_equal(
                decoded(part.pictures[name]), whole[top : top + height, left : left + width]
            )
    left, top, width, height = parts[0].box
    (stop,) = parts[0].stops
    assert 1300 <= left + stop.x <= 1500  # within what differs
    assert 500 <= top + stop.y <= 700


def test_a_small_result_stops_where_versions_differ(photograph):
    picture = np.tile(lines(97, 113), (5, 5, 1))
    other = picture.copy()
    other[320:400, 400:480:8] = 0
    (view,) = views({"a": picture, "b": other}, AB)
    assert abs(view.stops[0].x - 440) <= SPOT / 2
    assert abs(view.stops[0].y - 360) <= SPOT / 2
    (same,) = views({"a": photograph, "b": photograph}, AB)
    assert len(same.stops) == 1  # there is a place to look at all the same


def test_places_are_where_versions_differ_apart_and_the_last_one_ordinary():
    first = lines(400, 608)
    second = first.copy()
    second[::2] += 4  # everywhere a little
    second[16:48, 496:544] += 40
    second[304:336, 16:64] += 20
    found = differences(first, second).windows(80, 3, ordinary=True)
    assert [place.words for place in found] == [MOST, MUCH, ORDINARY]
    assert (found[0].top <= 16, found[0].left <= 496 < found[0].left + 80) == (True, True)
    assert found[1].top <= 304 <= found[1].top + 48
    corners = [(place.top, place.left) for place in found]
    for i, a in enumerate(corners):
        for b in corners[:i]:
            assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) >= 80


def test_a_thumbnail_is_no_longer_than_asked_and_keeps_its_proportions(photograph):
    assert decoded(shrunk(photograph, 50)).shape == (43, 50, 3)


@pytest.mark.parametrize("shape", [(200, 5300), (5300, 200)])
def test_long_strips_are_shown_too(rng, shape):
    pixels = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    overview, *parts = views({"a": pixels, "b": 255 - pixels}, AB)
    assert max(overview.size) == OVERVIEW_SIDE
    assert parts
    assert all(min(decoded(part.pictures["a"]).shape[:2]) == 200 for part in parts)
