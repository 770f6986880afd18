"""Methods by scale, mean and deviation over runs: what several tables share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.methods.combination import bound_of
from benchmarks.reports.published import Published
from benchmarks.reports.results import Chosen
from benchmarks.reports.statistics import mean_over_images

COLUMNS = (
    "dataset",
    "method",
    "scale",
    "settings",
    "protocol",
    "n",
    "runs",
    "failed",
    "exact",
    "psnr_y_mean",
    "psnr_y_sd",
    "ssim_y_mean",
    "ssim_y_sd",
    "gain_over_bicubic",
    "gain_low",
    "gain_high",
    "gain_worst",
    "below_true_kernel",
    "lr_psnr_mean",
    "kernel_psnr_mean",
    "niqe_mean",
    "kernel_seconds",
    "sr_seconds",
    "published_psnr",
    "published_ssim",
    "published_gain",
    "delta_psnr",
)


def summary(results: Chosen, published: Sequence[Published]) -> pd.DataFrame:
    """One row for each method and scale. Gains are means over the images that both methods have, between
    ``gain_low`` and ``gain_high`` by the bootstrap over images, ``gain_worst`` that of the worst;
    ``below_true_kernel`` is against the same network with the true kernel."""
    rows = [
        _row(results, method, scale, published)
        for scale in results.scales
        for method in results.methods
        if _has(results, method, scale)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def published_for(method: str, scale: int, published: Sequence[Published]) -> Published | None:
    """The published row beside which a method of ours stands."""
    return next((e for e in published if method in e.methods and e.scale == scale), None)


def published_gain(entry: Published, entries: Sequence[Published]) -> float | None:
    """What a published row gains over the published bicubic row of the same data and scale."""
    base = [
        e.psnr for e in entries if (e.data, e.scale) == (entry.data, entry.scale) and "bicubic" in e.methods
    ]
    return entry.psnr - base[0] if base else None


@dataclass(frozen=True)
class _Spread:
    mean: float
    sd: float


def _row(results: Chosen, method: str, scale: int, published: Sequence[Published]) -> dict[str, object]:
    good = results.good[(results.good["method"] == method) & (results.good["scale"] == scale)]
    failed = [row for row in results.failed if (row.method, row.scale) == (method, scale)]
    exact = int(np.isinf(good["psnr_y"].astype(float)).sum())
    psnr, ssim = _over_runs(good, "psnr_y"), _over_runs(good, "ssim_y")
    entry = published_for(method, scale, published)
    gains = paired(results, method, "bicubic", scale)
    gain = mean_over_images(gains)
    return {
        "dataset": results.dataset,
        "method": method,
        "scale": scale,
        "settings": results.settings,
        "protocol": results.protocol,
        "n": good["image"].nunique(),
        "runs": good["run"].nunique(),
        "failed": len(failed),
        "exact": exact,
        "psnr_y_mean": psnr.mean,
        "psnr_y_sd": psnr.sd,
        "ssim_y_mean": ssim.mean,
        "ssim_y_sd": ssim.sd,
        "gain_over_bicubic": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "gain_worst": min(gains) if gains else None,
        "below_true_kernel": paired_gain(results, bound_of(method), method, scale),
        "lr_psnr_mean": _over_runs(good, "lr_psnr").mean,
        "kernel_psnr_mean": _over_runs(good, "kernel_psnr").mean,
        "niqe_mean": _over_runs(good, "niqe").mean,
        "kernel_seconds": _mean(good["kernel_seconds"]),
        "sr_seconds": _mean(good["sr_seconds"]),
        "published_psnr": entry.psnr if entry else None,
        "published_ssim": entry.ssim if entry else None,
        "published_gain": published_gain(entry, published) if entry else None,
        "delta_psnr": psnr.mean - entry.psnr if entry else None,
    }


def paired(results: Chosen, method: str, baseline: str, scale: int) -> list[float]:
    """PSNR differences in dB, one for each image that both methods have."""
    table = results.per_image("psnr_y")
    if method not in table or baseline not in table or scale not in table.index.get_level_values(0):
        return []
    return [float(x) for x in (table[method] - table[baseline]).loc[scale].dropna()]


def paired_gain(results: Chosen, method: str, baseline: str, scale: int) -> float:
    """Mean PSNR difference in dB over the images that both methods have; NaN where there is none."""
    return mean_over_images(paired(results, method, baseline, scale)).value


def _has(results: Chosen, method: str, scale: int) -> bool:
    good = results.good
    return bool(((good["method"] == method) & (good["scale"] == scale)).any()) or any(
        (row.method, row.scale) == (method, scale) for row in results.failed
    )


def _over_runs(rows: pd.DataFrame, column: str) -> _Spread:
    """First the mean of each run, then mean and sample deviation over the runs; infinities left out."""
    values = rows[column].astype(float)
    means = values[np.isfinite(values)].groupby(rows["run"]).mean()
    sd = float(means.std(ddof=1)) if len(means) > 1 else float("nan")
    return _Spread(_mean(means), sd)


def _mean(values: "pd.Series[float]") -> float:
    kept = values.astype(float).dropna()
    return float(kept.mean()) if len(kept) else float("nan")
