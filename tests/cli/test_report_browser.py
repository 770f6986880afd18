"""The list of pages, in a browser."""

import pytest
from PIL import Image

from tests.browser import PHONE


@pytest.mark.slow
def test_the_list_is_sorted_and_leads_to_the_pages_and_back(work, upscale, visit, photograph):
    (work / "in").mkdir()
    for name, side in (("b", 64), ("a", 96), ("c", 80)):
        Image.fromarray(photograph[:side, :side]).save(f"in/{name}.png")
    assert upscale("in", "-o", "out", "--report", "all.html")[0] == 0

    with visit(work / "all.html", PHONE) as opened:
        page = opened.page

        def names():
            return page.locator("tbody th").all_inner_texts()

        assert names() == ["a.png", "b.png", "c.png"]
        page.get_by_role("button", name="pixels").click()
        opened.eventually(names, ["a.png", "c.png", "b.png"])  # descending
        page.get_by_role("button", name="pixels").press("Enter")
        opened.eventually(names, ["b.png", "c.png", "a.png"])
        page.get_by_role("link", name="c.png").click()
        assert page.locator("h1").inner_text() == "c.png"
        assert page.locator(".stage").is_visible()
        page.get_by_role("link", name="All photographs").click()
        assert page.locator("h1").inner_text() == "3 photographs"
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window
