"""The presets on everyday pictures: rows by kind in a CSV, and the table made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch
from skimage import data

from benchmarks.data.sample import CROPS
from benchmarks.everyday.kinds import KINDS
from benchmarks.everyday.table import ANCHOR, Row, Upscale, drawing_rows, markdown, photographs, rows
from benchmarks.rivals.pretrained import DAT_LIGHT, PretrainedConfig, dat_light, super_resolve_pretrained
from benchmarks.rivals.waifu2x import NAME as WAIFU2X
from benchmarks.rivals.waifu2x import super_resolve_waifu2x
from blindsr import api
from blindsr.configuration import Settings, fingerprint, settings_of_preset
from blindsr.io import atomic
from srbase.errors import InputError
from srbase.imaging.pixels import quantise
from srbase.kernels.kernel import SCALES

ROWS, TABLE = "everyday.csv", "everyday.md"
DRAWN: Final = "drawings"
"""The group of rows that need no photograph."""


def make_rows(
    hr: Path | None,
    out: Path,
    scale: float,
    presets: Sequence[str],
    limit: int | None,
    *,
    network: Path | None = None,
    rivals: Sequence[str] = (),
) -> Iterator[str]:
    """Make the rows that the folder's CSV lacks, and the tables of all.

    Args:
        hr: folder of large photographs; None: four that come with scikit-image.
        out: folder of the CSV and the table.
        scale: 1.5, 2, 3 or 4.
        presets: what is measured; at x2 and x4 beside the linear filter of the kind.
        limit: the first so many photographs.
        network: a trained network; each preset is also measured with it.
        rivals: names of `RIVALS`, which are measured too.

    Yields:
        Each kind whose rows are made.

    Raises:
        InputError: for a preset or rival that is unknown, rivals at a scale that they lack, a network that is
            none, or where there are no photographs.
    """
    if rivals and scale not in SCALES:
        raise InputError(f"scale of rivals is {scale:g}; wanted 2 or 4")
    named = _methods(presets, network, rivals)
    pictures = _sample(limit) if hr is None else photographs(hr, limit)
    out.mkdir(parents=True, exist_ok=True)
    known = _known(out / ROWS)
    for kind in (*KINDS, DRAWN):
        of_kind = [row for row in known if row.scale == scale and _group(row.kind) == kind]
        done = {name for name in (*named, ANCHOR) if _is_whole(of_kind, name, kind, pictures)}
        missing = {name: method for name, method in named.items() if name not in done}
        if missing:
            known = [row for row in known if row not in of_kind or row.method in done]
            if kind == DRAWN:
                known += drawing_rows(missing, scale)
            else:
                known += rows(pictures, missing, scale, kinds=[kind], anchor=ANCHOR not in done)
            table = pd.DataFrame(map(asdict, known))
            table["scale"] = table["scale"].map("{:g}".format)
            atomic.write(out / ROWS, table.to_csv(index=False, float_format="%.3f").encode())
        yield kind
    tables = [
        f"x{made:g}\n\n{markdown([row for row in known if row.scale == made])}\n"
        for made in sorted({row.scale for row in known})
    ]
    atomic.write(out / TABLE, "\n".join(tables).encode())


def _methods(presets: Sequence[str], network: Path | None, rivals: Sequence[str]) -> dict[str, Upscale]:
    """What is measured, by the name of its rows."""
    named: dict[str, Upscale] = {}
    for file in (None,) if network is None else (None, network):
        added = "" if file is None else f" with {file.name}"
        for name in presets:
            settings = settings_of_preset(name, network=file)
            named[f"blindsr {name}{added} ({fingerprint(settings)})"] = _method(settings)
    for rival in rivals:
        if rival not in RIVALS:
            raise InputError(f"rival '{rival}' is unknown; wanted one of {', '.join(RIVALS)}")
        named[rival] = RIVALS[rival]
    return named


def _method(settings: Settings) -> Upscale:
    def upscale(lr: torch.Tensor, scale: float) -> torch.Tensor:
        return api.upscale(quantise(lr, 8), scale, settings=settings).photo.image

    return upscale


def _dat_light(lr: torch.Tensor, scale: float) -> torch.Tensor:
    whole = int(scale)
    return super_resolve_pretrained(lr, whole, dat_light(whole), PretrainedConfig()).clamp(0, 1)


def _waifu2x(lr: torch.Tensor, scale: float) -> torch.Tensor:
    return super_resolve_waifu2x(lr, int(scale)).clamp(0, 1)


RIVALS: Final[Mapping[str, Upscale]] = {DAT_LIGHT: _dat_light, WAIFU2X: _waifu2x}
"""Networks that were trained on many photographs, for x2 and x4."""


def _sample(limit: int | None) -> Mapping[str, np.ndarray]:
    return {name: np.asarray(getattr(data, name)()) for name in list(CROPS)[:limit]}


def _is_whole(found: Sequence[Row], method: str, kind: str, pictures: Mapping[str, np.ndarray]) -> bool:
    """Whether the rows of a kind are those of just these pictures: the anchor is learned from all of them."""
    made = {row.picture for row in found if row.method == method}
    return bool(made) if kind == DRAWN else made == set(pictures)


def _group(kind: str) -> str:
    return kind if kind in KINDS else DRAWN


def _known(path: Path) -> list[Row]:
    """The rows of a CSV that another run began, none where there is no file; those of an older program that
    lack a column are made again."""
    if not path.exists():
        return []
    found = pd.read_csv(path).reindex(columns=[column.name for column in fields(Row)]).dropna()
    return [Row(*line) for line in found.itertuples(index=False)]
