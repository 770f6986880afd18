"""Every number of the trained second stage, with its unit and source."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from blindsr.restoration.network.weights import read_network
from srbase.errors import InputError


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """A trained network by its file, and how it is run; make it by :meth:`of`."""

    file: str = field(metadata={"place": True})
    """Where the weights lie. Recorded, but no part of the fingerprint: ``sha256`` says which they are."""
    sha256: str
    architecture: str  # in words, for the record
    noise_level: float = 0.6
    """Grey levels of 255: deviation of white noise that the network is told of a clean 8-bit picture. More
    than rounding leaves (0.29), since an estimated kernel is not exact."""
    share: float = 0.5  # of the network in the picture, 0..1
    tile: int = 512  # HR pixels a side that are solved at once
    rim: int = 16
    """LR pixels around them that are solved along. With 8 a pixel differs from that of the whole image by at
    most 0.1 grey levels of 255."""

    def __post_init__(self) -> None:
        if not 0 < self.noise_level < float("inf"):
            raise InputError(f"network noise_level is {self.noise_level}; wanted grey levels over 0")
        if self.tile < 4 or self.rim < 0:
            raise InputError(f"network tile is {self.tile}, rim {self.rim}; wanted at least 4, and 0 or more")

    @classmethod
    def of(cls, file: str | os.PathLike[str]) -> NetworkConfig:
        """For a file of weights, which is read and checked.

        Args:
            file: a state dict of USRNet.

        Returns:
            The settings.

        Raises:
            InputError: where the file cannot be used.
        """
        path = Path(file).resolve()  # a worker may run elsewhere
        found = read_network(path)
        return cls(file=str(path), sha256=found.sha256, architecture=str(found.layout))
