"""Ways to the kernel by ways to the image, the true kernel among the former."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.data.layout import natural
from benchmarks.reports.figure import drawn
from benchmarks.reports.questions import answers_table, asked, questions
from benchmarks.reports.results import Chosen, of_scale
from benchmarks.reports.tables import PLUS, cell, footnotes, markdown_table, write_csv, write_text
from srbase.errors import InputError

KERNELS: Final = ("bicubic kernel", "KernelGAN", "spectral, symmetric", "spectral", "true kernel")
SOLVERS: Final = {
    "papers' ZSSR": (
        *("zssr-bicubic", "kernelgan+zssr", "spectral-symmetric+zssr", "spectral+zssr", "gt+zssr"),
    ),
    "kernel-aware ZSSR": (
        *("bicubic+default", "kernelgan+default", "spectral-symmetric+default", "blindsr", "blindsr-gt"),
    ),
    "linear inverse": (
        *("bicubic+instant", "kernelgan+instant", "blindsr-instant", "spectral+instant", "gt+instant"),
    ),
}
"""The methods of each cell of the table: a network, under each of KERNELS."""

SHOWN: Final = {
    "zssr-bicubic": ("x", "#94a3b8"),
    "kernelgan+zssr": ("s", "#475569"),
    "gt+zssr": ("D", "#86b594"),
    "blindsr-instant": ("v", "#f0a87f"),
    "blindsr": ("o", "#c2410c"),
    "blindsr-gt": ("D", "#15803d"),
}
"""The methods of the picture, with their marks."""

ALL: Final = "all"
"""The name under which the images of several data sets are asked together."""


def write_all(found: Sequence[Chosen], out: Path) -> list[Path]:
    """The files of each data set; of several also ``accuracy-all-answers.csv`` and ``accuracy-all.md``,
    the questions asked of all their images."""
    paths = [path for results in found for path in write(results, out)]
    if len(found) < 2:
        return paths
    answers = asked(ALL, pd.concat({r.dataset: r.per_image("psnr_y") for r in found}, names=["dataset"]))
    blocks = [f"# Ways to the kernel by ways to the image: {', '.join(r.title for r in found)} together"]
    for scale in sorted(set(answers["scale"])):
        blocks += [f"## x{scale}", answers_table(answers[answers["scale"] == scale])]
    blocks.append("PSNR-Y; each image counts the same. The single data sets' pages say what was run.")
    stem = out / f"accuracy-{ALL}"
    return [
        *paths,
        write_csv(stem.with_name(stem.name + "-answers.csv"), answers),
        write_text(stem.with_name(stem.name + ".md"), *blocks),
    ]


def write(results: Chosen, out: Path) -> list[Path]:
    """``accuracy-DATASET`` as CSV (cells), Markdown and PNG, and ``accuracy-DATASET-answers.csv``."""
    if results.settings not in ("paper", "quick"):
        raise InputError(
            f"{results.dataset} has rows of settings '{results.settings}'; accuracy sets the papers' ZSSR "
            "beside the presets', and wants 'paper' or 'quick'"
        )
    cells, answers = table(results), questions(results)
    if cells.empty:
        raise InputError(f"{results.dataset} has no image that all methods did; accuracy compares those")
    stem = out / f"accuracy-{results.dataset}"
    blocks = [f"# Ways to the kernel by ways to the image: {results.title}"]
    for scale in results.scales:
        blocks += [f"## x{scale}", _matrix(cells[cells["scale"] == scale])]
        blocks += [answers_table(answers[answers["scale"] == scale])]
    blocks.append(footnotes(results))
    return [
        write_csv(stem.with_name(stem.name + ".csv"), cells),
        write_csv(stem.with_name(stem.name + "-answers.csv"), answers),
        write_text(stem.with_name(stem.name + ".md"), *blocks),
        _picture(stem.with_name(stem.name + ".png"), results),
    ]


def table(results: Chosen) -> pd.DataFrame:
    """A row for each filled cell: mean PSNR-Y and the gain over bicubic interpolation, over the images
    that all cells of the scale have, ``n`` of them."""
    psnr = results.per_image("psnr_y")
    rows = []
    for scale in results.scales:
        here = of_scale(psnr, scale)
        names = [name for line in SOLVERS.values() for name in line if _filled(here, name)]
        common = here[[name for name in ("bicubic", *names) if name in here]].dropna()
        for (solver, line), (place, kernel) in product(SOLVERS.items(), enumerate(KERNELS)):
            if line[place] not in names or common.empty:
                continue
            mean = float(common[line[place]].mean())
            gain = mean - float(common["bicubic"].mean()) if "bicubic" in common else float("nan")
            head = {"dataset": results.dataset, "scale": scale, "solver": solver, "kernel": kernel}
            rows.append({**head, "method": line[place], "n": len(common), "psnr_y": mean, "gain": gain})
    return pd.DataFrame(
        rows, columns=["dataset", "scale", "solver", "kernel", "method", "n", "psnr_y", "gain"]
    )


def _filled(frame: pd.DataFrame, name: str) -> bool:
    return name in frame and bool(frame[name].notna().any())


def _matrix(cells: pd.DataFrame) -> str:
    if cells.empty:
        return "No image has all methods."
    by_place = {(row["solver"], row["kernel"]): row for row in cells.to_dict("records")}
    lines = []
    for solver in SOLVERS:
        found = [by_place.get((solver, kernel)) for kernel in KERNELS]
        shown = [f"{cell(f['psnr_y'])} ({cell(f['gain'], PLUS)})" if f else cell(None) for f in found]
        lines.append([solver, *shown])
    n = int(cells["n"].iloc[0])
    note = f"PSNR-Y in dB, and over bicubic interpolation; means over the {n} images that all cells have."
    return markdown_table(["", *KERNELS], lines) + "\n" + note


def _picture(path: Path, results: Chosen) -> Path:
    """Every image's gains over bicubic interpolation, a panel for each scale."""
    psnr = results.per_image("psnr_y")
    scales = [scale for scale in results.scales if scale in psnr.index.get_level_values(0)]
    base = "bicubic" in psnr
    most = max(len(of_scale(psnr, scale)) for scale in scales)
    with drawn(path, (max(7.0, 2.5 + 0.45 * most), 3.6 * len(scales))) as figure:
        for axes, scale in zip(figure.subplots(len(scales), 1, squeeze=False)[:, 0], scales, strict=True):
            here = of_scale(psnr, scale)
            here = here.loc[sorted(here.index, key=natural)]
            for name, (mark, colour) in SHOWN.items():
                if name in here:
                    values = here[name] - here["bicubic"] if base else here[name]
                    axes.plot(range(len(here)), values, mark, color=colour, label=name, markersize=6)
            axes.set_xticks(range(len(here)), here.index, fontsize=7, rotation=60)
            axes.grid(axis="y", alpha=0.3)
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set_ylabel("PSNR over bicubic, dB" if base else "PSNR, dB", fontsize=9)
            axes.set_title(f"{results.title}, x{scale}", fontsize=10, loc="left")
            axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
    return path
