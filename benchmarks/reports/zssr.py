"""ZSSR alone with the bicubic kernel on bicubic data, beside its own paper's row."""

from pathlib import Path

from benchmarks.reports.published import ZSSR, Published
from benchmarks.reports.results import Chosen
from benchmarks.reports.summary import summary
from benchmarks.reports.tables import PLUS, cell, footnotes, markdown_table, sources, write_csv, write_text
from srbase.errors import InputError

METHOD = "zssr-bicubic"


def write(results: Chosen, out: Path) -> list[Path]:
    """``zssr-DATASET`` as CSV and Markdown. The published row is that of the set the name begins with."""
    results = results.only("bicubic", METHOD)
    if METHOD not in results.methods:
        raise InputError(f"{results.dataset} has no {METHOD} row; the ZSSR table is about it")
    published = results.comparable(published_for(results.dataset))
    frame = summary(results, published)
    head = ["method", "scale", "images", "PSNR", "SSIM", "over bicubic"]
    head += ["published PSNR", "published SSIM", "ours less published"] if published else []
    lines = [
        [
            row["method"],
            f"x{row['scale']}",
            str(row["n"]) + (f" ({row['failed']} failed)" if row["failed"] else ""),
            cell(row["psnr_y_mean"]),
            cell(row["ssim_y_mean"], ".4f"),
            cell(row["gain_over_bicubic"], PLUS),
            cell(row["published_psnr"]),
            cell(row["published_ssim"], ".4f"),
            cell(row["delta_psnr"], PLUS),
        ][: len(head)]
        for row in frame.to_dict("records")
    ]
    stem = out / f"zssr-{results.dataset}"
    return [
        write_csv(stem.with_name(stem.name + ".csv"), frame),
        write_text(
            stem.with_name(stem.name + ".md"),
            f"# ZSSR with the bicubic kernel: {results.title}",
            markdown_table(head, lines),
            sources(published),
            footnotes(results),
        ),
    ]


def published_for(dataset: str) -> list[Published]:
    """The published rows of the data set that a name such as ``set5-bicubic`` begins with."""
    plain = dataset.lower()
    known = [entry for entry in ZSSR if plain.startswith(entry.data.lower())]
    longest = max((len(entry.data) for entry in known), default=0)
    return [entry for entry in known if len(entry.data) == longest]
