"""Fig. A of the rebuttal: where LR was made by bicubic shrinking, does the estimate do as well?"""

from pathlib import Path

from benchmarks.methods.zero_shot import KERNELGAN_ZSSR
from benchmarks.reports.against import write_against
from benchmarks.reports.kernels import write_gallery
from benchmarks.reports.published import BICUBIC
from benchmarks.reports.results import Chosen
from srbase.errors import InputError

WORDS = {
    KERNELGAN_ZSSR: "KernelGAN + ZSSR",
    "zssr-bicubic": "true (bicubic) kernel + ZSSR",
    "bicubic": "bicubic",
}


def write(results: Chosen, out: Path) -> list[Path]:
    """``bicubic-DATASET`` as CSV, Markdown and PNG, and the gallery of the kernels found."""
    results = results.only(*WORDS)
    missing = [name for name in (KERNELGAN_ZSSR, "zssr-bicubic") if name not in results.methods]
    if missing:
        raise InputError(f"{results.dataset} has no {missing[0]} row; the bicubic table compares both")
    stem = out / f"bicubic-{results.dataset}"
    paths = write_against(
        results,
        stem,
        title="LR made by bicubic shrinking",
        reference="zssr-bicubic",
        published=BICUBIC,
        words=WORDS,
    )
    return paths + write_gallery(results, stem.with_name(stem.name + "-kernels"))
