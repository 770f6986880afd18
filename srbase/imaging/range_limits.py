"""Values brought into 0..1 without moving the brightness around them.

An upscaling rings a little around edges. In the middle of the range the two signs of a ripple cancel to the
eye; beside white or black a clip takes the outer sign away, so that text on paper loses brightness and keeps
the inner half of each ripple as dots. And a network trained on the absolute error tends to the median, which
on a page is the paper. What is known of the true image x, within 0..1, is used instead, in this order:

1. The mean of a neighbourhood is what it was in the LR image y: the blurred difference between y and the
shrunk result is added back. On an ordinary photograph there is next to none.
2. Where an LR pixel is white or black, so is x below it: an average of values within the range reaches the
   range's end only if all do. A single such pixel may be noise: it counts where two of its eight neighbours
   are clipped too. Where no kernel is known, sharpening or JPEG may have clipped one channel alone; held
   there, single pixels take a colour: all channels must be clipped, each at its end. Which value is white,
   the image's tones say (:mod:`srbase.imaging.tones`).
3. x shrinks to what the result shrank to before it was brought into the range, as near as can be:
projections in turn, onto the range and by back-projection (Irani and Peleg 1991).
4. What then remains of the mean, where strokes are thinner than any blur of this kernel allows, moves the
middle tones: by ``lift * 4 x (1 - x)``, which leaves black and white as they are and makes strokes thinner
or thicker.
"""

from dataclasses import dataclass
from itertools import product
from typing import ClassVar, Final

import torch
from torch.nn import functional as F

from srbase.errors import InputError
from srbase.imaging.blur import blurred
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.imaging.tiles import tiles
from srbase.kernels.kernel import SRKernel

BLOCK, CHEAP_BLOCK = 128, 256
"""LR pixels a side of the parts that are looked at: most of a photograph is far from white and black. Larger
where no kernel is known, as the work on a part is then less than its beginning."""
BLOCK_ON_A_CARD: Final = 1024
"""The same on a graphics card, where a small part takes as long as a large one."""
LOW_KEY: Final = 0.5
"""Largest value of an image up to which its middle tones end there, and not at 1."""
NO_ROOM: Final = 1e-6
"""Mean room between two bounds under which there is none: float32's rounding."""
RIM: Final = 16
"""LR pixels around a part that are read too: beyond, a pixel has no say that shows."""


@dataclass(frozen=True, kw_only=True)
class SaturationConfig:
    """How values outside 0..1 are brought into it ; measured on Kodak 13-24, a page of text and a logo."""

    neighbourhood: float = 2.0  # LR pixels: deviation of the Gaussian over which the mean is kept
    neighbours: int = 2  # of the eight, that must be clipped too where an LR pixel counts as clipped
    projections: int = 10
    lifts: int = 2  # rounds in which the middle tones are moved
    most_lift: float = 0.25  # over it the curve of tones would turn back
    least_room: float = 0.02  # mean of 4 x (1 - x) under which there are no middle tones to speak of

    def __post_init__(self) -> None:
        if not 0 < self.neighbourhood < float("inf"):
            raise InputError(f"saturation neighbourhood is {self.neighbourhood}; wanted a number over 0")
        for name in ("projections", "lifts", "neighbours"):
            if getattr(self, name) < 0:
                raise InputError(f"saturation {name} is {getattr(self, name)}; wanted 0 or more")


@dataclass(frozen=True)
class RangeLimits:
    """most: the largest value that a result may have; the least is 0. tolerance: from either end, within
    which an LR pixel counts as clipped: half a level."""

    most: float = 1.0
    tolerance: float = 0.5 / 255

    @property
    def end(self) -> float:
        """Where the middle tones end: at ``most``, or at 1 where the image does not reach ``most``."""
        return min(self.most, 1.0)


def into_range(
    result: torch.Tensor,
    image: torch.Tensor,
    kernel: SRKernel | None,
    config: SaturationConfig,
    limits: RangeLimits = RangeLimits(),
) -> torch.Tensor:
    """An SR image of any values (C, s*H, s*W) to the limits, given the LR image (C, H, W) that it was made
    from.

    kernel: by which the result is to shrink to the image; None where none is known: then the mean of a
    neighbourhood is what it was in the result, steps 1 and 3 are left out, and values far from black and
    white stay. Else those move with the local mean alone. limits: by default those of 8 bits, 0..1.
    Deterministic.
    """
    scale = result.shape[-1] // image.shape[-1]
    grids = _Box(scale) if kernel is None else _Kernel(kernel)
    if grids.known:
        result = result + grids.enlarge(blurred(image - grids.shrink(result), config.neighbourhood))
    within = result.clone()
    side = grids.block if image.device.type == "cpu" else BLOCK_ON_A_CARD
    for block in tiles((image.shape[-2], image.shape[-1]), side, RIM):
        part = block.read(result, scale)
        read = block.read(image)
        least, most = _bounds(read, scale, limits, config.neighbours, apart=grids.known)
        if bool(((part >= least) & (part <= most)).all()):
            continue
        means = read if grids.known else grids.shrink(part)
        held = _held(part, means, grids, (least, most), limits, config)
        block.place(within, scale).copy_(block.core(held, scale))
    return within


@dataclass(frozen=True, eq=False)
class _Kernel:
    """From the SR grid to the LR grid by the kernel that made LR, and back."""

    kernel: SRKernel
    known: ClassVar[bool] = True
    block: ClassVar[int] = BLOCK

    def shrink(self, image: torch.Tensor) -> torch.Tensor:
        return downscale(image, self.kernel)

    def enlarge(self, image: torch.Tensor) -> torch.Tensor:
        return bicubic_upscale(image, self.kernel.scale)


@dataclass(frozen=True, eq=False)
class _Box:
    """The same where no kernel is known: means of the pixels below an LR pixel, which cost little."""

    scale: int
    known: ClassVar[bool] = False
    block: ClassVar[int] = CHEAP_BLOCK

    def shrink(self, image: torch.Tensor) -> torch.Tensor:
        """Strided sums: a CPU's avg_pool2d takes four times as long."""
        total = torch.zeros_like(image[..., :: self.scale, :: self.scale])
        for y, x in product(range(self.scale), repeat=2):
            total += image[..., y :: self.scale, x :: self.scale]
        return total / self.scale**2

    def enlarge(self, image: torch.Tensor) -> torch.Tensor:
        return F.interpolate(image[None], scale_factor=self.scale, mode="bilinear")[0]


def _held(
    result: torch.Tensor,
    means: torch.Tensor,
    grids: _Kernel | _Box,
    bounds: tuple[torch.Tensor, torch.Tensor],
    limits: RangeLimits,
    config: SaturationConfig,
) -> torch.Tensor:
    """Steps 2 to 4 on a block whose mean is right; means: that of each LR pixel."""
    least, most = bounds
    held = torch.clamp(result, least, most)
    if grids.known:
        wanted = grids.shrink(result).clamp(0, limits.most)
        for _ in range(config.projections):
            held.add_(grids.enlarge(wanted - grids.shrink(held))).clamp_(least, most)
    for _ in range(config.lifts):
        tones = _middle_tones(held, limits)
        off = blurred(means - grids.shrink(held), config.neighbourhood)
        room = blurred(grids.shrink(tones), config.neighbourhood)
        lift = (off / room.clamp(min=config.least_room)).clamp(-config.most_lift, config.most_lift)
        lift = grids.enlarge(blurred(lift, config.neighbourhood))
        held.add_(lift.mul_(tones)).clamp_(least, most)
    return held


def clip_keeping_means(values: torch.Tensor, config: SaturationConfig) -> torch.Tensor:
    """(C, H, W) clipped to 0..1; the middle tones make good what that takes from the mean of a neighbourhood.

    For a bicubic resize of an image within the range, which overshoots beside black and white.
    """
    result = values.clamp(0, 1)
    if torch.equal(result, values):
        return result
    peak = float(result.amax())
    end = 1.0 if peak > LOW_KEY else max(peak, torch.finfo(result.dtype).tiny)  # of tones far below white
    for plane, wanted in zip(result, values, strict=True):  # one at a time: the image may be large
        for _ in range(config.lifts):
            off = blurred(wanted - plane, config.neighbourhood)
            tones = 4 * plane * (1 - plane / end)
            room = blurred(tones, config.neighbourhood)
            lift = (off / room.clamp(min=config.least_room * end)).clamp(-config.most_lift, config.most_lift)
            plane.copy_((plane + lift * tones).clamp(0, 1))
    return result


def between_keeping_means(
    values: torch.Tensor, least: torch.Tensor, most: torch.Tensor, scale: int, config: SaturationConfig
) -> torch.Tensor:
    """Values held between bounds; those that lie inside make good what that takes from the mean of a
    neighbourhood, as in step 4.

    Args:
        values: (C, s*H, s*W); only read.
        least: the same shape, bounds below.
        most: the same shape, bounds above; at least ``least``.
        scale: from the LR grid, in whose pixels the neighbourhood is measured.
        config: numbers of the lift.

    Returns:
        (C, s*H, s*W) within the bounds.
    """
    grids, held = _Box(scale), torch.clamp(values, least, most)
    if torch.equal(held, values):
        return held
    span = (most - least).clamp(min=torch.finfo(values.dtype).eps)
    for _ in range(config.lifts):
        tones = (held - least).mul_(most - held).div_(span).mul_(4)
        off = blurred(grids.shrink(values - held), config.neighbourhood)
        room = blurred(grids.shrink(tones), config.neighbourhood)
        lift = (off / room.clamp(min=NO_ROOM)).clamp(-config.most_lift, config.most_lift)
        held.add_(tones.mul_(grids.enlarge(lift))).clamp_(least, most)
    return held


def _middle_tones(values: torch.Tensor, limits: RangeLimits) -> torch.Tensor:
    """4 x (1 - x / end): 0 at black and at the end of the tones, and beyond."""
    tones = values.mul(4).mul_(1 - (values if limits.end == 1 else values / limits.end))
    return tones if limits.most <= 1 else tones.clamp_(min=0)


def _bounds(
    image: torch.Tensor, scale: int, limits: RangeLimits, neighbours: int, *, apart: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """The least and most of each HR pixel: both the limit where its LR pixel is white, both 0 where it is
    black, else 0 and the limit. apart: each channel by itself; else only where all are clipped.
    """
    white, black = image >= limits.most - limits.tolerance, image <= limits.tolerance
    if not apart:
        whole = (white | black).all(dim=0, keepdim=True)
        white, black = white & whole, black & whole
    white, black = crowded(white, neighbours), crowded(black, neighbours)
    least, most = (
        mask.to(image.dtype).mul_(limits.most).repeat_interleave(scale, -2).repeat_interleave(scale, -1)
        for mask in (white, ~black)
    )
    return least, most


def crowded(mask: torch.Tensor, neighbours: int = SaturationConfig.neighbours) -> torch.Tensor:
    """The places (..., H, W) of a mask where at least so many of the eight neighbours are set too.

    >>> lone = torch.zeros(1, 3, 3, dtype=torch.bool)
    >>> lone[0, 1, 1] = True
    >>> bool(crowded(lone).any()), bool(crowded(~lone).any())
    (False, True)
    """
    if not bool(mask.any()):
        return mask
    count = mask.to(torch.uint8)
    for dim in (-2, -1):
        n = mask.shape[dim] - 1
        total = count.clone()
        total.narrow(dim, 1, n).add_(count.narrow(dim, 0, n))
        total.narrow(dim, 0, n).add_(count.narrow(dim, 1, n))
        count = total
    return mask & (count > neighbours)
