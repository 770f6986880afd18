"""True and estimated kernels side by side, with what each gains in SR."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.data.layout import natural
from benchmarks.kernel_store import TRUE, KernelStore, estimate_key, read_entry
from benchmarks.label import UNUSED, Label
from benchmarks.methods.combination import bound_of
from benchmarks.reports.figure import drawn
from benchmarks.reports.results import Chosen
from benchmarks.reports.tables import PLUS, cell, footnotes, markdown_table, write_csv, write_text
from blindsr.io.kernel_files import picture
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel

IMAGES_SHOWN = 10
COLUMNS = (
    *("dataset", "image", "scale", "method", "run", "psnr_y", "gain_over_bicubic", "below_true_kernel"),
    *("kernel_psnr", "lr_psnr"),
)
Kernels = dict[tuple[str, str], SRKernel]
"""By image and method; the true one under ``true``."""


def write(results: Chosen, out: Path) -> list[Path]:
    """``kernels-DATASET`` as CSV and Markdown, and a gallery for each scale."""
    stem = out / f"kernels-{results.dataset}"
    frame = table(results)
    head = ["image", "scale", "method", "PSNR", "over bicubic", "below true kernel", "kernel PSNR", "LR PSNR"]
    lines = [
        [
            row["image"],
            f"x{row['scale']}",
            row["method"],
            cell(row["psnr_y"]),
            cell(row["gain_over_bicubic"], PLUS),
            cell(row["below_true_kernel"]),
            cell(row["kernel_psnr"]),
            cell(row["lr_psnr"]),
        ]
        for row in frame[frame["run"] == frame["run"].min()].to_dict("records")
    ]
    paths = [write_csv(stem.with_name(stem.name + ".csv"), frame)]
    title = f"# Kernels found: {results.title}"
    paths.append(
        write_text(stem.with_name(stem.name + ".md"), title, markdown_table(head, lines), footnotes(results))
    )
    return paths + write_gallery(results, stem)


def table(results: Chosen) -> pd.DataFrame:
    """A row for each estimated kernel. Raises InputError where no method estimated one."""
    found = results.good[results.good["settings_hash"].map(_estimator) != UNUSED].copy()
    if found.empty:
        raise InputError(f"{results.dataset} has no row of a method that estimates kernels")
    psnr = results.per_image("psnr_y")
    of = {str(name): psnr[name].to_dict() for name in psnr}
    bases = (("gain_over_bicubic", lambda _: "bicubic", 1), ("below_true_kernel", bound_of, -1))
    for column, base, sign in bases:
        keys = zip(found["method"], found["scale"], found["image"], found["psnr_y"], strict=True)
        found[column] = [
            sign * (float(p) - of.get(base(m), {}).get((s, i), float("nan"))) for m, s, i, p in keys
        ]
    in_order = sorted({str(name) for name in found["image"]}, key=natural)
    found["place"] = [in_order.index(str(name)) for name in found["image"]]
    return found.sort_values(["scale", "place", "method", "run"])[list(COLUMNS)]


def write_gallery(results: Chosen, stem: Path) -> list[Path]:
    """``STEM-xS.png`` for each scale: the kernels of the first images in their first run.

    Nothing is drawn for a scale whose kernels are no longer beside the results file.
    """
    paths = []
    for scale in results.scales:
        here = results.good[results.good["scale"] == scale]
        images = sorted({str(name) for name in here["image"]}, key=natural)[:IMAGES_SHOWN]
        kernels = read_kernels(results, images, scale)
        names = [name for name in (TRUE, *finders(results)) if any(key[1] == name for key in kernels)]
        if any(name != TRUE for name in names):
            psnr = results.per_image("psnr_y")
            psnr_of_scale = psnr[psnr.index.get_level_values("scale") == scale].droplevel("scale")
            path = stem.with_name(f"{stem.name}-x{scale}.png")
            _draw(path, f"{results.title}, x{scale}", images, names, kernels, psnr_of_scale)
            paths.append(path)
    return paths


def _estimator(label: str) -> str:
    """The fingerprint of a row's estimator: rows that share it share the kernel; or ``-``."""
    return Label.parse(label).kernel


def finders(results: Chosen) -> list[str]:
    """Of the methods that share an estimate the last one: each kernel is shown once."""
    last = dict(zip(results.good["method"], results.good["settings_hash"].map(_estimator), strict=True))
    shown = {last[name]: name for name in results.methods if name in last}
    return [name for name in results.methods if name in shown.values()]


def read_kernels(results: Chosen, images: Sequence[str], scale: int) -> Kernels:
    """The true kernels of the images and those estimated in their first run, as far as they lie beside the
    results file."""
    rows = results.good[results.good["scale"] == scale]
    store = KernelStore(results.kernels, results.dataset, scale)
    found: Kernels = {}
    for image in images:
        entry = read_entry(store.path(image, TRUE))
        if entry:
            found[image, TRUE] = SRKernel(entry[0], scale).cropped()
    first = rows[rows["image"].isin(images) & (rows["run"] == rows["run"].min())]
    for row in first.to_dict("records"):
        estimator = _estimator(row["settings_hash"])
        entry = read_entry(store.path(row["image"], estimate_key(estimator, row["seed"])))
        if entry and estimator != UNUSED:
            kernel = SRKernel(entry[0], 2)
            found[row["image"], row["method"]] = kernel.to_x4() if scale == 4 else kernel
    return found


def _draw(
    path: Path, title: str, images: Sequence[str], names: Sequence[str], kernels: Kernels, psnr: pd.DataFrame
) -> None:
    """Draw a grid: a row for each source of kernels, a column for each image; titles give dB over bicubic."""
    with drawn(path, (1.35 * len(images) + 1.2, 1.55 * len(names) + 0.6)) as figure:
        figure.suptitle(f"{title}\nkernels, and dB over bicubic interpolation with them", fontsize=9)
        grid = figure.subplots(len(names), len(images), squeeze=False)
        for line, name in zip(grid, names, strict=True):
            for axes, image in zip(line, images, strict=True):
                axes.set_xticks([])
                axes.set_yticks([])
                if (image, name) in kernels:
                    axes.imshow(picture(kernels[image, name]), interpolation="nearest")
                else:
                    axes.axis("off")
                gain = _gain(psnr, image, "gt+zssr" if name == TRUE else name)
                axes.set_title(f"{image}  {gain}" if name == names[0] else gain, fontsize=7, pad=2)
            words = name.removesuffix("+zssr").replace("kernelgan-", "kernelgan\n")
            line[0].set_ylabel(words, fontsize=8)


def _gain(psnr: pd.DataFrame, image: str, method: str) -> str:
    if method not in psnr or "bicubic" not in psnr or image not in psnr.index:
        return ""
    value = psnr[method][image] - psnr["bicubic"][image]
    return "" if value != value else f"{value:+.2f}"
