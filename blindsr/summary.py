"""What was found in a photograph, as short lines for the command line and ``UpscaleResult.notes``.

Pages of ``--report`` say the same in sentences (:mod:`blindsr.report.findings`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from blindsr.analysis.origin import Origin
    from blindsr.restoration.blend import Stored
    from blindsr.spectral.estimate import SpectralEstimate

UNUSUAL_SPECTRUM: Final = 0.9
"""Misfit above which a spectrum is not that of a photograph (photographs have 0.2 to 0.5)."""

NEGLIGIBLE_ODDS: Final = 0.05
"""Log odds: smaller terms would be shown as 0.0."""

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


def summary(
    origin: Origin | None, stored: Stored | None, spectral: SpectralEstimate | None
) -> tuple[str, ...]:
    """Lines for a photograph that was enlarged, each with one statement.

    Args:
        origin: Camera or digital downscaling; None if it was not classified.
        stored: The JPEG compression that the pixels show; None if it is negligible.
        spectral: The fit of the power spectrum; None if there was none.
    """
    lines = [] if origin is None else [describe_origin(origin)]
    lines += [] if stored is None else [_describe_jpeg(stored)]
    if spectral is not None and spectral.misfit > UNUSUAL_SPECTRUM:
        lines.append(
            "the spectrum is not that of a photograph; for a drawing, text or a screenshot compare "
            "--real off and --trust 0.5"
        )
    return tuple(lines)


def kernel_summary(
    origin: Origin | None, stored: Stored | None, spectral: SpectralEstimate | None
) -> tuple[str, ...]:
    """Lines for a photograph whose kernel was estimated: the kernel, its uncertainty, the evidence.

    Args:
        origin: Camera or digital downscaling; None if it was not classified.
        stored: The JPEG compression that the pixels show; None if it is negligible.
        spectral: The fit of the power spectrum; None if there was none.
    """
    lines = [] if spectral is None else [_describe_kernel(spectral)]
    lines += summary(origin, stored, spectral)
    if origin is not None:
        terms = sorted(origin.evidence.items(), key=lambda term: -abs(term[1]))
        shown = [
            f"{EVIDENCE.get(name, name.replace('_', ' '))} {value:+.1f}"
            for name, value in terms
            if abs(value) >= NEGLIGIBLE_ODDS
        ]
        lines.append(f"log odds of digital downscaling: {', '.join(shown)}")
    return tuple(lines)


def origin_record(
    origin: Origin | None, stored: Stored | None, spectral: SpectralEstimate | None
) -> dict[str, Any] | None:
    """The same for ``run.json``; None if the origin was not classified.

    Args:
        origin: Camera or digital downscaling.
        stored: The JPEG compression that the pixels show; None if it is negligible.
        spectral: The fit of the power spectrum; None if there was none.
    """
    if origin is None:
        return None
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


def describe_origin(origin: Origin) -> str:
    """The class of a photograph with its probability, and the blend weight.

    >>> from blindsr.analysis.origin import Origin
    >>> describe_origin(Origin(0.71, 0.95, {}))
    'origin: digitally downscaled (p = 0.71), blend 0.95'
    """
    if origin.computer >= 0.5:
        kind, probability = "digitally downscaled", origin.computer
    else:
        kind, probability = "camera", 1 - origin.computer
    sure = "" if round(probability, 2) == 1 else f" (p = {probability:.2f})"
    return f"origin: {kind}{sure}, blend {origin.trust:.2f}"


def _describe_jpeg(stored: Stored) -> str:
    source = "its header" if stored.tables.read else "its pixels"
    levels = 255 * math.sqrt(stored.noise.variance)
    return f"JPEG compression: noise of {levels:.1f} grey levels, quantisation from {source}"


def _describe_kernel(spectral: SpectralEstimate) -> str:
    """Shape, standard deviations along the axes and their uncertainty, in pixels of the x2 image."""
    import numpy as np

    variances = np.linalg.eigvalsh(spectral.covariance).clip(min=0)
    narrow, wide = (math.sqrt(v) for v in variances)
    # The mean variance is half the trace, a linear function of the moments (yy, xx, xy).
    half_trace = np.array([0.5, 0.5, 0.0])
    error = math.sqrt(float(half_trace @ spectral.posterior @ half_trace))
    return (
        f"x2 kernel: {spectral.family}, standard deviation {wide:.2f} x {narrow:.2f} px, mean variance "
        f"{variances.mean():.2f} +- {error:.2f} px^2 ({spectral.windows} windows, misfit "
        f"{spectral.misfit:.2f})"
    )
