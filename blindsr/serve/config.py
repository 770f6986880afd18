"""What the server allows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from srbase.errors import InputError

HOST: Final = "127.0.0.1"
"""The only address that is listened to: other computers cannot reach it."""
HOST_NAMES: Final = (HOST, "localhost")
"""The names under which a browser may ask for it. Any other name is one that somebody else pointed here."""
FORMATS: Final = ("png", "jpg", "tif", "webp")
"""Endings of files that results are saved as; the first is the default."""


@dataclass(frozen=True, kw_only=True)
class ServeConfig:
    """Limits of the server.

    Raises:
        InputError: for a limit that allows nothing.
    """

    port: int = 8377  # 0: any that is free
    most_bytes: int = 256 << 20  # of a file
    most_pixels: int = 64_000_000  # of a photograph; x2 gives four times as many, 3 GB as floats
    most_waiting: int = 8  # photographs that wait, the one at work and uploads included
    most_kept: int = 16  # photographs that are done: the oldest one is forgotten first
    upload_seconds: float = 120.0  # for a whole file
    strength_most: float = 1.5  # of a result, as in its page
    keep: Path | None = None
    """A folder for copies of the results; None: no file is kept."""

    def __post_init__(self) -> None:
        for name in ("most_bytes", "most_pixels", "most_waiting", "most_kept"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; wanted 1 or more")
        if not 0 <= self.port < 1 << 16:
            raise InputError(f"port is {self.port}; wanted 0 to 65535")
