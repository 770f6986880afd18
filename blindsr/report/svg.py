"""matplotlib's figures as SVG within a page: in the page's colours and font, named for screen readers."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

INK, LINE = "#010203", "#010204"
COLOURS: Final = ("#c2410c", "#0369a1", "#15803d", "#7c3aed", "#b45309", "#be185d", "#0f766e", "#64748b")
"""For the things that a figure tells apart."""
IN_THE_PAGE: Final = {
    INK: "currentColor",
    LINE: "var(--line)",
    **{colour: f"var(--plot-{number})" for number, colour in enumerate(COLOURS, 1)},
}
"""What the colours of a figure become, so that it reads on a light page and on a dark one."""

REM_AN_INCH: Final = 8
"""How large a figure may be shown, so that its text is at most a little larger than the page's."""

STYLE: Final[dict[Any, object]] = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, found, and set in the page's font
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "grid.color": LINE,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
}

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def svg(
    draw: Callable[[Figure], None],
    inches: tuple[float, float],
    *,
    name: str,
    title: str,
    text: str = "",
    edit: Callable[[ElementTree.Element], None] = lambda _: None,
) -> Markup:
    """The figure that ``draw`` fills, as an ``<svg>`` element that grows with its place.

    name: begins every id in it, so that figures of one page do not share any. title and text: what a screen
    reader says instead of it. edit: a last change of the finished tree.
    """
    buffer = BytesIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=inches, layout="compressed")
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(buffer.getvalue())
    _for_a_page(root, title, text)
    root.set("style", f"max-width: {REM_AN_INCH * inches[0]:g}rem")
    edit(root)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return Markup(_renamed(ElementTree.tostring(root, encoding="unicode"), name))


def _for_a_page(root: ElementTree.Element, title: str, text: str) -> None:
    """Make a figure's tree part of a page, in place.

    Size, metadata and style are dropped (a style within a page would be the whole page's); class, role, title
    and desc are added. :func:`_renamed` makes the ids unique.
    """
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.attrib |= {"class": "plot", "role": "img", "aria-labelledby": "title text"}
    for place, (tag, words) in enumerate((("title", title), ("desc", text))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": "title" if tag == "title" else "text"})
        element.text = words
        root.insert(place, element)


def _renamed(text: str, name: str) -> str:
    """The markup with ``name`` before each id and each reference to one, and with the page's colours."""
    ids = set(re.findall(r' id="([^"]+)"', text))
    text = re.sub(r' id="([^"]+)"', rf' id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = text.replace('aria-labelledby="title text"', f'aria-labelledby="{name}-title {name}-text"')

    def reference(found: re.Match[str]) -> str:
        return f'href="#{name}-{found[1]}"' if found[1] in ids else found[0]

    text = re.sub(r'href="#([^"]+)"', reference, text)
    for colour, page in IN_THE_PAGE.items():
        text = text.replace(colour, page)
    return text
