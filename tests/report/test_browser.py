"""The page of a photograph, used in a browser."""

import numpy as np
import pytest
import torch

from blindsr.io.photo import Photo
from blindsr.report.photograph import photograph_page
from tests.browser import DESKTOP, PHONE
from tests.report.results import BLUE, RED, flat, record, result

pytestmark = pytest.mark.slow

NEAR = 6
"""Levels by which a screenshot may be off: the edges of one colour beside another."""
SIDE = 40
PART = slice(60, 260)
"""Of the rows and columns of a stage: away from what lies over the picture."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Bicubic is red all over, ours blue, the original a pattern of single pixels, 80x80."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    made = result(flat(RED, SIDE, SIDE), flat(BLUE, 2 * SIDE, 2 * SIDE))
    path.write_text(photograph_page(made, record(made), original=Photo(checks())), encoding="utf-8")
    return path


def checks():
    """(3, 80, 80): pixels black and white by turns, and a green square of 4 at row 8, column 60."""
    rows, columns = torch.meshgrid(torch.arange(80), torch.arange(80), indexing="ij")
    image = ((rows + columns) % 2).float().expand(3, -1, -1).clone()
    image[:, 8:12, 60:64] = torch.tensor([0.0, 1.0, 0.0])[:, None, None]
    return image


def colours(pixels, y, left=0.25, right=0.75):
    """At this height (0..1), left and right of the middle."""
    height, width = pixels.shape[:2]
    return pixels[int(y * height), int(left * width)], pixels[int(y * height), int(right * width)]


def like(pixel, colour):
    return np.abs(pixel.astype(int) - colour).max() <= NEAR


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_both_versions_are_seen_left_and_right_of_a_divider_that_is_dragged(visit, page, size, dark):
    with visit(page, size, dark) as opened:
        left, right = colours(opened.pixels(".stage"), 0.75)
        assert like(left, RED)
        assert like(right, BLUE)
        x, y = opened.centre(".stage")
        width = opened.page.locator(".stage").first.bounding_box()["width"]
        opened.page.mouse.move(x, y)
        opened.page.mouse.down()
        opened.page.mouse.move(x + 0.4 * width, y, steps=4)
        opened.page.mouse.up()
        left, right = colours(opened.pixels(".stage"), 0.75)
        assert like(left, RED)
        assert like(right, RED)  # the divider is now right of it
        assert opened.page.locator(".split").first.input_value() > "80"
        wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window  # nothing sticks out


def test_the_divider_is_moved_by_keys_and_says_where_it_is(visit, page):
    with visit(page) as opened:
        split = opened.page.locator(".split").first
        split.focus()
        opened.page.keyboard.press("Home")
        assert like(colours(opened.pixels(".stage"), 0.75)[0], BLUE)
        assert "bicubic on the left 0 percent" in split.get_attribute("aria-valuetext")
        opened.page.keyboard.press("End")
        assert like(colours(opened.pixels(".stage"), 0.75)[1], RED)
        assert "bicubic on the left 100 percent" in split.get_attribute("aria-valuetext")


def test_any_two_versions_are_compared_and_swapped(visit, page):
    with visit(page) as opened:
        opened.page.get_by_label("Right").select_option("original")
        opened.page.get_by_role("button", name="Swap").click()
        right = colours(opened.pixels(".stage"), 0.75)[1]
        assert like(right, RED)
        assert opened.page.locator(".tag.left").first.inner_text() == "original"


def test_a_pixel_of_the_picture_is_a_square_of_one_colour_and_both_versions_move_together(visit, page):
    with visit(page) as opened:
        opened.page.get_by_label("Left").select_option("original")
        opened.page.get_by_label("Right").select_option("original")
        opened.page.get_by_role("button", name="Eight screen pixels").click()
        opened.eventually(opened.page.locator("[data-percent]").inner_text, "800 %")
        seen = opened.pixels(".stage")[PART, PART, 0].astype(int)
        assert set(np.unique(seen)) <= {0, 255}  # neither smoothed nor recompressed
        changes = np.flatnonzero(np.diff(seen[100])) + 1
        assert len(changes) > 20
        assert set(np.diff(changes)) == {8}
        layers = opened.page.locator(".view:not([hidden]) .pane[data-version] .layer")
        opened.page.locator(".stage").first.focus()
        opened.page.keyboard.press("ArrowLeft")
        opened.page.keyboard.press("ArrowUp")
        opened.page.wait_for_timeout(100)
        moved = {layers.nth(n).evaluate("layer => layer.style.transform") for n in range(layers.count())}
        assert len(moved) == 1
        assert not np.array_equal(opened.pixels(".stage")[PART, PART, 0], seen)


def test_wheel_drag_and_keys_zoom_and_pan(visit, page):
    def shown(opened):
        return int(opened.page.locator("[data-percent]").inner_text().split()[0])

    with visit(page) as opened:
        start = shown(opened)
        x, y = opened.centre(".stage")
        opened.page.mouse.move(x + 80, y + 90)
        opened.page.mouse.wheel(0, -300)
        assert shown(opened) == start  # the page scrolls, as nobody chose the picture
        opened.page.evaluate("scrollTo(0, 0)")
        opened.page.mouse.click(x + 80, y + 90)
        opened.page.mouse.wheel(0, -300)
        opened.page.wait_for_timeout(100)
        assert shown(opened) > start
        before = opened.page.locator(".layer").first.evaluate("layer => layer.style.transform")
        opened.page.mouse.down()
        opened.page.mouse.move(x - 20, y + 40, steps=5)
        opened.page.mouse.up()
        opened.page.wait_for_timeout(100)
        assert opened.page.locator(".layer").first.evaluate("layer => layer.style.transform") != before
        opened.page.keyboard.press("0")
        opened.page.wait_for_timeout(100)
        assert shown(opened) == start
        opened.page.keyboard.press("+")
        assert shown(opened) == pytest.approx(1.5 * start, abs=1)


def test_two_fingers_zoom_on_a_phone(visit, page):
    with visit(page, PHONE) as opened:
        start = opened.page.locator("[data-percent]").inner_text()
        opened.page.locator(".stage").first.scroll_into_view_if_needed()
        x, y = opened.centre(".stage")
        session = opened.page.context.new_cdp_session(opened.page)
        for kind, spread in (("touchStart", 30), ("touchMove", 60), ("touchMove", 90), ("touchEnd", None)):
            points = (
                [] if spread is None else [{"x": x - spread, "y": y + 60}, {"x": x + spread, "y": y + 60}]
            )
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        opened.page.wait_for_timeout(200)
        assert float(opened.page.locator("[data-percent]").inner_text().split()[0]) > 1.5 * float(
            start.split()[0]
        )


def test_without_scripts_all_versions_are_there_one_below_another(visit, page):
    with visit(page, scripts=False) as opened:
        pictures = opened.page.locator(".view img")
        assert pictures.count() == 3
        tops = [pictures.nth(n).bounding_box()["y"] for n in range(3)]
        assert tops == sorted(set(tops))


@pytest.mark.parametrize("dark", [False, True])
def test_screen_readers_find_nothing_to_complain_of(visit, page, dark):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    with visit(page, dark=dark) as opened:
        found = axe.Axe().run(opened.page)
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found.response["violations"]] == []


def test_a_large_photograph_is_shown_shrunk_with_places_whose_pixels_are_its_own(visit, tmp_path, rng):
    small = torch.from_numpy(rng.random((3, 700, 720), dtype=np.float32))
    made = result(small)
    (tmp_path / "large.html").write_text(photograph_page(made, record(made)), encoding="utf-8")
    with visit(tmp_path / "large.html") as opened:
        assert opened.page.locator(".view:visible").count() == 1
        opened.page.locator(".mark").first.click()
        assert "every pixel" in opened.page.locator(".view:visible figcaption").inner_text()
        last = opened.page.locator(".parts button").last
        last.click()
        assert last.get_attribute("aria-pressed") == "true"
        assert "an ordinary place" in opened.page.locator(".view:visible figcaption").inner_text()
