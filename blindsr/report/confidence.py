"""How surely a kernel is known, in a word, and why not more surely. The page says it of the kernel alone;
how good the result is, :mod:`blindsr.report.summary` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from blindsr.report.blur_ellipse import BlurEllipse, blur_ellipse

if TYPE_CHECKING:
    from blindsr.estimation import Analysis
    from blindsr.spectral.estimate import SpectralEstimate

Certainty = Literal["high", "medium", "low", "unknown"]

SURE, VAGUE = 0.10, 0.25
"""Relative standard errors of the width: up to the one it is surely known, from the other on hardly."""
ODD, UNUSUAL = 0.6, 0.9
"""Misfits: photographs have 0.2 to 0.5; text, grids and stripes more."""
FEW_WINDOWS: Final = 10
"""Under so many windows an estimate is coarse."""
CLEAR, LIKELY = 5.0, 2.0
"""Log odds of a recognised shape against a Gaussian."""


def kernel_certainty(analysis: Analysis | None) -> Certainty:
    """How surely the kernel is known.

    Args:
        analysis: of the photograph; None where the kernel was given.

    Returns:
        ``unknown`` where nothing measured it.
    """
    spectral = None if analysis is None else analysis.spectral
    if analysis is None or spectral is None or analysis.gan is not None:
        return "unknown"
    if spectral.family == "gaussian":
        error = relative_error(blur_ellipse(analysis.kernel, spectral.posterior))
        certain, vague = error <= SURE, error > VAGUE
    else:
        odds = spectral.evidence[spectral.family]
        certain, vague = odds >= CLEAR, odds < LIKELY
    if vague or spectral.misfit > UNUSUAL:
        return "low"
    return "high" if certain and spectral.misfit <= ODD and spectral.windows >= FEW_WINDOWS else "medium"


def relative_error(ellipse: BlurEllipse) -> float:
    """Standard error of the width over the width."""
    return ellipse.width_error / max(ellipse.width, 1e-6)


def doubt(spectral: SpectralEstimate) -> str:
    """What makes the kernel less sure than the figures say."""
    doubts = []
    if spectral.windows < FEW_WINDOWS:
        doubts.append("these are few")
    if spectral.misfit > ODD:
        doubts.append("their spectrum is not that of a photograph")
    return f"; {' and '.join(doubts)}" if doubts else ""
