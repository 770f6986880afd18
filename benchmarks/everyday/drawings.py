"""Pictures that are no photographs: a page of text, a screen, line art, pixel art. Drawn by code.

Page, screen and line art are drawn large and shrunk by Lanczos to both sizes; pixel art is enlarged by
nearest neighbour, to squares twice or four times as large in the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.everyday import operations as op
from benchmarks.everyday.kinds import Pair
from benchmarks.everyday.letters import sentence
from benchmarks.everyday.operations import Pixels
from srbase.errors import InputError

LR: Final = (240, 320)
"""Rows and columns of LR."""
LARGE: Final = 8
"""Pixels of the drawing for one of LR, along an axis."""
CELL: Final = 4
"""LR pixels a side of a square of the pixel art."""


def draw_pair(name: str, scale: float, *, quality: int | None = None, seed: int = 0) -> Pair:
    """One drawing as LR and truth.

    Args:
        name: "page", "screen", "line art" or "pixel art".
        scale: from LR to the truth, a multiple of 0.5.
        quality: of the JPEG that LR is stored as; None: of none.
        seed: of the drawing.

    Returns:
        LR of `LR` rows and columns, and the truth.

    Raises:
        InputError: where there is no such drawing.
    """
    if name not in DRAWINGS:
        raise InputError(f"drawing '{name}' is unknown; wanted one of {', '.join(DRAWINGS)}")
    rng = np.random.default_rng(seed)
    if name == "pixel art":
        art = _pixel_art(rng)
        lr, hr = (
            np.repeat(np.repeat(art, cells, axis=0), cells, axis=1) for cells in (CELL, int(CELL * scale))
        )
    else:
        large = DRAWINGS[name](rng)
        lr = op.resize(large, LR, "lanczos")
        hr = op.resize(large, (int(LR[0] * scale), int(LR[1] * scale)), "lanczos")
    return Pair(lr if quality is None else op.jpeg(lr, quality), hr)


def _canvas(colour: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (LR[1] * LARGE, LR[0] * LARGE), colour)
    return image, ImageDraw.Draw(image)


def _page(rng: np.random.Generator) -> Pixels:
    image, draw = _canvas((253, 252, 248))
    y = 60
    while y < image.height - 100:
        size = int(rng.choice([64, 72, 88]))
        draw.text((90, y), sentence(rng, 9), fill=(24, 22, 26), font=ImageFont.load_default(size))
        y += int(1.5 * size)
    return np.asarray(image)


def _screen(rng: np.random.Generator) -> Pixels:
    image, draw = _canvas((238, 240, 243))
    font = ImageFont.load_default(72)
    draw.rectangle((0, 0, image.width, 160), fill=(44, 62, 110))
    draw.text((60, 40), sentence(rng, 4), fill=(250, 250, 250), font=font)
    for row in range(4):
        for column in range(3):
            left, top = 80 + column * 820, 240 + row * 420
            fill = tuple(int(c) for c in rng.integers(120, 256, 3))
            draw.rectangle((left, top, left + 740, top + 350), fill=fill, outline=(90, 90, 100), width=8)
            draw.text((left + 40, top + 40), sentence(rng, 3), fill=(20, 20, 30), font=font)
            draw.ellipse((left + 520, top + 160, left + 680, top + 320), fill=(255, 255, 255))
    return np.asarray(image)


def _line_art(rng: np.random.Generator) -> Pixels:
    image, draw = _canvas((255, 255, 255))
    for _ in range(45):
        points = [(float(rng.uniform(0, image.width)), float(rng.uniform(0, image.height))) for _ in range(2)]
        radius = float(rng.uniform(80, 700))
        (x, y), _ = points
        draw.arc(
            (x - radius, y - radius, x + radius, y + radius),
            float(rng.uniform(0, 360)),
            float(rng.uniform(0, 720)),
            fill=(0, 0, 0),
            width=int(rng.integers(10, 28)),
        )
        draw.line(points, fill=(0, 0, 0), width=int(rng.integers(8, 20)))
    return np.asarray(image)


def _pixel_art(rng: np.random.Generator) -> Pixels:
    palette = rng.integers(0, 256, (8, 3)).astype(np.uint8)
    half = rng.integers(0, 8, (LR[0] // CELL, LR[1] // CELL // 2))
    half[rng.random(half.shape) < 0.5] = 0
    return np.ascontiguousarray(palette[np.concatenate([half, half[:, ::-1]], axis=1)])


DRAWINGS: Final[Mapping[str, Callable[[np.random.Generator], Pixels]]] = {
    "page": _page,
    "screen": _screen,
    "line art": _line_art,
    "pixel art": _pixel_art,
}
"""By name, in the order of the table."""
