"""Photographs, drawings and pixel art are told apart."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from blindsr.analysis.kind import Blocks, KindConfig, classify_kind, find_blocks
from srbase.errors import InputError

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "camera")


def kind_of(image, choice="auto"):
    return classify_kind(image, KindConfig(), choice)


def tensor(pixels):
    pixels = np.atleast_3d(pixels)
    return torch.from_numpy(np.array(pixels)).movedim(-1, 0).float() / 255


def stored(pixels, quality):
    memory = BytesIO()
    Image.fromarray(pixels).save(memory, "JPEG", quality=quality)
    return np.asarray(Image.open(memory))


def page(shrink=Image.Resampling.LANCZOS, ink=(20, 22, 30), paper=(252, 250, 245)):
    """A page of text, drawn eight times as large and shrunk to 201x151."""
    image = Image.new("RGB", (1608, 1208), paper)
    draw = ImageDraw.Draw(image)
    for line in range(9):
        text = "Sphinx of black quartz, judge my vow"
        draw.text((70, 80 + 125 * line), text, ink, ImageFont.load_default(80))
    return np.asarray(image.resize((201, 151), shrink))


def chart():
    """Bars and a curve on white."""
    image = Image.new("RGB", (1608, 1208), "white")
    draw = ImageDraw.Draw(image)
    for bar in range(8):
        top = 300 + 97 * bar
        draw.rectangle((120 + 180 * bar, top, 240 + 180 * bar, 1130), (40, 110, 30 * bar))
    draw.line([(100, 60), (100, 1140), (1560, 1140)], (0, 0, 0), 16)
    draw.line([(x, 500 + 300 * np.sin(x / 150)) for x in range(120, 1560, 12)], (200, 30, 30), 22)
    return np.asarray(image.resize((201, 151), Image.Resampling.BICUBIC))


def sprite(factor, colours=12, cut=(0, 0), seed=0):
    """Rectangles and discs of few colours, each pixel ``factor`` pixels a side, the first ones cut off."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:37, :51]
    index = np.zeros(y.shape, int)
    for shape in range(24):
        row, column, size = rng.integers(0, 37), rng.integers(0, 51), rng.integers(2, 9)
        if shape % 2:
            inside = (y - row) ** 2 + (x - column) ** 2 < size**2
        else:
            inside = (abs(y - row) < size) & (abs(x - column) < size)
        index[inside] = shape % (colours - 1) + 1
    art = rng.integers(0, 256, (colours, 3)).astype(np.uint8)[index]
    return np.repeat(np.repeat(art, factor, 0), factor, 1)[cut[0] :, cut[1] :]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_stay_photographs(name):
    whole = getattr(data, name)()
    for pixels in (whole, stored(whole, 78), stored(whole, 95), whole[::2, 1::2]):
        assert kind_of(tensor(pixels)).kind == "photo"


def test_a_photograph_on_black_or_white_is_no_drawing():
    """Flat areas alone say nothing."""
    for colour in (0, 255):
        framed = np.pad(
            data.astronaut()[:255, 60:300], ((90, 110), (170, 120), (0, 0)), constant_values=colour
        )
        assert kind_of(tensor(framed)).kind == "photo"


@pytest.mark.parametrize("quality", [None, 92, 80])
def test_drawings_are_recognised_also_as_jpeg(quality):
    pages = [page(filter_) for filter_ in (Image.Resampling.LANCZOS, Image.Resampling.BOX)]
    for pixels in (*pages, page(ink=(230, 230, 200), paper=(25, 25, 40)), chart()):
        image = tensor(pixels if quality is None else stored(pixels, quality))
        assert kind_of(image).kind == "drawing"


def test_gray_drawings_are_recognised():
    gray = np.asarray(Image.fromarray(page()).convert("L"))
    assert kind_of(tensor(gray)).kind == "drawing"


@pytest.mark.parametrize(("factor", "cut"), [(2, (0, 0)), (3, (1, 2)), (4, (3, 0)), (5, (0, 4)), (8, (7, 1))])
def test_the_factor_and_phase_of_pixel_art_are_found(factor, cut):
    found = kind_of(tensor(sprite(factor, cut=cut)))
    assert found.kind == "pixels"
    assert found.blocks == Blocks(factor, tuple(-n % factor for n in cut))


@pytest.mark.parametrize("factor", [5, 8])
def test_pixel_art_is_found_also_as_jpeg(factor):
    found = kind_of(tensor(stored(sprite(factor, cut=(1, 3)), 92)))
    assert (found.kind, found.blocks) == ("pixels", Blocks(factor, (factor - 1, factor - 3)))


@pytest.mark.parametrize("colours", [2, 5, 30])
def test_pixel_art_that_was_not_enlarged_has_factor_1(colours):
    found = kind_of(tensor(sprite(1, colours)))
    assert (found.kind, found.blocks) == ("pixels", Blocks())


def test_an_enlarged_photograph_has_blocks_but_is_no_art():
    for name in ("astronaut", "camera"):
        pixels = np.repeat(np.repeat(getattr(data, name)()[:180, 100:300], 3, 0), 3, 1)
        found = kind_of(tensor(pixels))
        assert (found.kind, found.blocks.factor) == ("photo", 3)


def test_the_grid_of_a_jpeg_is_no_enlargement():
    blocks, ratio = find_blocks(tensor(stored(data.astronaut(), 40)), KindConfig())
    assert blocks.factor == 1
    assert ratio < KindConfig().blocks


@pytest.mark.parametrize("size", [(1, 1), (16, 37), (37, 16), (37, 31)])
def test_small_and_flat_images_are_photographs(size):
    for colour in (0.0, 0.3, 1.0):
        assert kind_of(torch.full((3, *size), colour)).kind == "photo"


def test_a_chosen_kind_stands():
    image = tensor(sprite(4))
    for choice in ("photo", "drawing", "pixels"):
        found = kind_of(image, choice)
        assert (found.kind, found.blocks.factor) == (choice, 4)


def test_the_image_is_only_read_and_the_answer_repeats():
    image = tensor(page())
    before = image.clone()
    first, second = kind_of(image), kind_of(image)
    assert torch.equal(image, before)
    assert first == second


def test_a_large_image_is_sampled():
    """The kind of a page is that of its parts."""
    tiled = np.tile(page(), (6, 7, 1))
    assert tiled.shape[0] * tiled.shape[1] > (KindConfig().side * KindConfig().grid) ** 2
    assert kind_of(tensor(tiled)).kind == "drawing"


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(InputError, match="rising levels"):
        KindConfig(clear=90)
    with pytest.raises(InputError, match="two factors"):
        KindConfig(factors=(5, 3))
