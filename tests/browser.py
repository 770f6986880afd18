"""Pages in a real browser: headless Chromium, by Playwright, where both are there."""

import os
import shutil
import time
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP, PHONE = (1280, 900), (390, 844)
LOOKS = ((DESKTOP, False), (PHONE, True))
"""Window and dark colours: the size changes where things stand, the scheme their colours, and neither depends
on the other."""


class Visit:
    """A page that is open, and what it did that it should not."""

    def __init__(self, page, faults):
        self.page, self.faults = page, faults

    def pixels(self, selector="body"):
        """(H, W, 3) uint8 of what is seen of the first element."""
        shot = self.page.locator(selector).first.screenshot(animations="disabled")
        return np.asarray(Image.open(BytesIO(shot)).convert("RGB"))

    def eventually(self, ask, wanted, seconds=10.0):
        """``ask()`` comes to give what is wanted; fails with what it gave last."""
        end = time.monotonic() + seconds
        while (found := ask()) != wanted and time.monotonic() < end:
            self.page.wait_for_timeout(30)
        assert found == wanted

    def centre(self, selector):
        """Of the element, in the window's pixels: x, y."""
        box = self.page.locator(selector).first.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def complaints(page):
    """What keeps a screen reader or weak eyes from reading the page, as axe finds it: (rule, element) each;
    skips where axe is missing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]})  # others: in short
    return [(v["id"], v["nodes"][0]["html"][:120]) for v in found.response["violations"]]


@pytest.fixture(scope="session")
def chromium():
    """A running browser; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright (the extra 'test')")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("needs Chromium (apt-get install chromium, or its path in CHROMIUM)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Opens a file in a window of its own. At the end there was no error, and nothing was asked of a
    network."""
    faults = []

    @contextmanager
    def open_page(path, size=DESKTOP, dark=False, scripts=True):
        phone = size[0] < 600
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=scripts,
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: faults.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("requestfailed", lambda request: faults.append(f"not loaded: {request.url[:80]}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:"))
                else faults.append(f"asked: {request.url}")
            ),
        )
        page.goto(path.resolve().as_uri())
        yield Visit(page, faults)
        context.close()

    yield open_page
    assert faults == []
