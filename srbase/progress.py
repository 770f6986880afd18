"""How the mathematics reports what it is doing: by callback, never by printing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """One report: ``step`` of ``total`` in ``stage`` is done; ``values`` are figures worth showing.

    A stage may end before its last step; the report that says so has ``done`` set.
    """

    stage: str
    step: int
    total: int
    values: Mapping[str, float] = field(default_factory=dict)
    done: bool = False


class Notice(UserWarning):
    """Something that the person should know and that ends nothing, as Python's own warnings are given."""


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """The callback of those who do not want to know."""
