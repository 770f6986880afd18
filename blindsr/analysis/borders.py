"""Black and white bars that a program laid around a picture: a letterbox, a scanner's frame.

Such bars were not there when the picture was made small, so that no kernel explains their edge: to undo a
blur there makes a bright line beside a black bar. Where bars are found, the picture within is the image, and
they are put around its result again.

A bar is a run of rows (or columns) at the border of one clipped colour. Its edge is hard: the first row
within is as far from the bar's colour as the second is. Where the bar was there before the picture was made
small, the kernel mixed both, and the edge stays part of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.io.file_evidence import FileEvidence


@dataclass(frozen=True, kw_only=True)
class BarsConfig:
    """When rows at the border are a bar. Levels are shares of the image's largest value."""

    tolerance: float = 0.012  # levels: of a bar's pixels from black or white; a JPEG's leave 3 of 255
    least: int = 2  # rows
    contrast: float = 0.1  # levels: median distance of the first row within from the bar
    hardness: float = 0.8  # least distance of the first row within from the bar, over that of the second row
    inside: int = 64  # pixels a side that must be left within

    def __post_init__(self) -> None:
        if self.least < 1 or self.inside < 2 or not 0 < self.tolerance < self.contrast < 1:
            raise InputError(
                f"bars' least is {self.least}, inside {self.inside}, tolerance {self.tolerance}, contrast"
                f" {self.contrast}; wanted at least 1, at least 2, and 0 < tolerance < contrast < 1"
            )


@dataclass(frozen=True)
class Bars:
    """Pixels of bars at each side; all 0 where there are none."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    def __bool__(self) -> bool:
        return bool(self.top or self.bottom or self.left or self.right)

    def inside(self, image: torch.Tensor) -> torch.Tensor:
        """The picture within (..., H, W); the image itself where there are no bars."""
        return self._view(image, 1).contiguous() if self else image

    def _view(self, image: torch.Tensor, scale: int) -> torch.Tensor:
        height, width = image.shape[-2:]
        return image[
            ...,
            scale * self.top : height - scale * self.bottom,
            scale * self.left : width - scale * self.right,
        ]

    def around(self, result: torch.Tensor, image: torch.Tensor, scale: int) -> torch.Tensor:
        """A result for :meth:`inside` with the image's bars around it, each pixel repeated.

        Args:
            result: (C, s*h, s*w), of the picture within.
            image: (C, H, W), the whole LR image.
            scale: from LR to HR.

        Returns:
            (C, s*H, s*W), a new tensor.
        """
        whole = image.to(result).repeat_interleave(scale, -2).repeat_interleave(scale, -1)
        self._view(whole, scale).copy_(result)
        return whole

    def inside_of_file(self, told: FileEvidence, size: tuple[int, int]) -> FileEvidence:
        """What the file tells, as it is true of the picture within an image of this size (height, width)."""
        jpeg, taken = told.jpeg, told.taken
        if jpeg is not None:
            phase = ((jpeg.phase[0] - self.top) % 8, (jpeg.phase[1] - self.left) % 8)
            jpeg = replace(jpeg, phase=phase)
        if taken is not None and sorted(taken) == sorted(size):
            taken = (size[0] - self.top - self.bottom, size[1] - self.left - self.right)
        return replace(told, jpeg=jpeg, taken=taken)


def find_bars(image: torch.Tensor, config: BarsConfig) -> Bars:
    """The bars of an image (C, H, W) with values from 0; only read.

    Columns are looked at within the rows that remain, so that a frame is found on all sides.
    """
    peak = float(image.amax())
    if peak <= 0:
        return Bars()
    bars = Bars()
    for dim in (-2, -1):
        part = bars._view(image, 1).movedim(dim, 0)  # (n, C, m), or (n, m, C): a view
        first, last = (_width(part, peak, config, last=last) for last in (False, True))
        if len(part) - first - last < config.inside:
            continue
        bars = replace(bars, top=first, bottom=last) if dim == -2 else replace(bars, left=first, right=last)
    return bars


def _width(rows: torch.Tensor, peak: float, config: BarsConfig, *, last: bool) -> int:
    """How many rows (n, ...) from the first, or the last, are a bar with a hard edge; 0 where none."""

    def off(at: int, colour: float) -> torch.Tensor:
        return (rows[-1 - at if last else at] - colour).abs()

    for colour in (0.0, peak):
        width, most = 0, len(rows) - 2
        while width <= most and float(off(width, colour).amax()) <= config.tolerance * peak:
            width += 1
        if not config.least <= width <= most:
            continue
        one, two = off(width, colour), off(width + 1, colour)
        hard = float(one.mean()) >= config.hardness * float(two.mean())
        if hard and float(one.median()) >= config.contrast * peak:
            return width
    return 0
