"""The row of a results file: its columns, and how each is written."""

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from benchmarks.data.layout import natural
from srbase.errors import InputError

OK = "ok"
DECIMALS = {"psnr": 4, "ssim": 6, "shift": 3, "niqe": 4, "seconds": 3}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One image by one method in one run; None is an empty cell. A failed image has no numbers."""

    dataset: str
    image: str
    scale: int
    method: str
    run: int
    seed: int
    psnr_y: float | None = None
    ssim_y: float | None = None
    psnr_rgb: float | None = None
    ssim_rgb: float | None = None
    kernel_psnr: float | None = None
    lr_psnr: float | None = None
    shift_y: float | None = None
    shift_x: float | None = None
    niqe: float | None = None
    kernel_seconds: float | None = None
    sr_seconds: float | None = None
    device: str = ""
    version: str = ""
    settings_hash: str = ""
    status: str = OK

    @property
    def key(self) -> tuple[str, str, int, str, int]:
        """What makes a row the same row."""
        return self.dataset, self.image, self.scale, self.method, self.run

    def failed(self, reason: str) -> "Row":
        """The row of a failure, its reason on one line."""
        return replace(self, status="failed: " + " ".join(reason.split()))

    def order(self) -> tuple[Any, ...]:
        """Sort key of a finished file: im_2 before im_10."""
        return natural(self.dataset), self.scale, natural(self.image), self.method, self.run


COLUMNS = tuple(field.name for field in fields(Row))
ADDED = ("niqe",)
"""Columns that older files lack; they are read as empty."""


def cells(row: Row) -> list[str]:
    """The cells of a row."""
    return [_text(name, value) for name, value in asdict(row).items()]


def parse(cells: dict[str, str]) -> Row:
    """The row of these cells. Raises InputError where one cannot be read."""
    values: dict[str, Any] = {}
    for name, text in cells.items():
        try:
            if name in {"scale", "run", "seed"}:
                values[name] = int(text)
            elif _decimals(name) is not None:
                values[name] = float(text) if text else None
            else:
                values[name] = text
        except ValueError as error:
            raise InputError(f"column {name} holds '{text}'; wanted a number") from error
    return Row(**values)


def _decimals(name: str) -> int | None:
    for part, decimals in DECIMALS.items():
        if name.startswith(part) or name.endswith(part):
            return decimals
    return None


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    decimals = _decimals(name)
    if decimals is None or not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return ""
    return f"{value:.{decimals}f}" if math.isfinite(value) else "inf"
