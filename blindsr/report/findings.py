"""What was found in a photograph, in sentences that need no formula.

:func:`findings` is the only list of them: pages show what it returns, in its order. A new finding is one more
function that takes what is known and returns a :class:`Finding` or None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from blindsr.report.blur_ellipse import BlurEllipse, blur_ellipse
from blindsr.report.confidence import doubt, kernel_certainty, relative_error
from blindsr.report.summary import USED, Summary
from blindsr.summary import DRAWN, sharpening

if TYPE_CHECKING:
    from blindsr.analysis.storage import StoredJPEG
    from blindsr.estimation import Analysis
    from blindsr.spectral.estimate import SpectralEstimate
    from srbase.kernels.kernel import SRKernel

ROUNDING: Final = 0.4
"""Levels of 255: noise up to here is what rounding to 8 bits leaves (0.29)."""
WHOLE: Final = 0.995
"""Share that rounds to 100 %."""

SHAPES: Final = {
    "gaussian": "It has no special form: it falls off like a bell.",
    "bicubic": "It is that of bicubic interpolation, which image programs shrink by.",
    "disc": "It is a disc, as of a lens out of focus.",
    "box": "It is a box, as of averaging blocks of pixels.",
    "motion": "It is a stroke, as of a movement during the exposure.",
}


@dataclass(frozen=True)
class Finding:
    """A whole sentence or more, and the word or two under which it stands."""

    topic: str
    text: str


@dataclass(frozen=True, eq=False)
class Known:
    """What the sentences are made from.

    Attributes:
        kernel: of the result's scale.
        analysis: None where the kernel was given.
        summary: of the result.
        networks: part in the result, 0..1, of each trained network.
    """

    kernel: SRKernel
    analysis: Analysis | None
    summary: Summary
    networks: Mapping[str, float]

    @property
    def jpeg(self) -> StoredJPEG | None:
        """The JPEG that the photograph was stored as; None where its noise is negligible."""
        return None if self.analysis is None else self.analysis.jpeg

    @property
    def spectral(self) -> SpectralEstimate | None:
        """The fit of the spectrum, where one was made."""
        return None if self.analysis is None else self.analysis.spectral

    @property
    def kernel_used(self) -> bool:
        """Whether the kernel has a visible part in the result."""
        return self.summary.kernel_share >= USED

    @property
    def ellipse(self) -> BlurEllipse:
        """Of the x2 kernel where one was estimated, which is what the uncertainty is about."""
        kernel = self.kernel if self.analysis is None else self.analysis.kernel
        return blur_ellipse(kernel, None if self.spectral is None else self.spectral.posterior)


def findings(
    kernel: SRKernel, analysis: Analysis | None, summary: Summary, networks: Mapping[str, float]
) -> tuple[Finding, ...]:
    """All that can be said of a result, the most important first.

    Args:
        kernel: of the result's scale.
        analysis: of the photograph; None where the kernel was given.
        summary: of the result. A kernel that has no part in the result has no finding.
        networks: the part in the result, 0..1, of each trained network that was asked for.

    Returns:
        The findings.
    """
    known = Known(kernel, analysis, summary, networks)
    return tuple(found for say in _SAYERS if (found := say(known)) is not None)


def _strength(known: Known) -> Finding:
    change, blend = known.summary.change, known.summary.blend
    text = (
        f"The result differs from bicubic interpolation by {change.levels:.1f} of 255 levels (rms); its edges"
    )
    text += f" have {abs(100 * change.contrast):.0f} % {'more' if change.contrast >= 0 else 'less'} contrast."
    if blend < WHOLE:
        text += f" Blend {blend:.2g}: {100 * blend:.0f} % of what the restoration changes is used."
    return Finding("strength", text)


def _method(known: Known) -> Finding | None:
    chosen = None if known.analysis is None else known.analysis.combination
    if known.analysis is not None and known.analysis.kind.name != "photo" and known.summary.blend > 0:
        return Finding("method", f"It is {DRAWN[known.analysis.kind.name]}.")
    if chosen is None or known.summary.blend == 0:
        return None
    parts = []
    if chosen.kernel >= USED:
        parts.append(f"the inverse of the kernel found with weight {chosen.kernel:.2f}")
    if chosen.camera >= USED:
        parts.append(f"the inverse of a camera's blur with weight {chosen.camera:.2f}")
    filtered = sharpening(chosen)
    if filtered:
        parts.append(f"a small filter: {filtered}")
    if not parts:
        less = "Without its trained network the result" if any(known.networks.values()) else "The result"
        return Finding("method", f"{less} is close to bicubic interpolation.")
    return Finding("method", f"It is a combination of bicubic interpolation and {', '.join(parts)}.")


def _network(known: Known) -> Finding | None:
    used = [f"{name}, with weight {part:.2f}" for name, part in known.networks.items() if part > 0]
    if not used:
        return None
    text = (
        f"Detail that was learned from other photographs is added by a trained network ({', '.join(used)})."
    )
    return Finding("network", text)


def _blur(known: Known) -> Finding | None:
    if not known.kernel_used:
        return None
    spectral, ellipse = known.spectral, known.ellipse
    form = (
        ""
        if spectral is None or known.analysis is None or known.analysis.gan is not None
        else spectral.family
    )
    if form == "bicubic":
        return Finding("kernel", SHAPES[form])
    scale = known.kernel.scale if known.analysis is None else known.analysis.kernel.scale
    text = f"Its width is about {ellipse.width:.1f} pixels of the picture enlarged {scale} times"
    if ellipse.direction is None:
        text += ", about the same in all directions."
    else:
        text += f", more {ellipse.direction} ({ellipse.wide:.1f}) than across that direction"
        text += f" ({ellipse.narrow:.1f})."
    return Finding("kernel", f"{text} {SHAPES.get(form, '')}".strip())


def _source(known: Known) -> Finding | None:
    if known.analysis is None:
        return Finding("source", "The kernel was given, not estimated.")
    if known.analysis.gan is not None and known.kernel_used:
        return Finding("source", "The kernel was learned by KernelGAN.")
    return None


def _certainty(known: Known) -> Finding | None:
    spectral = known.spectral
    if spectral is None or not known.kernel_used or known.analysis is None or known.analysis.gan is not None:
        return None
    if spectral.family == "gaussian":
        reason = f"its width has a standard error of {100 * relative_error(known.ellipse):.0f} %"
    else:
        reason = f"this form is about {_times(spectral.evidence[spectral.family])} as likely as a bell"
    parts = "one part" if spectral.windows == 1 else f"{spectral.windows} parts"
    text = f"The certainty of the kernel is {kernel_certainty(known.analysis)}: {reason}, from {parts} of the"
    return Finding("kernel certainty", f"{text} photograph{doubt(spectral)}.")


def _storage(known: Known) -> Finding | None:
    if known.jpeg is None:
        return None
    from blindsr.analysis.jpeg_history import nearest_quality

    tables, levels = known.jpeg.tables, 255 * math.sqrt(known.jpeg.noise.variance)
    what = "It is a JPEG" if tables.read else "Its pixels show that it was a JPEG"
    quality = nearest_quality(tables)
    text = f"{what} of quality {quality}, which left noise of about {levels:.1f} of 255 levels."
    return Finding("storage", text)


def _noise(known: Known) -> Finding | None:
    if known.spectral is None or known.jpeg is not None:
        return None
    levels = 255 * math.sqrt(known.spectral.noise_variance)
    if levels <= ROUNDING:
        return Finding("noise", "Hardly any: no more than rounding to 8 bits leaves.")
    return Finding("noise", f"About {levels:.1f} of 255 levels.")


_SAYERS: Final[tuple[Callable[[Known], Finding | None], ...]] = (
    *(_strength, _method, _network, _source, _blur, _certainty, _storage, _noise),
)


def _times(log_odds: float) -> str:
    most = 1000
    return f"{math.exp(log_odds):.0f} times" if log_odds < math.log(most) else f"over {most} times"
