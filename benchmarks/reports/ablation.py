"""Fig. C of the rebuttal: what each constraint of KernelGAN is worth."""

from pathlib import Path

from benchmarks.methods.zero_shot import ABLATIONS, KERNELGAN_ZSSR
from benchmarks.reports.against import write_against
from benchmarks.reports.published import ABLATION
from benchmarks.reports.results import Chosen
from srbase.errors import InputError

WORDS = {entry.methods[0]: entry.words for entry in ABLATION}


def write(results: Chosen, out: Path) -> list[Path]:
    """``ablation-DATASET`` as CSV, Markdown and PNG. Raises InputError where no ablation was run."""
    results = results.only(KERNELGAN_ZSSR, *ABLATIONS)
    if KERNELGAN_ZSSR not in results.methods or len(results.methods) == 1:
        raise InputError(
            f"{results.dataset} has no ablation rows beside {KERNELGAN_ZSSR}; wanted {', '.join(ABLATIONS)}"
        )
    return write_against(
        results,
        out / f"ablation-{results.dataset}",
        title="KernelGAN's constraints, each left out in turn",
        reference=KERNELGAN_ZSSR,
        published=ABLATION,
        words=WORDS,
    )
