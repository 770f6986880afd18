"""What was measured, as CSV and as Markdown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from benchmarks.reports.tables import markdown_table, write_text
from benchmarks.speed.machine import Machine
from blindsr.io.atomic import written


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line. ``seconds`` of one piece of ``work``, ``slow_seconds`` by the way that ``slow`` names;
    ``difference`` of their results; operations and bytes of one piece, and their share of what the machine
    could do in that time; memory in bytes at the most."""

    work: str
    seconds: float
    slow: str = ""
    slow_seconds: float | None = None
    difference: float | None = None
    operations: float | None = None
    moved: float | None = None
    of_matrix: float | None = None
    of_copy: float | None = None
    memory: float | None = None


def write(path: Path, machine: Machine, command: str, lines: Sequence[Measured]) -> list[Path]:
    """``path`` with the endings csv and md."""
    names = [field.name for field in fields(Measured)]
    frame = pd.DataFrame([asdict(line) for line in lines], columns=names)
    frame.insert(0, "machine", machine.name)
    table = path.with_suffix(".csv")
    with written(table) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.4g")
    blocks = (f"# Speed on {machine.name}", markdown_table(COLUMNS, [_row(line) for line in lines]))
    return [table, write_text(path.with_suffix(".md"), *blocks, NOTE, machine.words, f"`{command}`")]


NOTE = "Shares are of the machine's own rates; products of bfloat16 may go beyond that of float32."

COLUMNS = (
    "work",
    "seconds",
    "times faster",
    "than",
    "largest difference",
    "of products",
    "of copying",
    "memory",
)


def _row(line: Measured) -> list[str]:
    faster = f"{line.slow_seconds / line.seconds:.1f}" if line.slow_seconds else ""
    return [
        line.work,
        _seconds(line.seconds),
        faster,
        line.slow,
        "" if line.difference is None else f"{line.difference:.0e}",
        _share(line.of_matrix),
        _share(line.of_copy),
        "" if line.memory is None else f"{line.memory / 1e9:.2f} GB",
    ]


def _seconds(value: float) -> str:
    if value < 0.1:
        return f"{1e3 * value:.3g} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
