"""What the program reaches, by the results of record: the tables of README and of pages of docs/.

python -m development.reached [RESULTS]
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click
import pandas as pd

from benchmarks.everyday.drawings import DRAWINGS
from benchmarks.everyday.kinds import KINDS
from benchmarks.everyday.table import ANCHOR, LOSS
from benchmarks.reports.published import TABLE_1
from benchmarks.reports.tables import markdown_table

RESULTS: Final = Path("benchmarks/results")
WAYS: Final = {
    "zssr-bicubic": "ZSSR with the bicubic kernel",
    "dat-light": "DAT-light, trained on thousands of bicubic images",
    "michaeli-irani+zssr": "Michaeli & Irani's kernel + ZSSR",
    "kernelgan+srmd": "KernelGAN + SRMD, trained on thousands of images",
    "kernelgan+zssr": "KernelGAN + ZSSR, papers' settings",
    "gt+srmd": "true kernel + SRMD",
    "gt+zssr": "true kernel + ZSSR, papers' settings",
    "blindsr": "**blindsr**",
    "blindsr-instant": "blindsr `--preset instant`",
    "blindsr-gt": "true kernel, blindsr's network",
}
FIRST: Final = ("zssr-bicubic", "kernelgan+zssr", "gt+zssr", "blindsr", "blindsr-instant")
"""Those of README."""
PRESETS: Final = {"blindsr-instant": "`instant`", "blindsr": "`default`", "kernelgan+zssr": "`paper`"}
PAIRS: Final = {
    "realsr": "RealSR x4",
    "drealsr": "DRealSR x4",
    "city-nikon": "City100 Nikon x2",
    "city-iphone": "City100 iPhone x2",
}
REAL: Final = {
    "blindsr-instant-off": "`instant --real off`",
    "blindsr-instant": "`instant`",
    "blindsr": "default",
}
RECORD: Final = (
    *("zssr-bicubic", "dat-light", "michaeli-irani+srmd", "michaeli-irani+zssr", "kernelgan+srmd"),
    *("kernelgan-released+zssr", "kernelgan+zssr", "gt+srmd", "gt+zssr"),
    *("blindsr-instant", "blindsr", "blindsr-gt"),
)
NOW: Final = {
    "default": ("blindsr", "blindsr"),
    "instant": ("blindsr-instant", "blindsr-instant"),
    "`--real off`": ("blindsr-off", "blindsr"),
    "true kernel": ("blindsr-gt", "blindsr-gt"),
    "KernelGAN + ZSSR": ("kernelgan+zssr", "kernelgan+zssr"),
}
"""Columns: a method now, and what it was before."""
SHOWN: Final = {
    "lanczos PNG": "shrunk by Lanczos, PNG",
    "lanczos JPEG 88": "the same, JPEG 88",
    "sharpened a little, JPEG 88": "sharpened a little, JPEG 88",
    "sharpened strongly, JPEG 88": "sharpened strongly, JPEG 88",
    "enlarged before by 1.5, JPEG 90": "enlarged before by 1.5, JPEG 90",
    "noise 8, JPEG 92": "noise of 8 levels, JPEG 92",
    "stored twice as JPEG": "stored twice as JPEG",
}
"""Kinds of everyday picture in docs/what-picture.md."""
BRIEF: Final = ("lanczos PNG", "lanczos JPEG 88", "sharpened a little, JPEG 88", "noise 8, JPEG 92")
"""Those of README."""
GROUPS: Final = {
    "shrunk by Lanczos, bicubic, box; turned; PNG": ("PNG", "turned by 1.3 degrees"),
    "the same as JPEG 78 to 95, WebP, stored twice, video": ("JPEG", "WebP 85", "stored twice", "video"),
    "sharpened": ("sharpened",),
    "enlarged before": ("enlarged",),
    "grain, noise, simulated camera": ("grain", "noise", "simulated camera"),
    "aliased, with letters, denoised": ("nearest", "fixed width", "letters", "denoised"),
}
"""Kinds of everyday picture by words of their names; a kind is in the last group that has it."""
DRAWN: Final = ("page", "screen", "line art")
TRAINED: Final = {
    "blindsr instant": "`instant`",
    "blindsr instant with auto": "`instant --network auto`",
    "waifu2x": "waifu2x",
    ANCHOR: ANCHOR,
}
SECOND_STAGES: Final = ("spectral+usrnet", "blindsr+usrnet")
NETWORK_SETS: Final = {
    "div2krk-check": "DIV2KRK, eight others",
    "div2krk-dev": "DIV2KRK, ten that were developed on",
    "kodak": "Kodak 01-12",
    "clic": "CLIC 01-04",
}
SIZES: Final = {
    "0.1": "0.1 (384x256)",
    "0.7": "0.7 (1024x683)",
    "3": "3 (2048x1536)",
    "12": "12 (4000x3000)",
}
COMMANDS: Final = {"instant, {} MP JPEG": "`instant`, a JPEG", "default, {} MP JPEG": "default, a JPEG"} | {
    "default, {} MP PNG by a kernel": "default, LR by a kernel"
}


def gains(path: Path, methods: Iterable[str]) -> pd.DataFrame:
    """PSNR-Y over bicubic interpolation: a row for each data set, scale and image that all methods have."""
    rows = pd.read_csv(path)
    table = rows.pivot_table(index=["dataset", "scale", "image"], columns="method", values="psnr_y")
    table = table[["bicubic", *methods]].dropna()
    return table.sub(table["bicubic"], axis=0)


def published(method: str, scale: int) -> str:
    """The published gain of this method or one of its kind, empty where there is none."""
    rows = {name: row.psnr for row in TABLE_1 if row.scale == scale for name in row.methods}
    return f"{rows[method] - rows['bicubic']:+.2f}" if method in rows else ""


def over_bicubic(found: pd.DataFrame, names: Mapping[str, str], *, beside: bool) -> str:
    """Mean gains by scale, beside the published ones if wanted."""
    means = found.groupby(level="scale").mean().to_dict()
    rows = []
    for method, name in names.items():
        cells = []
        for scale in (2, 4):
            told = f"{means[method][scale]:+.2f}"
            cells.append(f"**{told}**" if name.startswith("**") else told)
            cells += [published(method, scale)] if beside else []
        rows.append([name, *cells])
    return markdown_table(("", "x2", "published", "x4", "published") if beside else ("", "x2", "x4"), rows)


def by_set(found: pd.DataFrame, sets: Mapping[str, str]) -> str:
    """Mean, worst, and the share of images that are better, of each data set."""
    rows = []
    for dataset, name in sets.items():
        own = found.xs(dataset, level="dataset")
        told = [f"{own[m].mean():+.2f}, {own[m].min():+.2f}, {(own[m] > 0).mean():.0%}" for m in REAL]
        rows.append([name, str(len(own)), *told])
    return markdown_table(("mean, worst, better", "images", *REAL.values()), rows)


def of_each(path: Path, methods: Iterable[str]) -> str:
    """Mean and worst gain of each method by scale, on all images that it has."""
    rows = []
    for method in methods:
        found = gains(path, [method])[method]
        by_scale = dict(iter(found.groupby(level="scale")))
        told = [by_scale.get(scale) for scale in (2, 4)]
        rows.append([method, *("-" if v is None else f"{v.mean():+.2f}, {v.min():+.2f}" for v in told)])
    return markdown_table(("mean, worst", "x2", "x4"), rows)


def now_and_before(new: Path, old: Path) -> str:
    """Mean difference of PSNR-Y, and of how many images, by data set and scale."""
    index = ["dataset", "scale", "image"]
    now, before = (
        pd.read_csv(path).pivot_table(index=index, columns="method", values="psnr_y") for path in (new, old)
    )
    changes = pd.DataFrame({name: now[a] - before[b] for name, (a, b) in NOW.items()})
    rows = []
    for (dataset, scale), part in changes.groupby(level=index[:2]):
        means, counts = part.mean(), part.count()
        told = [f"{means[name]:+.2f} ({counts[name]})" if counts[name] else "-" for name in NOW]
        rows.append([f"{dataset} x{scale}", *told])
    return markdown_table(("now less before (images)", *NOW), rows)


def by_kind(path: Path, kinds: Mapping[str, str], *, total: bool = False) -> str:
    """Gains of ``instant`` on everyday pictures at x2, beside those with the package's network and those of
    the linear filter of the kind, where there are any.

    Args:
        path: a CSV of ``make everyday``.
        kinds: names in the table, by kind.
        total: whether the last row is that of all kinds of photograph.

    Returns:
        The table.
    """
    rows = everyday_gains(path)
    ours, auto = (rows["method"] == f"blindsr instant{added}" for added in ("", " with auto"))
    parts = {name: rows["kind"] == kind for kind, name in kinds.items()}
    if total:
        parts |= _all_kinds(rows)
    lines = []
    for name, part in parts.items():
        gain, helped, linear = (rows[part & way]["gain"] for way in (ours, auto, rows["method"] == ANCHOR))
        cells = [
            f"{gain.mean():+.2f}, {gain.min():+.2f}",
            f"{(gain > 0).mean():.0%}",
            f"{(gain < LOSS).mean():.1%}",
        ]
        cells.append(f"{helped.mean():+.2f}, {helped.min():+.2f}" if len(helped) else "")
        lines.append([name, str(len(gain)), *cells, f"{linear.mean():+.2f}" if len(linear) else ""])
    head = (
        "kind",
        "pictures",
        "mean, worst",
        "better",
        f"under {LOSS} dB",
        "with `--network auto`: mean, worst",
        "linear filter of the kind, mean",
    )
    return markdown_table(head, lines)


def _all_kinds(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The rows of photographs, by a name that says how many kinds there are."""
    whole = rows["kind"].isin(KINDS)
    return {f"all {rows['kind'][whole].nunique()} kinds": whole}


def with_networks(path: Path) -> str:
    """What USRNet-tiny gains: less the default's result, PSNR-Y, by set and scale."""
    found = gains(path, ["blindsr", *SECOND_STAGES, "gt+usrnet"])
    rows = []
    for dataset, name in NETWORK_SETS.items():
        for scale in (2, 4):
            own = found.xs((dataset, scale), level=("dataset", "scale"))
            less = [own[method] - own["blindsr"] for method in SECOND_STAGES]
            told = [f"{d.mean():+.2f}, {d.min():+.2f}, {(d > 0).sum()} of {len(d)}" for d in less]
            ends = [f"{own[method].mean():+.2f}" for method in ("blindsr", "gt+usrnet")]
            rows.append([f"{name}, x{scale}", ends[0], *told, ends[1]])
    head = ("mean, worst, better", "default", "USRNet-tiny alone, our kernel, less default")
    return markdown_table((*head, "`blindsr --network` less default", "true kernel and USRNet-tiny"), rows)


def everyday_gains(path: Path, scale: float = 2) -> pd.DataFrame:
    """The rows of a CSV of ``make everyday`` with their gains, methods without their fingerprints."""
    rows = pd.read_csv(path)
    rows = rows[rows["scale"] == scale]
    return rows.assign(
        gain=rows["psnr"] - rows["bicubic"], method=rows["method"].str.replace(r" \(.*\)", "", regex=True)
    )


def in_all(path: Path, scales: Iterable[float]) -> str:
    """All kinds of everyday picture together by scale, without the package's network and with it."""
    lines = []
    for scale in scales:
        rows = everyday_gains(path, scale)
        for method in list(TRAINED)[:2]:
            gain = rows[(rows["method"] == method) & rows["kind"].isin(KINDS)]["gain"]
            if len(gain):
                cells = [f"{gain.mean():+.2f}", f"{gain.min():+.2f}", f"{(gain > 0).mean():.0%}"]
                lines.append([f"x{scale:g}, {TRAINED[method]}", *cells, f"{(gain < LOSS).mean():.1%}"])
    return markdown_table(("", "over bicubic", "worst", "better", f"under {LOSS} dB"), lines)


def beside_rivals(path: Path) -> str:
    """Groups of everyday pictures by each method, mean and worst."""
    rows = everyday_gains(path)
    group = {kind: name for name, words in GROUPS.items() for kind in KINDS if any(w in kind for w in words)}
    parts = {name: rows["kind"].map(group) == name for name in GROUPS}
    parts |= _all_kinds(rows)
    parts[", ".join(DRAWN)] = rows["kind"].str.startswith(DRAWN)
    lines = []
    for name, part in parts.items():
        if not part.any():
            continue
        gain = [rows[part & (rows["method"] == method)]["gain"] for method in TRAINED]
        lines.append([name, *(f"{g.mean():+.2f}, {g.min():+.2f}" if len(g) else "" for g in gain)])
    return markdown_table(("mean, worst", *TRAINED.values()), lines)


def seconds(path: Path) -> str:
    """Seconds and memory of whole commands, by megapixels."""
    lines = pd.read_csv(path).set_index("work")
    times, memory = lines["seconds"].to_dict(), lines["memory"].to_dict()
    rows = []
    for size, name in SIZES.items():
        works = [f"blindsr upscale, {command.format(size)}, x2" for command in COMMANDS]
        rows.append([name, *(f"{_two_digits(times[w])} s, {memory[w] / 1e9:.1f} GB" for w in works)])
    return markdown_table(("megapixels", *COMMANDS.values()), rows)


def _two_digits(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def tables(results: Path) -> dict[str, str]:
    """Every table, by the file that shows it and a name."""
    krk = results / "div2krk" / "results.csv"
    every = gains(krk, WAYS)
    real = gains(results / "real" / "results.csv", REAL)
    everyday = results / "everyday" / "everyday.csv"
    drawn = [
        name if quality is None else f"{name}, JPEG {quality}" for name in DRAWINGS for quality in (None, 88)
    ]
    return {
        "README.md: DIV2KRK": over_bicubic(every, {way: WAYS[way] for way in FIRST}, beside=True),
        "README.md: cameras": by_set(real, PAIRS),
        "README.md: everyday": by_kind(everyday, {kind: SHOWN[kind] for kind in BRIEF}, total=True),
        "docs/rivals.md: DIV2KRK": over_bicubic(every, WAYS, beside=True),
        "docs/trained-network.md: USRNet": with_networks(results / "network" / "results.csv"),
        "docs/trained-network.md: everyday": in_all(everyday, (2, 4)),
        "docs/trained-network.md: rivals": beside_rivals(results / "everyday" / "rivals.csv"),
        "docs/what-picture.md: everyday": by_kind(everyday, SHOWN, total=True),
        "docs/presets.md: seconds": seconds(results / "speed" / "epyc-2-cores.csv"),
        "benchmarks/results/README.md: DIV2KRK": of_each(krk, RECORD),
        "benchmarks/results/README.md: present": now_and_before(
            *(results / name / "results.csv" for name in ("present", "accuracy"))
        ),
        "docs/presets.md: presets": over_bicubic(gains(krk, PRESETS), PRESETS, beside=False),
        "docs/everyday.md: kinds": by_kind(everyday, {kind: kind for kind in KINDS}, total=True),
        "docs/everyday.md: scales": in_all(everyday, (1.5, 2, 3, 4)),
        "docs/everyday.md: drawings": by_kind(everyday, {kind: kind for kind in drawn}),
        "docs/everyday.md: cameras": by_set(real, PAIRS),
    }


@click.command(help=__doc__)
@click.argument("results", type=click.Path(exists=True, path_type=Path), default=RESULTS)
def main(results: Path) -> None:
    """The command."""
    for name, table in tables(results).items():
        click.echo(f"### {name}\n\n{table}")


if __name__ == "__main__":
    main()
