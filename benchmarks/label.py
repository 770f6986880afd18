"""What made a row, as a value: the column ``settings_hash`` of a results file.

``SETTINGS:PROTOCOL:NETWORK:KERNEL``, for example ``paper:rcan:1f0c2a4b:bicubic`` or
``paper:rcan:own-1f0c2a4b:spectral-9be44101``. NETWORK is the fingerprint of ZSSR's settings, after ``own-``
where the method brings its own whatever the settings of the run, ``-`` without one. KERNEL says where the
kernel comes from, and of an estimated one the fingerprint of the estimator too; ``-`` without one.
"""

from dataclasses import dataclass
from typing import Final

from srbase.errors import InputError

UNUSED: Final = "-"
OWN: Final = "own-"
BICUBIC: Final = "bicubic"
TRUE: Final = "true"
"""Origins of kernels that nothing estimates."""


@dataclass(frozen=True)
class Label:
    """``settings`` and ``protocol`` by name; ``network`` a fingerprint or ``-``, ``own`` whether the method
    brings it; ``origin`` of the kernel in a word, ``kernel`` the estimator's fingerprint or ``-``."""

    settings: str
    protocol: str
    network: str = UNUSED
    own: bool = False
    origin: str = UNUSED
    kernel: str = UNUSED

    @classmethod
    def parse(cls, text: str) -> "Label":
        """The label that is written so. Raises InputError for another text."""
        parts = text.split(":")
        if len(parts) != 4 or not all(parts):
            raise InputError(f"row has settings '{text}'; wanted SETTINGS:PROTOCOL:NETWORK:KERNEL")
        settings, protocol, network, kernel = parts
        own = network.startswith(OWN)
        origin, mark, found = kernel.rpartition("-")
        if not (mark and origin):  # no fingerprint: the origin alone
            origin, found = kernel, UNUSED
        return cls(settings, protocol, network.removeprefix(OWN), own, origin, found)

    def __str__(self) -> str:
        network = f"{OWN}{self.network}" if self.own else self.network
        kernel = self.origin if self.kernel == UNUSED else f"{self.origin}-{self.kernel}"
        return f"{self.settings}:{self.protocol}:{network}:{kernel}"

    @property
    def shared_network(self) -> str:
        """The fingerprint of the run's network, which the rows of a table must share; ``-`` without it."""
        return UNUSED if self.own else self.network

    def conflict(self, other: "Label") -> str | None:
        """What forbids the rows of both in one table, in a word, or None."""
        if self.settings != other.settings:
            return "settings"
        if self.protocol != other.protocol:
            return "protocols"
        networks = {self.shared_network, other.shared_network} - {UNUSED}
        return "ZSSR settings" if len(networks) > 1 else None
