"""The page of a photograph, used in a browser."""

import base64
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from blindsr.estimation import Analysis
from blindsr.io.photo import Photo
from blindsr.report.photograph import photograph_page
from blindsr.report.places import ORDINARY
from blindsr.restoration.expected_loss import bicubic_alone
from tests.browser import LOOKS, PHONE, complaints
from tests.report.results import BLUE, RED, flat, gaussian, record, result, spectral

pytestmark = pytest.mark.slow

NEAR = 6
"""Levels by which a screenshot may be off: the edges of one colour beside another."""
SIDE = 40
STAGE = ".view:not([hidden]) .stage"
OURS = ".view:not([hidden]) [data-version='blindsr']"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Bicubic is red all over, ours blue, the original a pattern of single pixels, 80x80."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    made = result(flat(RED, SIDE, SIDE), flat(BLUE, 2 * SIDE, 2 * SIDE))
    path.write_text(photograph_page(made, record(made), original=Photo(checks())), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A result of 1400x1440 pixels with an edge that differs at row 300, column 1000; blend 0.8."""
    path = tmp_path_factory.mktemp("large") / "large.html"
    small = (0.4 + 0.02 * torch.linspace(0, 1, 720)).expand(3, 700, -1).clone()
    small[:, 100:200, 500:] += 0.2
    small[:, 500:560, 100:] += 0.1
    plain = result(small)
    sharp = plain.photo.image.clone()
    sharp[:, 180:220, 1000:] += 0.1
    sharp[:, 980:1000, 200:] += 0.05
    kernel = gaussian(2.5, 2.5)
    camera = replace(bicubic_alone(2), camera=0.9)
    analysis = Analysis(kernel=kernel, spectral=spectral(kernel), combination=camera)
    made = result(small, sharp, analysis=analysis, notes=("a note that is long enough to need two lines",))
    asked = record(made)
    asked["settings"]["restoration"]["trust"] = 0.8
    path.write_text(photograph_page(made, asked), encoding="utf-8")
    return path


def checks():
    """(3, 80, 80): pixels black and white by turns, and a green square of 4 at row 8, column 60."""
    rows, columns = torch.meshgrid(torch.arange(80), torch.arange(80), indexing="ij")
    image = ((rows + columns) % 2).float().expand(3, -1, -1).clone()
    image[:, 8:12, 60:64] = torch.tensor([0.0, 1.0, 0.0])[:, None, None]
    return image


def like(pixel, colour):
    return np.abs(pixel.astype(int) - colour).max() <= NEAR


def divided(opened):
    opened.page.get_by_role("button", name="Divider").click()
    return opened.page.locator(".split").first


def middle_row(pixels):
    """Colours a quarter from the left and from the right, and from the top, away from what lies over them."""
    height, width = pixels.shape[:2]
    return pixels[3 * height // 4, width // 4], pixels[3 * height // 4, 3 * width // 4]


def at_eight(opened, stage=STAGE):
    """The stage's pixels at 8:1."""
    opened.page.get_by_role("button", name="Eight to one").click()
    opened.eventually(opened.page.locator("[data-percent]").inner_text, "800 %")
    return opened.pixels(stage)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_it_opens_at_one_to_one_on_the_most_different_place(visit, large, size, dark):
    with visit(large, size, dark) as opened:
        assert opened.page.locator("[data-percent]").inner_text() == "100 %"
        assert "Place 1 of" in opened.page.locator("[data-where]").inner_text()
        assert "differ most" in opened.page.locator(".view:visible figcaption").inner_text()
        zoomed = opened.page.locator(f"{OURS} .layer").evaluate(
            "layer => new DOMMatrix(layer.style.transform).a"
        )
        assert zoomed == 1
        pane = opened.page.locator(OURS).bounding_box()
        layer = opened.page.locator(f"{OURS} .layer").bounding_box()
        assert pane["x"] - layer["x"] < 416 - pane["width"] / 2  # the picture is in the middle of the pane
        wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window  # nothing sticks out
        assert opened.page.locator(STAGE).bounding_box()["y"] < size[1] / 2 + 100  # seen without scrolling


def test_arrow_keys_go_to_the_next_places_and_back(visit, large):
    with visit(large) as opened:
        where = opened.page.locator("[data-where]")
        count = int(where.inner_text().split(":")[0].split()[-1])
        assert count >= 2
        opened.page.keyboard.press("ArrowRight")  # nothing was clicked
        opened.eventually(lambda: where.inner_text().split(":")[0], f"Place 2 of {count}")
        opened.page.locator(STAGE).focus()
        opened.page.keyboard.press("ArrowLeft")
        opened.page.locator(STAGE).focus()
        opened.page.keyboard.press("ArrowUp")
        opened.eventually(lambda: where.inner_text(), f"Place {count} of {count}: {ORDINARY}")
        opened.page.get_by_role("button", name="Next place").click()
        assert "Place 1 of" in where.inner_text()
        assert opened.page.locator("[data-percent]").inner_text() == "100 %"


def test_all_versions_are_side_by_side_where_there_is_room(visit, page, large):
    with visit(large) as opened:
        boxes = [box.bounding_box() for box in opened.page.locator(f"{STAGE} .pane.shown").all()]
        assert len(boxes) == 3
        assert len({box["y"] for box in boxes}) == 1
        assert len({round(box["width"]) for box in boxes}) == 1
        assert opened.page.get_by_role("button", name="Side by side").get_attribute("aria-pressed") == "true"
    with visit(large, PHONE) as opened:
        assert opened.page.locator(f"{STAGE} .pane.shown").count() == 2  # under a divider
        opened.page.get_by_role("button", name="Side by side").click()
        assert opened.page.locator(f"{STAGE} .pane.shown").count() == 3
        wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window


def test_both_versions_are_seen_left_and_right_of_a_divider_that_is_dragged(visit, page):
    with visit(page, dark=True) as opened:
        split = divided(opened)
        pixels = at_eight(opened)
        assert [like(*pair) for pair in zip(middle_row(pixels), (RED, BLUE), strict=True)] == [True, True]
        x, y = opened.centre(STAGE)
        width = opened.page.locator(STAGE).bounding_box()["width"]
        opened.page.mouse.move(x, y)
        opened.page.mouse.down()
        opened.page.mouse.move(x + 0.4 * width, y, steps=4)
        opened.page.mouse.up()
        pixels = opened.pixels(STAGE)
        assert [like(seen, RED) for seen in middle_row(pixels)] == [
            True,
            True,
        ]  # the divider is right of both
        assert split.input_value() > "80"


def test_the_divider_is_moved_by_keys_and_says_where_it_is(visit, page):
    with visit(page) as opened:
        split = divided(opened)
        at_eight(opened)
        split.focus()
        opened.page.keyboard.press("Home")
        assert like(middle_row(opened.pixels(STAGE))[0], BLUE)
        assert "bicubic on the left 0 percent" in split.get_attribute("aria-valuetext")
        opened.page.keyboard.press("End")
        assert like(middle_row(opened.pixels(STAGE))[1], RED)
        assert "bicubic on the left 100 percent" in split.get_attribute("aria-valuetext")


def test_any_two_versions_are_compared_and_swapped(visit, page):
    with visit(page) as opened:
        divided(opened)
        opened.page.get_by_label("Right").select_option("original")
        opened.page.get_by_role("button", name="Swap").click()
        assert like(middle_row(at_eight(opened))[1], RED)
        assert opened.page.locator(".pane.on-left .tag").inner_text() == "original"


def test_a_pixel_of_the_picture_is_a_square_of_one_colour_and_all_versions_move_together(visit, page):
    with visit(page) as opened:
        pane = f"{STAGE} [data-version='original']"
        seen = at_eight(opened, pane)[50:-20, 20:-20, 0].astype(int)
        assert set(np.unique(seen)) <= {0, 255}  # neither smoothed nor recompressed
        changes = np.flatnonzero(np.diff(seen[40])) + 1
        assert len(changes) > 10
        assert set(np.diff(changes)) == {8}
        opened.page.locator(STAGE).focus()
        opened.page.keyboard.press("Shift+ArrowLeft")
        opened.page.keyboard.press("Shift+ArrowUp")
        layers = opened.page.locator(f"{STAGE} .pane[data-version] .layer")
        moved = {layers.nth(n).evaluate("layer => layer.style.transform") for n in range(layers.count())}
        assert len(moved) == 1
        assert not np.array_equal(opened.pixels(pane)[50:-20, 20:-20, 0], seen)


def stored(opened, version):
    """(H, W, 3) int: the picture of a version as the page holds it."""
    address = opened.page.locator(f"{STAGE} [data-version='{version}'] img").get_attribute("src")
    return np.asarray(Image.open(BytesIO(base64.b64decode(address.split(",")[1]))).convert("RGB")).astype(int)


def drawn(opened):
    """(H, W, 3) int: what the slider's canvas holds."""
    canvas = opened.page.locator(f"{OURS} canvas")
    canvas.wait_for(state="attached")
    address = canvas.evaluate("canvas => canvas.toDataURL()")  # PNG
    return np.asarray(Image.open(BytesIO(base64.b64decode(address.split(",")[1]))).convert("RGB")).astype(int)


def test_the_slider_changes_the_pixels_as_computed_and_says_the_trust(visit, large):
    with visit(large) as opened:
        bicubic, ours = stored(opened, "bicubic"), stored(opened, "blindsr")
        assert np.abs(ours - bicubic).max() > 10
        slider = opened.page.locator("[data-slider]")
        for strength, wanted in ((0.0, "0"), (0.5, "0.40"), (1.25, "1.00"), (1.5, ", which ends at 1")):
            slider.fill(str(strength))
            exact = np.clip(bicubic + strength * (ours - bicubic), 0, 255)
            opened.eventually(lambda exact=exact: bool(np.abs(drawn(opened) - exact).max() <= 0.5), True)
            assert f"--trust {wanted}".replace(" ,", ",") in opened.page.locator("[data-trust]").inner_text()
            assert slider.get_attribute("aria-valuetext").startswith(f"{strength:.2f}, ")
        shown = opened.pixels(OURS)
        opened.page.get_by_role("button", name="Next place").click()
        opened.page.get_by_role("button", name="Previous place").click()
        np.testing.assert_array_equal(opened.pixels(OURS), shown)  # drawn there too


def test_at_strength_one_the_picture_itself_is_shown(visit, large):
    with visit(large) as opened:
        opened.page.add_style_tag(content=".tag { visibility: hidden }")  # its letters are drawn again
        before = opened.pixels(OURS)
        slider = opened.page.locator("[data-slider]")
        slider.fill("0.3")
        drawn(opened)
        slider.fill("1")
        opened.eventually(opened.page.locator(f"{OURS} canvas").is_visible, False)
        np.testing.assert_array_equal(opened.pixels(OURS), before)
        assert "as made, --trust 0.80" in opened.page.locator("[data-trust]").inner_text()
        slider.focus()
        opened.page.keyboard.press("ArrowLeft")
        assert slider.input_value() == "0.95"


def test_wheel_drag_and_keys_zoom_and_move(visit, large):
    def shown(opened):
        return int(opened.page.locator("[data-percent]").inner_text().split()[0])

    def moved(opened):
        return opened.page.locator(f"{OURS} .layer").evaluate("layer => layer.style.transform")

    with visit(large) as opened:
        x, y = opened.centre(OURS)
        opened.page.mouse.move(x + 80, y + 90)
        opened.page.mouse.wheel(0, -300)
        assert shown(opened) == 100  # the page scrolls, as nobody chose the picture
        opened.page.evaluate("scrollTo(0, 0)")
        opened.page.mouse.click(x + 80, y + 90)
        opened.page.mouse.wheel(0, -300)
        opened.eventually(lambda: shown(opened) > 100, True)
        before = moved(opened)
        opened.page.mouse.down()
        opened.page.mouse.move(x - 20, y + 40, steps=5)
        opened.page.mouse.up()
        assert moved(opened) != before
        for key, wanted in (("1", 100), ("+", 150), ("-", 100), ("8", 800), ("1", 100)):
            opened.page.keyboard.press(key)
            assert shown(opened) == wanted
        opened.page.keyboard.press("0")
        assert opened.page.locator(".view:visible").count() == 1
        assert opened.page.locator(".overview").is_visible()
        opened.page.locator(".mark").first.click()
        assert "every pixel" in opened.page.locator(".view:visible figcaption").inner_text()
        assert shown(opened) == 100


def test_two_fingers_zoom_on_a_phone(visit, page):
    with visit(page, PHONE) as opened:
        opened.page.locator(STAGE).scroll_into_view_if_needed()
        x, y = opened.centre(STAGE)  # the divider: fingers are away from it
        session = opened.page.context.new_cdp_session(opened.page)
        for kind, spread in (("touchStart", 60), ("touchMove", 90), ("touchMove", 120), ("touchEnd", None)):
            points = (
                [] if spread is None else [{"x": x - spread, "y": y + 60}, {"x": x + spread, "y": y + 60}]
            )
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        opened.page.wait_for_timeout(200)
        assert int(opened.page.locator("[data-percent]").inner_text().split()[0]) == pytest.approx(
            200, abs=10
        )


def test_a_screen_of_two_pixels_for_one_shows_nothing_smoothed(chromium, page):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
    opened = context.new_page()
    opened.goto(page.resolve().as_uri())
    assert opened.locator("[data-percent]").inner_text() == "100 %"
    shot = opened.locator(f"{STAGE} [data-version='original'] img").screenshot()
    seen = np.asarray(Image.open(BytesIO(shot)).convert("RGB"))[100:140, 20:140, 0]  # under the tag
    assert set(np.unique(seen)) <= {0, 255}
    assert set(np.diff(np.flatnonzero(np.diff(seen[10].astype(int))))) == {2}
    context.close()


def test_without_scripts_all_versions_are_there_one_below_another(visit, page):
    with visit(page, scripts=False) as opened:
        pictures = opened.page.locator(".view img")
        assert pictures.count() == 4
        tops = [pictures.nth(n).bounding_box()["y"] for n in range(4)]
        assert tops == sorted(set(tops))


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_screen_readers_find_nothing_to_complain_of(visit, large, page, dark, size):
    for path in (large, page):
        with visit(path, size, dark=dark) as opened:
            for button in ("Divider", "Whole"):
                opened.page.get_by_role("button", name=button).click()
                assert complaints(opened.page) == []
