r"""What kind of picture an image is: a photograph, a drawing, or pixel art.

A *drawing* is a page of text, a screen, line art, a comic, a chart. It has a few colours in flat areas, and
its edges lead from one of them to another. Five measures together tell it from a photograph:

======== ===============================================================================================
contrast of the pixels with a clear edge nearby, the share whose edge is strong: drawings have strong edges
         and flat areas and little between them; photographs have all strengths
near     of the pixels that are not flat, the share within 3 pixels of a flat area of a common colour
flat     share of pixels in flat 3x3 neighbourhoods of one of the eight commonest colours
exact    share of 3x3 neighbourhoods of exactly one colour: those of cameras have noise
abrupt   at strong edges, the range over 3x3 pixels over that of 7x7: an edge ends where it began
======== ===============================================================================================

A flat area alone says nothing: photographs have clipped skies and black backgrounds. Their other parts are
not like drawings. In doubt it is a photograph.

*Pixel art* has few colours and no antialiasing, or was enlarged by nearest neighbour: then all changes lie at
multiples of an integer factor. A photograph that was enlarged so has many colours, and stays a photograph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import maximum_filter, minimum_filter

from blindsr.names import KindChoice, KindName
from srbase.errors import InputError
from srbase.imaging.colour import luma

Levels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]

COARSE: Final = 3
"""Bits that are dropped of each channel where colours are compared coarsely."""
ABRUPT_REACH: Final = 3
"""Pixels on each side of an edge within which its range is compared."""
LARGEST_RATIO: Final = 1e6
"""Of changes at the borders of blocks to those within, where there are none within."""
LUMA_SHARES: Final = (77, 150, 29)
"""Of red, green and blue in the luma, over 256 (BT.601)."""


@dataclass(frozen=True, kw_only=True)
class KindConfig:
    """Numbers of the classification. Levels are of 8 bits. The weights are a logistic regression; the
    drawings and photographs it was fitted to are named in docs/everyday.md."""

    smallest: int = 16  # pixels a side: a smaller image shows nothing of its kind
    side: int = 192  # pixels of a sampled block
    grid: int = 4  # blocks along each axis; an image of no more pixels is used whole
    flat: int = 6  # levels: largest range of a flat 3x3 neighbourhood; a JPEG's noise beside text is larger
    clear: int = 30  # levels: least range of a clear edge
    strong: int = 80  # levels: least range of a strong edge
    reach: int = 3  # pixels from a flat area that count as near
    flat_colours: int = 8  # commonest coarse colours of flat areas
    abrupt: int = 60  # levels: least range of luma at edges whose width is measured
    weights: tuple[float, float, float, float, float] = (22.9, 8.2, 3.9, -4.9, 3.6)
    """Of contrast and abrupt, and of the decimal logarithms of near, flat and exact."""
    offset: float = -19.3  # two under the fitted one: a photograph that is called a drawing costs more
    least_share: float = 1e-3  # of near, flat and exact: less counts as so much
    least_contrast: float = 0.5  # under it, it is a photograph whatever the rest says
    least_clear: float = 0.01  # share of pixels with a clear edge: with fewer it is a photograph
    few_colours: int = 64  # exact colours that pixel art has at most where it was not enlarged
    fewest_colours: int = 8  # up to so many it is pixel art whatever its edges look like
    least_flat: float = 0.1  # share of exactly flat 3x3 neighbourhoods of pixel art with more colours
    most_ramps: float = 0.15  # share of antialiased changes in pixel art
    factors: tuple[int, int] = (2, 32)  # by which pixel art may have been enlarged
    blocks: float = 2.0  # least change at the borders of blocks over that within: JPEG leaves ringing within
    kept: float = 0.75  # share of the borders of blocks, those with the least changes, that is used
    art_colours: int = 256  # exact colours that enlarged pixel art has at most; of a gray one ``few_colours``
    art_steps: tuple[int, int] = (40, 12)  # levels: least clear step between blocks, least step at all
    art_share: float = 0.6  # of clear steps among the steps between blocks of art that was stored as JPEG
    strips: int = 16  # in which changes are looked for, of ``strip`` rows or columns each
    strip: int = 24

    def __post_init__(self) -> None:
        if not 0 <= self.flat < self.clear < self.strong:
            raise InputError(
                f"kind's flat is {self.flat}, clear {self.clear}, strong {self.strong}; wanted rising levels"
            )
        if self.side < 16 or self.grid < 1 or not 2 <= self.factors[0] <= self.factors[1]:
            raise InputError(
                f"kind's side is {self.side}, grid {self.grid}, factors {self.factors}; wanted at least 16,"
                " 1, and two factors from 2 in order"
            )


@dataclass(frozen=True)
class Blocks:
    """The blocks of an enlargement by nearest neighbour.

    factor: pixels a side of a block, 1 where there are none. phase: row and column of the first border
    between blocks, 0 to factor - 1.
    """

    factor: int = 1
    phase: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Kind:
    """What kind of picture an image is.

    Attributes:
        name: "photo", "drawing" or "pixels".
        blocks: of pixel art; of a photograph or drawing that was enlarged by nearest neighbour too.
        evidence: the measures, by name: "contrast", "near", "flat", "exact" and "abrupt" (see the module),
            "odds" (log odds of a drawing by them), "colours" (exact, in the sample), "ramps" (share of the
            changes along rows and columns that are antialiased), "blocks" (change at the borders of blocks
            over that within).
    """

    name: KindName
    blocks: Blocks = Blocks()
    evidence: Mapping[str, float] = field(default_factory=dict)


PHOTO: Final = Kind("photo")
"""Of what was not classified."""


def classify_kind(
    image: torch.Tensor,
    config: KindConfig,
    choice: KindChoice = "auto",
) -> Kind:
    """Classify an image by a sample of its pixels, in bounded time.

    Args:
        image: (1 or 3, H, W) in 0..1; it is only read.
        config: numbers of the classification.
        choice: a kind that a person chose; "auto": the one that the image shows.

    Returns:
        Its kind, with the evidence. Of a chosen kind the blocks are found all the same.
    """
    found = _kind_shown(image, config)
    return found if choice == "auto" else replace(found, name=choice)


def _kind_shown(image: torch.Tensor, config: KindConfig) -> Kind:
    if min(image.shape[-2:]) < config.smallest:
        return Kind("photo")
    sample = _Sample.of(image, config)
    blocks, ratio = find_blocks(image, config)
    evidence = sample.evidence() | {"blocks": ratio}
    drawing = evidence["odds"] > 0
    if blocks.factor > 1 and (drawing or _is_enlarged_art(image, blocks, config)):
        return Kind("pixels", blocks, evidence)
    if _is_unenlarged_art(evidence, config):
        return Kind("pixels", Blocks(), evidence)
    return Kind("drawing" if drawing else "photo", blocks, evidence)


def _is_unenlarged_art(evidence: Mapping[str, float], config: KindConfig) -> bool:
    """Whether the measures are those of pixel art that was not enlarged: few colours, flat areas and edges
    without antialiasing; or so few colours that nothing else matters."""
    colours = evidence["colours"]
    if not 2 <= colours <= config.few_colours:
        return False
    hard = evidence["ramps"] <= config.most_ramps and evidence["exact"] >= config.least_flat
    return colours <= config.fewest_colours or hard


@dataclass(frozen=True, eq=False)
class _Sample:
    """Parts (h, w, C) of an image in 8 bits, and the range of each pixel's 3x3 neighbourhood (h, w)."""

    parts: list[Levels]
    ranges: list[Levels]
    config: KindConfig

    @classmethod
    def of(cls, image: torch.Tensor, config: KindConfig) -> _Sample:
        parts = [_levels(part) for part in _sampled(image, config)]
        return cls(parts, [_range(part) for part in parts], config)

    def evidence(self) -> dict[str, float]:
        """All measures of :class:`Kind` but ``blocks``, over all parts together."""
        config = self.config
        ranges = np.concatenate([r.ravel() for r in self.ranges])
        pixels, flat = len(ranges), ranges <= config.flat
        clear, strong = (float((ranges > least).mean()) for least in (config.clear, config.strong))
        coarse = [_packed(np.right_shift(part, COARSE, dtype=np.uint8), 8 - COARSE) for part in self.parts]
        of_flat = np.bincount(
            np.concatenate([c[r <= config.flat] for c, r in zip(coarse, self.ranges, strict=True)]),
            minlength=1 << 3 * (8 - COARSE),
        )
        order = np.argsort(of_flat)[::-1]
        seen = of_flat[order[of_flat[order] > 0]]
        common = np.zeros(len(of_flat), dtype=bool)
        common[order[: config.flat_colours]] = of_flat[order[: config.flat_colours]] > 0
        near = sum(
            int((_dilated(common[c] & (r <= config.flat), config.reach) & (r > config.flat)).sum())
            for c, r in zip(coarse, self.ranges, strict=True)
        )
        exact = np.sort(np.concatenate([_packed(part, 8).ravel() for part in self.parts]))
        colours = 1 + int((exact[1:] != exact[:-1]).sum())
        found = {
            "contrast": strong / clear if clear >= config.least_clear else 0.0,
            "near": near / max(1, int((~flat).sum())),
            "flat": float(seen[: config.flat_colours].sum()) / pixels,
            "exact": float((ranges == 0).mean()),
            "abrupt": self._abrupt(),
            "colours": float(colours),
            "ramps": self._ramps(),
        }
        return {"odds": self._odds(found)} | found

    def _odds(self, found: Mapping[str, float]) -> float:
        """Log odds of a drawing, by the logistic regression of ``KindConfig.weights``; certainly a photograph
        where there is little contrast."""
        config = self.config
        if found["contrast"] < config.least_contrast:
            return -abs(config.offset)
        shares = [np.log10(max(found[name], config.least_share)) for name in ("near", "flat", "exact")]
        values = [found["contrast"], found["abrupt"], *shares]
        return config.offset + float(np.dot(config.weights, values))

    def _abrupt(self) -> float:
        """The sum of luma's ranges over 3x3 pixels at strong edges, over that of 7x7: 1 where each edge ends
        within a pixel; 0 without strong edges."""
        narrow, wide = 0, 0
        for part in self.parts:
            bright = _luma(part).astype(np.uint8)
            near, far = (_range(bright[..., None], reach).astype(np.int64) for reach in (1, ABRUPT_REACH))
            edges = near > self.config.abrupt
            narrow, wide = narrow + int(near[edges].sum()), wide + int(far[edges].sum())
        return narrow / max(1, wide)

    def _ramps(self) -> float:
        """The share of changes along rows and columns that go on in the same direction."""
        changes, ramps = 0, 0
        for part in self.parts:
            bright = _luma(part)
            for axis in (0, 1):
                step = np.sign(np.moveaxis(np.diff(bright, axis=axis), axis, 0))
                changes += int((step != 0).sum())
                ramps += int((step[1:] * step[:-1] > 0).sum())
        return ramps / max(1, changes)


def _is_enlarged_art(image: torch.Tensor, blocks: Blocks, config: KindConfig) -> bool:
    """Whether the pixels that were enlarged have the few colours of art."""
    top, left = (phase + blocks.factor // 2 for phase in blocks.phase)
    centres = _levels(image[:, top :: blocks.factor, left :: blocks.factor])
    most = config.art_colours if len(image) == 3 else config.few_colours  # a gray photograph has 256
    exact = np.unique(_packed(centres, 8))
    if len(exact) <= most and 4 * len(exact) <= centres[..., 0].size:
        return True
    # Stored as JPEG, colours scatter. Those of neighbours are still about the same or clearly different.
    signed = centres.astype(np.int16)
    steps = np.concatenate([np.abs(np.diff(signed, axis=a)).max(axis=-1).ravel() for a in (0, 1)])
    clear, different = (int((steps > least).sum()) for least in config.art_steps)
    return clear >= config.art_share * max(1, different)


def find_blocks(image: torch.Tensor, config: KindConfig) -> tuple[Blocks, float]:
    """Find the blocks of an enlargement by nearest neighbour.

    Args:
        image: (C, H, W) in 0..1.
        config: numbers of the search.

    Returns:
        The blocks, and how many times larger the mean change is at their borders than within (at most 1e6);
        factor 1 where there are none.
    """
    profiles = [_changes_along(image.movedim(dim, -2), config) for dim in (-2, -1)]
    best, found = 0.0, Blocks()
    for factor in range(config.factors[0], config.factors[1] + 1):
        if min(len(p) for p in profiles) < 4 * factor:
            break
        (ratio, top), (across, left) = (_at_borders(profile, factor, config.kept) for profile in profiles)
        ratio = min(ratio, across)
        # a multiple of the factor has as exact blocks only where there is nothing else
        if ratio > 0 and ratio >= best:
            best, found = ratio, Blocks(factor, (top, left))
    return (found, best) if best >= config.blocks else (Blocks(), best)


def _at_borders(profile: Array, factor: int, kept: float) -> tuple[float, int]:
    """How many times larger the change is at one residue than at any other, and that residue.

    Of the borders the share ``kept`` with the least changes is used: a frame is one large change.
    """
    lines = [profile[p::factor] for p in range(factor)]
    means = np.array([line.mean() for line in lines])
    phase = int(np.argmax(means))
    within = float(np.delete(means, phase).max())
    borders = np.sort(lines[phase])
    at = float(borders[: max(1, round(kept * len(borders)))].mean())
    return min(at / max(within, 1e-9), LARGEST_RATIO) if at > 0 else 0.0, (phase + 1) % factor


def _changes_along(image: torch.Tensor, config: KindConfig) -> Array:
    """Mean change of luma from each row to the next of (C, H, W), (H - 1,), over strips of columns.

    A JPEG stores colours more coarsely, so that theirs says less.
    """
    width = image.shape[-1]
    starts = np.linspace(0, max(0, width - config.strip), config.strips).astype(int)
    if width <= config.strip * config.strips:
        columns = image
    else:
        columns = torch.cat([image[..., s : s + config.strip] for s in starts], dim=-1)
    rows = luma(columns).mul(255)[0]
    return np.asarray((rows[1:] - rows[:-1]).abs().mean(dim=-1).double().cpu().numpy())


def _sampled(image: torch.Tensor, config: KindConfig) -> Iterator[torch.Tensor]:
    """The parts (C, h, w) that are looked at: all of a small image, else blocks on an even grid; views."""
    height, width = image.shape[-2:]
    if height * width <= (config.side * config.grid) ** 2:
        yield image
        return
    places = []
    for length in (height, width):
        count = min(config.grid, max(1, length // config.side))
        places.append(np.linspace(0, max(0, length - config.side), count).astype(int))
    for top in places[0]:
        for left in places[1]:
            yield image[:, top : top + config.side, left : left + config.side]


def _levels(part: torch.Tensor) -> Levels:
    """(C, h, w) in 0..1 to (h, w, 3) of 8 bits; a gray image has three equal channels."""
    bytes_ = part.clamp(0, 1).mul(255).round().to(torch.uint8).movedim(0, -1).cpu().numpy()
    return np.ascontiguousarray(np.broadcast_to(bytes_, (*bytes_.shape[:2], 3)))


def _packed(levels: Levels, bits: int) -> npt.NDArray[np.int32]:
    """One integer for each colour."""
    red, green, blue = (levels[..., c].astype(np.int32) for c in range(3))
    return (red << 2 * bits) | (green << bits) | blue


def _luma(levels: Levels) -> npt.NDArray[np.int32]:
    """Luma (h, w), 0..255."""
    return np.asarray((levels @ np.array(LUMA_SHARES, dtype=np.int32)) >> 8, dtype=np.int32)


def _range(levels: Levels, reach: int = 1) -> Levels:
    """Largest of the channels' ranges over the square of ``2 reach + 1`` pixels, as far as it lies within."""
    size = (2 * reach + 1, 2 * reach + 1, 1)
    high, low = (pick(levels, size, mode="nearest") for pick in (maximum_filter, minimum_filter))
    return np.asarray((high - low).max(axis=-1))


def _dilated(mask: Mask, reach: int) -> Mask:
    return np.asarray(maximum_filter(mask, 2 * reach + 1, mode="nearest"))
