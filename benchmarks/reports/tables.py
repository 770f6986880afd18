"""Writing tables: CSV with fixed decimals, and Markdown for people."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.reports.published import Published
from benchmarks.reports.results import Chosen
from benchmarks.rows import Row
from blindsr.io.atomic import written

EMPTY = "-"
PLUS = "+.2f"


def cell(value: object, form: str = ".2f") -> str:
    """A number, or a dash where there is none."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return EMPTY
    return format(value, form)


def span(low: object, high: object) -> str:
    """An interval in dB, or a dash where there is none."""
    return EMPTY if cell(low) == EMPTY else f"{cell(low, PLUS)} to {cell(high, PLUS)}"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, its first column to the left and the others to the right."""
    lines = [" | ".join(head), " | ".join([":--", *["--:"] * (len(head) - 1)]), *map(" | ".join, rows)]
    return "".join(f"| {line} |\n" for line in lines)


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """A frame with decimals to taste: four for dB, six for SSIM and p, one for seconds."""
    out = frame.copy()
    for name in map(str, out.columns):
        decimals = (
            6 if "ssim" in name or name == "p_value" else 2 if "seconds" in name or "pct" in name else 4
        )
        if out[name].dtype.kind in "fO":
            out[name] = [_text(value, decimals) for value in out[name]]
    with written(path) as temporary:
        out.to_csv(temporary, index=False, lineterminator="\n")
    return path


def write_text(path: Path, *blocks: str) -> Path:
    """Blocks with an empty line between."""
    with written(path) as temporary:
        temporary.write_text("\n\n".join(block.strip("\n") for block in blocks if block) + "\n", "utf-8")
    return path


def footnotes(results: Chosen) -> str:
    """What stands under every table: failures, unequal numbers of images, versions."""
    lines = [f"- failed: {_words(row)}" for row in results.failed]
    for scale in results.scales:
        here = results.good[results.good["scale"] == scale]
        counts = here.groupby("method")["image"].nunique()
        if counts.nunique() > 1:
            least, most = counts.min(), counts.max()
            lines.append(
                f"- x{scale}: means are over different numbers of images ({least} to {most}); "
                "gains are over the images that both methods have"
            )
    devices = ", ".join(sorted(set(results.good["device"])))
    versions = ", ".join(sorted(set(results.good["version"])))
    lines.append(f"- metric protocol {results.protocol}, on the luma; device {devices}; blindsr {versions}")
    if results.settings == "quick":
        lines.append("- few steps: these figures show that the harness works, not what the methods can do")
    return "\n".join(lines)


def sources(published: Sequence[Published]) -> str:
    """Where the published values come from, and which were not read there."""
    by_source: dict[str, dict[str, None]] = {}
    for entry in published:
        source = f"{entry.source}{'' if entry.reread else ' (not re-read at the source)'}"
        by_source.setdefault(source, {})[entry.words] = None
    lines = [f"- {', '.join(words)}: {source}" for source, words in by_source.items()]
    return "\n".join(["Sources of the published values:", "", *lines]) if lines else ""


def _words(row: Row) -> str:
    return f"{row.method}, {row.image}, x{row.scale}, run {row.run}: {row.status.removeprefix('failed: ')}"


def _text(value: object, decimals: int) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)
