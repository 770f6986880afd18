"""Fig. C of the rebuttal: what each constraint of KernelGAN is worth."""

from pathlib import Path

from benchmarks.methods.zero_shot import ABLATIONS, OURS
from benchmarks.reports.against import write_against
from benchmarks.reports.choose import Chosen
from benchmarks.reports.published import ABLATION
from blindsr.imaging.errors import InputError

WORDS = {str(entry.method): entry.words for entry in ABLATION}


def write(results: Chosen, out: Path) -> list[Path]:
    """``ablation-DATASET`` as CSV, Markdown and PNG. Raises InputError where no ablation was run."""
    results = results.only(OURS, *ABLATIONS)
    if OURS not in results.methods or len(results.methods) == 1:
        raise InputError(
            f"{results.dataset} has no ablation rows beside {OURS}; wanted {', '.join(ABLATIONS)}"
        )
    return write_against(
        results,
        out / f"ablation-{results.dataset}",
        title="KernelGAN's constraints, each left out in turn",
        reference=OURS,
        published=ABLATION,
        words=WORDS,
    )
