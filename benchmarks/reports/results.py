"""The rows that a table is made of: of one data set, under one protocol, with one kind of settings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.data.layout import listed, natural
from benchmarks.label import Label
from benchmarks.ledger import read_rows
from benchmarks.methods.zero_shot import ABLATIONS, KERNELGAN_ZSSR
from benchmarks.reports.figure import BOUNDS
from benchmarks.reports.published import Published
from benchmarks.rows import OK, Row
from benchmarks.run import kernels_folder
from srbase.errors import InputError

_FIRST = ("bicubic", "zssr-bicubic")
BLINDSR = "blindsr"
_LAST = (*ABLATIONS, KERNELGAN_ZSSR, "blindsr-instant", BLINDSR, *BOUNDS)
_SAID_OF = {
    "quick": ", QUICK SETTINGS (few steps)",
    "default": ", ZSSR of the default preset",
    "instant": ", ZSSR of the instant preset",
}


@dataclass(frozen=True)
class Chosen:
    """The rows of one data set: ``good`` (a frame), ``failed``, and what all of them share."""

    dataset: str
    settings: str  # "paper" or "quick"
    protocol: str
    good: pd.DataFrame
    failed: tuple[Row, ...]
    kernels: Path
    common: bool = False  # compare on the images that every method has, where some miss one

    @property
    def ours(self) -> str:
        """The method that tables and figures are about: the program's default, else the papers' way."""
        return next(iter(self.subjects), KERNELGAN_ZSSR)

    @property
    def subjects(self) -> list[str]:
        """The blind methods that others are compared with: the program's default, the papers' way."""
        return [name for name in (BLINDSR, KERNELGAN_ZSSR) if (self.good["method"] == name).any()]

    @property
    def title(self) -> str:
        """What every table and figure says of itself."""
        return f"{self.dataset}{_SAID_OF[self.settings]}" if self.settings in _SAID_OF else self.dataset

    def comparable(self, published: Sequence[Published]) -> Sequence[Published]:
        """The published values, if these rows may stand beside them: few steps may not."""
        return published if self.settings == "paper" else ()

    def only(self, *methods: str) -> "Chosen":
        """The rows of these methods."""
        keep = [row for row in self.failed if row.method in methods]
        good = self.good[self.good["method"].isin(methods)]
        return replace(self, good=good, failed=tuple(keep))

    def compared(self, *methods: str) -> "Chosen":
        """The rows, if at each scale these methods (default: all) have the same images.

        A method that has none at a scale is not compared there. Where ``common`` is set, the rows of the
        images that all have; else raises InputError with what is missing: a mean over other images is no
        comparison.
        """
        good = self.good
        for scale in self.scales:
            here = good[(good["scale"] == scale) & good["method"].isin(methods or self.methods)]
            each = here.groupby("method")["image"].agg(set)
            everything = set().union(*each)
            missing = {str(name): sorted(everything - images, key=natural) for name, images in each.items()}
            missing = {name: images for name, images in missing.items() if images}
            if missing and not self.common:
                name, images = next(iter(missing.items()))
                raise InputError(
                    f"{self.dataset} x{scale}: {name} has no row of {listed(images)}, which others have; "
                    "wanted the same images of all (run what is missing), or --common"
                )
            lacking = {image for images in missing.values() for image in images}
            good = good[(good["scale"] != scale) | ~good["image"].isin(lacking)]
        return replace(self, good=good)

    @property
    def methods(self) -> list[str]:
        """The methods in the order of a table: baselines, others, ours, its ablations, the bound."""
        names = {*self.good["method"], *(row.method for row in self.failed)}
        between = sorted(names - {*_FIRST, *_LAST})
        return [name for name in (*_FIRST, *between, *_LAST) if name in names]

    @property
    def scales(self) -> list[int]:
        """The scales, smallest first."""
        return sorted({int(scale) for scale in self.good["scale"]} | {row.scale for row in self.failed})

    def per_image(self, column: str) -> pd.DataFrame:
        """Means over the runs: one row for each (scale, image), one column for each method.

        Infinite values (an exact image) are left out.
        """
        finite = self.good[np.isfinite(self.good[column].astype(float))]
        return finite.pivot_table(index=["scale", "image"], columns="method", values=column, aggfunc="mean")


def chosen(results: Path, dataset: str | None = None, *, common: bool = False) -> list[Chosen]:
    """The rows of each data set of a results file. Raises InputError where a table would be mixed."""
    rows = read_rows(results)
    if not rows:
        raise InputError(f"{results} holds no row yet; wanted some of 'run'")
    names = list(dict.fromkeys(row.dataset for row in rows))
    if dataset is not None and dataset not in names:
        raise InputError(f"{results} holds no rows of data set '{dataset}'; it has {', '.join(names)}")
    wanted = [dataset] if dataset is not None else names
    found = [_of(results, name, [row for row in rows if row.dataset == name]) for name in wanted]
    return [replace(one, common=common) for one in found]


def _of(results: Path, dataset: str, rows: list[Row]) -> Chosen:
    labels = [Label.parse(text) for text in dict.fromkeys(row.settings_hash for row in rows)]
    for label, other in combinations(labels, 2):
        if what := label.conflict(other):
            both = listed(sorted(str(x) for x in (label, other)))
            raise InputError(f"{results} mixes {what} in {dataset}: {both}; wanted one")
    by_method: dict[str, str] = {}
    for row in rows:
        if by_method.setdefault(row.method, row.settings_hash) != row.settings_hash:
            both = listed([by_method[row.method], row.settings_hash])
            raise InputError(f"{results} mixes settings of {row.method} in {dataset}: {both}; wanted one")
    good = pd.DataFrame([vars(row) for row in rows if row.status == OK], columns=list(vars(rows[0])))
    failed = tuple(row for row in rows if row.status != OK)
    return Chosen(dataset, labels[0].settings, labels[0].protocol, good, failed, kernels_folder(results))


def of_scale(psnr: pd.DataFrame, scale: int) -> pd.DataFrame:
    """The images of a scale: the frame of :meth:`Chosen.per_image` without the scale in its index."""
    return psnr[psnr.index.get_level_values("scale") == scale].droplevel("scale")
