"""Letters over photographs, as in memes, captions and subtitles."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.everyday.operations import Pixels

WORDS: Final = (
    "the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog",
    "while", "36", "pens", "write", "1,457", "letters",
)  # fmt: skip


def sentence(rng: np.random.Generator, count: int) -> str:
    """So many of `WORDS`."""
    return " ".join(str(word) for word in rng.choice(WORDS, count))


def write_over(photograph: Pixels, rng: np.random.Generator) -> Pixels:
    """Write one to four lines over a photograph: outlined as in memes, in a box as in captions, or plain.

    Args:
        photograph: (H, W, 3), 8 bits.
        rng: draws words, places, sizes and colours.

    Returns:
        (H, W, 3), 8 bits.
    """
    image = Image.fromarray(photograph)
    canvas = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 5))):
        height = max(12, int(image.height * np.exp(rng.uniform(np.log(1 / 24), np.log(1 / 6)))))
        font = ImageFont.load_default(height)
        words = sentence(rng, int(rng.integers(2, 7)))
        words = words.upper() if rng.random() < 0.5 else words
        place = (float(rng.uniform(-0.1, 0.5) * image.width), float(rng.uniform(0, 0.9) * image.height))
        ink, paper = (tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2))
        if rng.random() < 0.7:
            ink, paper = ((255, 255, 255), (0, 0, 0)) if rng.random() < 0.7 else ((0, 0, 0), (255, 255, 255))
        style = str(rng.choice(["outlined", "boxed", "plain"], p=[0.5, 0.25, 0.25]))
        if style == "boxed":
            canvas.rectangle(canvas.textbbox(place, words, font=font), fill=paper)
        width = max(1, int(height * rng.uniform(0.04, 0.12))) if style == "outlined" else 0
        canvas.text(place, words, font=font, fill=ink, stroke_width=width, stroke_fill=paper)
    return np.asarray(image)
