"""How large a result is to be, and by which scale it is made."""

from dataclasses import dataclass

from srbase.errors import InputError

SMALLEST, LARGEST = 1.5, 4.0
"""Factors that may be asked for by number."""


@dataclass(frozen=True)
class Plan:
    """``scale`` is the one that is computed, 2 or 4; the result is then brought to ``width`` by
    ``height``.
    """

    scale: int
    width: int
    height: int
    resized: bool


@dataclass(frozen=True, kw_only=True)
class Enlargement:
    """What was asked for: a factor, or the result's width or height in pixels, or a box that it fits into."""

    factor: float = 2.0
    width: int | None = None
    height: int | None = None

    def __post_init__(self) -> None:
        if not SMALLEST <= self.factor <= LARGEST:
            raise InputError(f"scale is {self.factor:g}; wanted 2, 4 or a number from 1.5 to 4")
        for name, side in (("width", self.width), ("height", self.height)):
            if side is not None and side < 1:
                raise InputError(f"{name} is {side}; wanted a number of pixels")

    @property
    def scale(self) -> int | None:
        """The scale that is computed, 2 or 4; None where it follows from each photograph's size."""
        if self.width is not None or self.height is not None:
            return None
        return 2 if self.factor <= 2 else 4

    @property
    def suffix(self) -> str:
        """What a result's name ends in: ``_x2``, ``_x1.5``, ``_w1920``, ``_h1080``, ``_w1920h1080``."""
        if self.scale is not None:
            return f"_x{self.factor:g}"
        return "_" + "".join(
            f"{letter}{side}" for letter, side in (("w", self.width), ("h", self.height)) if side is not None
        )

    def plan(self, width: int, height: int) -> Plan:
        """For a photograph of this size; proportions are kept. Raises InputError where it would not grow.

        The next larger of x2 and x4 is computed, then shrunk.

        >>> Enlargement(factor=2).plan(30, 20)
        Plan(scale=2, width=60, height=40, resized=False)
        >>> Enlargement(width=100).plan(30, 20)
        Plan(scale=4, width=100, height=67, resized=True)
        """
        sides = ((self.width, width), (self.height, height))
        factors = [wanted / given for wanted, given in sides if wanted is not None]
        factor = min(factors, default=self.factor)
        if not 1 < factor <= LARGEST:
            raise InputError(
                f"image is {width}x{height} and would be {factor:.3g} times as large; "
                f"wanted more than 1 and at most {LARGEST:g} times"
            )
        scale = 2 if factor <= 2 else 4
        size = [max(1, int(side * factor + 0.5)) for side in (width, height)]
        if factors:  # exact where it was asked for
            exact = factors.index(factor) if len(factors) == 2 else int(self.width is None)
            size[exact] = sides[exact][0] or size[exact]
        return Plan(scale, size[0], size[1], resized=size != [scale * width, scale * height])
