"""matplotlib's figures within a page."""

import re
from xml.etree import ElementTree

from blindsr.report.svg import COLOURS, svg


def draw(figure):
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "o-", color=COLOURS[0], label="a & b")
    axes.grid(visible=True)
    axes.legend()


def test_two_figures_of_a_page_share_no_id_and_refer_to_their_own():
    first = svg(draw, (3, 2), name="first", title="One", text="Words")
    second = svg(draw, (3, 2), name="second", title="Two")
    ids = [re.findall(r'\bid="([^"]+)"', figure) for figure in (first, second)]
    assert not set(ids[0]) & set(ids[1])
    assert len(set(ids[0])) == len(ids[0])
    for figure, own in zip((first, second), ids, strict=True):
        used = re.findall(r'href="#([^"]+)"', figure) + re.findall(r"url\(#([^)]+)\)", figure)
        assert used
        assert set(used) <= set(own)


def test_a_figure_takes_the_pages_colours_and_says_what_it_is():
    figure = svg(draw, (3, 2), name="f", title="A <title>", text="Some words")
    root = ElementTree.fromstring(figure)
    label, words = root.get("aria-labelledby").split()
    found = {element.get("id"): element.text for element in root.iter()}
    assert (found[label], found[words]) == ("A <title>", "Some words")
    assert "var(--plot-1)" in figure
    assert "currentColor" in figure
    assert COLOURS[0] not in figure
    assert "<style" not in figure  # it would be the whole page's
    assert "a &amp; b" in figure  # text is text


def test_the_same_figure_is_the_same_text():
    assert svg(draw, (3, 2), name="f", title="t") == svg(draw, (3, 2), name="f", title="t")
