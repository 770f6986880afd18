"""Confidence in an estimated kernel: high, medium or low, and what lowers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from blindsr.report.shape import Shape, shape_of
from blindsr.summary import UNUSUAL_SPECTRUM

if TYPE_CHECKING:
    from blindsr.pipeline import Analysis
    from blindsr.spectral.estimate import SpectralEstimate

Confidence = Literal["high", "medium", "low", "unknown"]

SURE, VAGUE = 0.10, 0.25
"""Relative standard errors of the width: at most the one is surely known, more than the other hardly."""
ODD: Final = 0.6
"""Misfit from which a spectrum is unusual; photographs have 0.2 to 0.5, text, grids and stripes more."""
FEW_WINDOWS: Final = 10
"""Under so many parts an estimate is coarse."""
CLEAR, LIKELY = 5.0, 2.0
"""Log odds of a recognised shape against a Gaussian."""


def confidence(estimate: Analysis | None) -> Confidence:
    """Confidence in the kernel; ``unknown`` if it was given or if its error was not measured."""
    spectral = None if estimate is None else estimate.spectral
    if estimate is None or spectral is None or estimate.gan is not None:
        return "unknown"
    if spectral.family == "gaussian":
        error = relative_error(shape_of(estimate.kernel, spectral.posterior))
        certain, vague = error <= SURE, error > VAGUE
    else:
        odds = spectral.evidence[spectral.family]
        certain, vague = odds >= CLEAR, odds < LIKELY
    if vague or spectral.misfit > UNUSUAL_SPECTRUM:
        return "low"
    return "high" if certain and spectral.misfit <= ODD and spectral.windows >= FEW_WINDOWS else "medium"


def relative_error(shape: Shape) -> float:
    """Standard error of the width over the width."""
    return shape.width_error / max(shape.width, 1e-6)


def doubt(spectral: SpectralEstimate) -> str:
    """What makes the kernel less certain than its standard error says."""
    doubts = []
    if spectral.windows < FEW_WINDOWS:
        doubts.append("these are few")
    if spectral.misfit > ODD:
        doubts.append("their spectrum is not that of a photograph")
    return f"; {' and '.join(doubts)}" if doubts else ""
