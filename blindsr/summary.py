"""What was found in a picture and done to it: lines for the command line and ``UpscaleResult.notes``, and a
record for ``run.json``.

Pages of ``--report`` say the same in sentences (:mod:`blindsr.report.summary`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from blindsr.analysis.kind import Kind
    from blindsr.analysis.storage import StoredJPEG
    from blindsr.estimation import Analysis
    from blindsr.restoration.expected_loss import Combination
    from blindsr.spectral.estimate import SpectralEstimate

NEGLIGIBLE_WIDTH: Final = 0.005
"""Pixels of the x2 image: a smaller standard deviation would be shown as 0.00 (a bicubic kernel has none)."""

MOSTLY: Final = 0.5
"""Weight of an inverse in the combination from which the picture is called by it."""
NO_PART: Final = "no part in this picture"
"""Of a network that was asked for."""
NOTICEABLE: Final = 0.05
"""Weight of an inverse, or relative change by the filter, that is worth a word."""


def summary(analysis: Analysis | None, trust: float | None) -> tuple[str, ...]:
    """Lines for a photograph that was enlarged, each with one statement.

    Args:
        analysis: Of the photograph; None if its kernel was given.
        trust: The blend of the settings; None: 1.

    Returns:
        The lines.
    """
    blend = () if trust is None else (f"blend {trust:.2f}",)
    if analysis is None:
        return blend
    lines = [] if analysis.combination is None else [describe(analysis.combination)]
    if analysis.kind.name != "photo":
        lines.append(_describe_kind(analysis.kind))
    if analysis.earlier_factor is not None:
        lines.append(
            f"enlarged before by about {analysis.earlier_factor:.2g}: the original size is better input"
        )
    lines += blend
    if analysis.jpeg is not None:
        lines.append(_describe_jpeg(analysis.jpeg))
    return tuple(lines)


def network_summary(networks: Mapping[str, float]) -> tuple[str, ...]:
    """Lines on the trained networks.

    Args:
        networks: The part of each in the result, 0..1, by its architecture in words.

    Returns:
        A line for each network.
    """
    return tuple(f"{name}: {f'part {part:.2f}' if part else NO_PART}" for name, part in networks.items())


def kernel_summary(analysis: Analysis) -> tuple[str, ...]:
    """Lines for a photograph whose kernel was estimated: the kernel, its uncertainty, how it is restored.

    Args:
        analysis: Of the photograph.

    Returns:
        The lines.
    """
    lines = () if analysis.spectral is None else (_describe_kernel(analysis.spectral, analysis.gan is None),)
    return lines + summary(analysis, None)


def restoration_record(analysis: Analysis | None) -> dict[str, Any] | None:
    """The same for ``run.json``; None if nothing was analysed.

    Args:
        analysis: Of the photograph; None if its kernel was given.

    Returns:
        The record.
    """
    if analysis is None or (analysis.combination is None and analysis.kind.name == "photo"):
        return None
    chosen, spectral, stored = analysis.combination, analysis.spectral, analysis.jpeg
    jpeg = None
    if stored is not None:
        jpeg = {
            "tables_from": "header" if stored.tables.read else "pixels",
            "luma_steps": [list(row) for row in stored.tables.luma],
            "chroma_halved": stored.tables.chroma_halved,
            "noise_std_levels": 255 * math.sqrt(stored.noise.variance),
        }
    kind = {
        "kind": analysis.kind.name,
        "kind_evidence": {name: round(float(value), 4) for name, value in analysis.kind.evidence.items()},
        "pixel_blocks": [analysis.kind.blocks.factor, *analysis.kind.blocks.phase],
    }
    if chosen is None:
        return kind | {"jpeg": jpeg}
    return kind | {
        "treated_as": kind_of(chosen),
        "kernel_weight": chosen.kernel,
        "camera_weight": chosen.camera,
        "filter": [round(float(value), 6) for value in chosen.filter],
        "range_slack": chosen.slack if math.isfinite(chosen.slack) else None,
        "expected_gain_db": chosen.gain,
        "expected_gain_std_db": chosen.deviation,
        "reliance": chosen.reliance,
        "features_out_of_range": chosen.beyond,
        "enlarged_before": analysis.earlier_factor,
        "noise_std_levels": 255 * analysis.noise_std,
        "kernel_family": None if spectral is None else spectral.family,
        "misfit": None if spectral is None else spectral.misfit,
        "windows": None if spectral is None else spectral.windows,
        "jpeg": jpeg,
    }


def kind_of(chosen: Combination) -> str:
    """What a picture is treated as, in a few words."""
    if chosen.reliance == 0:
        return "a picture that shows nothing of its making"
    if chosen.kernel >= MOSTLY:
        return "a photograph downscaled by a kernel"
    return "a photograph from a camera" if chosen.camera >= MOSTLY else "an everyday picture"


def describe(chosen: Combination) -> str:
    """How a picture is restored, and what that is expected to gain.

    Args:
        chosen: The combination.

    >>> from blindsr.restoration.expected_loss import kernel_alone
    >>> describe(kernel_alone(2))
    'treated as a photograph downscaled by a kernel: its inverse 1.00'
    """
    parts = []
    for name, weight in (("its inverse", chosen.kernel), ("inverse of a camera", chosen.camera)):
        if weight >= NOTICEABLE:
            parts.append(f"{name} {weight:.2f}")
    if filter_word := sharpening(chosen):
        parts.append(filter_word)
    if not parts:
        parts.append("close to bicubic interpolation")
    text = f"treated as {kind_of(chosen)}: {', '.join(parts)}"
    if chosen.gain is None or chosen.deviation is None or chosen.reliance == 0:
        return text
    return f"{text}; expected {chosen.gain:+.1f} +- {chosen.deviation:.1f} dB over bicubic interpolation"


DRAWN: Final = {
    "drawing": "a drawing: flat areas stay flat",
    "pixels": "pixel art: its pixels are repeated",
}
"""What is done to a picture of a kind that is no photograph."""


def _describe_kind(kind: Kind) -> str:
    enlarged = kind.name == "pixels" and kind.blocks.factor > 1
    before = f"; it was enlarged before by {kind.blocks.factor}" if enlarged else ""
    return f"treated as {DRAWN[kind.name]}{before} (--kind photo: as a photograph)"


def sharpening(chosen: Combination) -> str:
    """Whether the combination's filter sharpens or softens, beside bicubic interpolation; empty: neither."""
    from blindsr.restoration.filter_bank import contrast

    change = contrast(chosen.filter, chosen.scale)
    if abs(change) < NOTICEABLE:
        return ""
    return f"{'sharpened' if change > 0 else 'softened'} by {100 * abs(change):.0f} % at fine detail"


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
        parts += [
            f"standard deviation {wide:.2f} x {narrow:.2f} px",
            f"mean variance {variances.mean():.2f} +- {spectral.half_trace_std:.2f} px^2",
        ]
    return f"{', '.join(parts)} ({spectral.windows} windows, misfit {spectral.misfit:.2f})"
