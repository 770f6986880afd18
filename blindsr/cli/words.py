"""What is believed of a photograph, in words: for people on stderr, and as a record in run.json."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blindsr.analysis.origin import Origin
    from blindsr.analysis.storage import StoredJPEG
    from blindsr.pipeline import Analysis
    from blindsr.spectral.estimate import SpectralEstimate

REASONS = {
    "prior": "before looking",
    "colours": "how fine colours are",
    "apart": "how far colours go their own ways",
    "gray": "no colours to ask",
    "jpeg": "being a JPEG",
    "size": "the size that its camera tells",
    "slope": "how little fine detail a JPEG has",
    "round": "how round the blur is",
    "misfit": "how unlike photographs the spectrum is",
    "spread": "how far the parts of the image disagree",
}


def belief_in_words(estimate: Analysis | None) -> str | None:
    """One line: who made the image small, how far bicubic interpolation is left, and which JPEG it was."""
    if estimate is None or estimate.origin is None:
        return None
    return f"{_origin(estimate.origin)}; {_storage(estimate.jpeg)}{_advice(estimate.spectral)}"


def _advice(spectral: SpectralEstimate | None) -> str:
    """What to try where the picture is none that cameras take."""
    from blindsr.report.confidence import ALIEN

    if spectral is None or spectral.misfit <= ALIEN:
        return ""
    return "; no photograph's spectrum: of a drawing, text or a screenshot compare --real off, or --trust 0.5"


def kernel_in_words(estimate: Analysis) -> list[str]:
    """Lines: the kernel and how far it is known, then the evidence about its origin, strongest first."""
    lines = [] if estimate.spectral is None else [_kernel(estimate.spectral)]
    if estimate.origin is not None:
        lines.append(f"{_origin(estimate.origin)}; {_storage(estimate.jpeg)}")
        parts = sorted(estimate.origin.evidence.items(), key=lambda part: -abs(part[1]))
        lines.append(
            "evidence, log odds for a computer: "
            + ", ".join(f"{REASONS.get(name, name)} {value:+.1f}" for name, value in parts)
        )
    return lines


def belief_as_record(estimate: Analysis | None) -> dict[str, Any] | None:
    """The same for ``run.json``."""
    if estimate is None or estimate.origin is None:
        return None
    origin, spectral, stored = estimate.origin, estimate.spectral, estimate.jpeg
    return {
        "computer": origin.computer,
        "trust": origin.trust,
        "evidence": dict(origin.evidence),
        "family": None if spectral is None else spectral.family,
        "misfit": None if spectral is None else spectral.misfit,
        "windows": None if spectral is None else spectral.windows,
        "jpeg": None
        if stored is None
        else {
            "tables_from": "header" if stored.tables.read else "pixels",
            "luma_steps": [list(row) for row in stored.tables.luma],
            "chroma_halved": stored.tables.chroma_halved,
            "noise_std_levels": 255 * math.sqrt(stored.noise.variance),
        },
    }


def _origin(origin: Origin) -> str:
    computer = round(100 * origin.computer)
    if computer >= 50:
        who = "made small by a computer" + ("" if computer == 100 else f" ({computer} %)")
    else:
        who = "as a camera took it" + ("" if computer == 0 else f" ({100 - computer} %)")
    return f"believed: {who}, trust {origin.trust:.2f}"


def _storage(stored: StoredJPEG | None) -> str:
    if stored is None:
        return "no JPEG that matters"
    source = "file's" if stored.tables.read else "pixels'"
    return f"JPEG by the {source} tables, noise {255 * math.sqrt(stored.noise.variance):.1f} levels"


def _kernel(spectral: SpectralEstimate) -> str:
    """Family, deviations along the axes, and how far they are known, in pixels of the x2 image."""
    import numpy as np

    variances = np.linalg.eigvalsh(spectral.covariance).clip(min=0)
    narrow, wide = (math.sqrt(v) for v in variances)
    half_trace = np.array([0.5, 0.5, 0.0])
    error = math.sqrt(float(half_trace @ spectral.posterior @ half_trace))
    return (
        f"x2 kernel: {spectral.family}, deviation {wide:.2f} by {narrow:.2f} px, mean variance "
        f"{variances.mean():.2f} +- {error:.2f} px^2 from {spectral.windows} windows, "
        f"misfit {spectral.misfit:.2f}"
    )
