"""What is asked of the accuracy of two methods, image by image, and the answers."""

from dataclasses import asdict
from itertools import product
from typing import Final

import pandas as pd

from benchmarks.reports.results import Chosen, of_scale
from benchmarks.reports.tables import PLUS, cell, markdown_table
from benchmarks.reports.wins import TIES, compare

QUESTIONS: Final = (
    ("blind against the true kernel, same network", "blindsr", "blindsr-gt"),
    ("default against KernelGAN + ZSSR", "blindsr", "kernelgan+zssr"),
    ("blind default against the papers' bound, true kernel + ZSSR", "blindsr", "gt+zssr"),
    ("true kernel: our network against the papers'", "blindsr-gt", "gt+zssr"),
    ("default against ZSSR with the bicubic kernel", "blindsr", "zssr-bicubic"),
    ("instant against KernelGAN + ZSSR", "blindsr-instant", "kernelgan+zssr"),
    ("KernelGAN + ZSSR against ZSSR with the bicubic kernel", "kernelgan+zssr", "zssr-bicubic"),
)
"""What is compared, image by image: the words, a method, and the one it is measured against."""


def questions(results: Chosen) -> pd.DataFrame:
    """Every question that a data set's rows can answer; see :func:`asked`."""
    return asked(results.dataset, results.per_image("psnr_y"))


def asked(dataset: str, psnr: pd.DataFrame) -> pd.DataFrame:
    """Every question that the frame (images by methods, ``scale`` in its index) can answer, with the
    worst image's difference; ``n`` may differ."""
    rows = []
    scales = sorted(set(psnr.index.get_level_values("scale")))
    for scale, (words, one, other) in product(scales, QUESTIONS):
        here = of_scale(psnr, scale)
        if one not in here or other not in here:
            continue
        found = compare(here[one], here[other], TIES["psnr_y"])
        if found.n:
            worst = float((here[one] - here[other]).min())
            head = {"dataset": dataset, "scale": scale, "question": words}
            rows.append({**head, "method": one, "baseline": other, **asdict(found), "worst_delta": worst})
    columns = ["dataset", "scale", "question", "method", "baseline", *compare_columns(), "worst_delta"]
    return pd.DataFrame(rows, columns=columns)


def compare_columns() -> list[str]:
    """The fields of a comparison."""
    empty = pd.Series(dtype=float)
    return list(asdict(compare(empty, empty, 0.0)))


def answers_table(answers: pd.DataFrame) -> str:
    """Markdown of what :func:`asked` found."""
    head = ["image by image", "images", "mean dB", "median dB", "worst dB", "better on", "p"]
    lines = [
        [
            row["question"],
            str(row["n"]),
            cell(row["mean_delta"], PLUS),
            cell(row["median_delta"], PLUS),
            cell(row["worst_delta"], PLUS),
            f"{row['wins']} ({cell(row['win_pct'], '.0f')} %)",
            cell(row["p_value"], ".2g"),
        ]
        for row in answers.to_dict("records")
    ]
    return markdown_table(head, lines) if lines else ""
