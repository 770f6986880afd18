"""What was found in a photograph, as short lines for the command line and ``UpscaleResult.notes``.

Pages of ``--report`` say the same in sentences (:mod:`blindsr.report.findings`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from blindsr.analysis.origin import Origin
    from blindsr.analysis.storage import StoredJPEG
    from blindsr.pipeline import Analysis
    from blindsr.spectral.estimate import SpectralEstimate

UNUSUAL_SPECTRUM: Final = 0.9
"""Misfit above which a spectrum is not that of a photograph (photographs have 0.2 to 0.5)."""

NEGLIGIBLE_ODDS: Final = 0.05
"""Log odds: smaller terms would be shown as 0.0."""

NEGLIGIBLE_WIDTH: Final = 0.005
"""Pixels of the x2 image: a smaller standard deviation would be shown as 0.00 (a bicubic kernel has none)."""

EVIDENCE: Final = {
    "prior": "prior",
    "colours": "chroma bandwidth",
    "apart": "chroma decorrelation",
    "gray": "no chroma",
    "jpeg": "JPEG file",
    "size": "size in EXIF",
    "slope": "spectral slope of a JPEG",
    "round": "anisotropy of the blur",
    "misfit": "misfit of the spectrum",
    "spread": "spread of local estimates",
}
"""Terms of the log odds that a photograph was downscaled digitally (:mod:`blindsr.analysis.origin`)."""


def summary(analysis: Analysis | None, trust: float | None) -> tuple[str, ...]:
    """Lines for a photograph that was enlarged, each with one statement.

    Args:
        analysis: Of the photograph; None if its kernel was given.
        trust: The blend weight of the settings; None: the one that the analysis found.
    """
    if analysis is None:
        return () if trust is None else (f"blend {trust:.2f}",)
    lines = []
    if analysis.origin is not None:
        lines.append(describe_origin(analysis.origin, trust))
    elif trust is not None:
        lines.append(f"blend {trust:.2f}")
    if analysis.jpeg is not None:
        lines.append(_describe_jpeg(analysis.jpeg))
    if analysis.spectral is not None and analysis.spectral.misfit > UNUSUAL_SPECTRUM:
        lines.append(
            "the spectrum is not that of a photograph; for a drawing, text or a screenshot compare "
            "--real off and --trust 0.5"
        )
    return tuple(lines)


def kernel_summary(analysis: Analysis) -> tuple[str, ...]:
    """Lines for a photograph whose kernel was estimated: the kernel, its uncertainty, the evidence.

    Args:
        analysis: Of the photograph.
    """
    lines = [] if analysis.spectral is None else [_describe_kernel(analysis.spectral, analysis.gan is None)]
    lines += summary(analysis, None)
    if analysis.origin is not None:
        terms = sorted(analysis.origin.evidence.items(), key=lambda term: -abs(term[1]))
        shown = [
            f"{EVIDENCE.get(name, name.replace('_', ' '))} {value:+.1f}"
            for name, value in terms
            if abs(value) >= NEGLIGIBLE_ODDS
        ]
        lines.append(f"log odds of digital downscaling: {', '.join(shown)}")
    return tuple(lines)


def origin_record(analysis: Analysis | None) -> dict[str, Any] | None:
    """The same for ``run.json``; None if the origin was not classified.

    Args:
        analysis: Of the photograph; None if its kernel was given.
    """
    if analysis is None or analysis.origin is None:
        return None
    origin, spectral, stored = analysis.origin, analysis.spectral, analysis.jpeg
    jpeg = None
    if stored is not None:
        jpeg = {
            "tables_from": "header" if stored.tables.read else "pixels",
            "luma_steps": [list(row) for row in stored.tables.luma],
            "chroma_halved": stored.tables.chroma_halved,
            "noise_std_levels": 255 * math.sqrt(stored.noise.variance),
        }
    return {
        "digital_probability": origin.computer,
        "blend": origin.trust,
        "log_odds": dict(origin.evidence),
        "kernel_family": None if spectral is None else spectral.family,
        "misfit": None if spectral is None else spectral.misfit,
        "windows": None if spectral is None else spectral.windows,
        "jpeg": jpeg,
    }


def describe_origin(origin: Origin, trust: float | None = None) -> str:
    """The class of a photograph with its probability, and the blend weight.

    Args:
        origin: Of the photograph.
        trust: The blend weight of the settings; None: the one that the analysis found.

    >>> from blindsr.analysis.origin import Origin
    >>> describe_origin(Origin(0.71, 0.95, {}))
    'origin: digitally downscaled (p = 0.71), blend 0.95'
    """
    if origin.computer >= 0.5:
        kind, probability = "digitally downscaled", origin.computer
    else:
        kind, probability = "camera", 1 - origin.computer
    sure = "" if round(probability, 2) == 1 else f" (p = {probability:.2f})"
    return f"origin: {kind}{sure}, blend {origin.trust if trust is None else trust:.2f}"


def _describe_jpeg(stored: StoredJPEG) -> str:
    source = "its header" if stored.tables.read else "its pixels"
    levels = 255 * math.sqrt(stored.noise.variance)
    return f"JPEG compression: noise of {levels:.1f} grey levels, quantisation from {source}"


def _describe_kernel(spectral: SpectralEstimate, used: bool) -> str:
    """Shape, standard deviations along the axes and their uncertainty, in pixels of the x2 image."""
    import numpy as np

    name = "x2 kernel" if used else "x2 kernel by the power spectrum, for comparison"
    parts = [f"{name}: {spectral.family}"]
    variances = np.linalg.eigvalsh(spectral.covariance).clip(min=0)
    narrow, wide = (math.sqrt(v) for v in variances)
    if wide >= NEGLIGIBLE_WIDTH:
        # The mean variance is half the trace, a linear function of the moments (yy, xx, xy).
        half_trace = np.array([0.5, 0.5, 0.0])
        error = math.sqrt(float(half_trace @ spectral.posterior @ half_trace))
        parts += [
            f"standard deviation {wide:.2f} x {narrow:.2f} px",
            f"mean variance {variances.mean():.2f} +- {error:.2f} px^2",
        ]
    return f"{', '.join(parts)} ({spectral.windows} windows, misfit {spectral.misfit:.2f})"
