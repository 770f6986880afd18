"""The page that lists photographs, used in a browser."""

import pytest

from blindsr.report.facts import Facts
from blindsr.report.index import index_page
from tests.browser import DESKTOP, LOOKS, PHONE, complaints

pytestmark = pytest.mark.slow

PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
LONG = "It was stored as JPEG before; the first file, if you have it, is better input."


def facts(name, side, blend, gain, warnings=()):
    return Facts(
        name=name,
        width=side,
        height=side,
        seconds=1.5,
        sentence="Treated as a web picture.",
        treated_as="a photograph straight from a camera",
        blend=blend,
        warnings=warnings,
        thumbnail=PICTURE,
        expected=(gain, gain - 0.3, gain + 0.3),
        psnr=30.0,
        gain=gain,
    )


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    path = tmp_path_factory.mktemp("list") / "all.html"
    photographs = {
        "b.html": facts(
            "b_a_name_that_is_too_long_for_one_line_of_a_telephone.jpg", 640, 0.4, 0.5, (LONG, LONG)
        ),
        "a.html": facts("a.png", 960, 1.0, 0.1),
        "c.html": facts("c.png", 800, 0.95, -0.2),
    }
    path.write_text(index_page(photographs, [("d.png", "not an image")], title="3 photographs"), "utf-8")
    return path


@pytest.mark.parametrize("size", [DESKTOP, PHONE, (820, 1180)])
def test_no_column_is_cut(visit, listed, size):
    with visit(listed, size) as opened:
        wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window
        for cell in opened.page.locator("tbody td, tbody th").all():
            box = cell.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= size[0])


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_columns_are_sorted_on_a_phone_too(visit, listed, size):
    def names():
        return [text[0] for text in opened.page.locator("tbody th").all_inner_texts()]

    with visit(listed, size) as opened:
        assert names() == ["b", "a", "c"]
        for column, wanted in (
            ("blend", "acb"),
            ("expected gain", "bac"),
            ("pixels", "acb"),
            ("warnings", "bac"),
        ):
            opened.page.get_by_role("button", name=column).click()
            opened.eventually(names, list(wanted))  # descending


def test_a_phone_shows_what_each_value_is(visit, listed):
    with visit(listed, PHONE) as opened:
        row = opened.page.locator("tbody tr").first
        shown = row.locator("td").evaluate_all(
            "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
        )
        for label in ("treated as", "blend", "warnings", "expected gain, dB"):
            assert f'"{label}' in " ".join(shown).replace('" ": "', ": ") or label in " ".join(shown)
        assert LONG in row.inner_text()


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_screen_readers_find_nothing_to_complain_of(visit, listed, size, dark):
    with visit(listed, size, dark) as opened:
        assert complaints(opened.page) == []
