"""What was found in a photograph, in sentences that need no formula.

:func:`findings` is the only list of them: pages show what it returns, in its order. A new finding is one more
function that takes what is known and returns a :class:`Finding` or None. The command line says the same in a
line (:mod:`blindsr.cli.words`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from blindsr.report.confidence import confidence, doubt, relative_error
from blindsr.report.shape import Shape, shape_of

if TYPE_CHECKING:
    from blindsr.analysis.origin import Origin
    from blindsr.analysis.storage import StoredJPEG
    from blindsr.pipeline import Analysis
    from blindsr.spectral.estimate import SpectralEstimate
    from srbase.kernels.kernel import SRKernel

ROUNDING: Final = 0.4
"""Grey levels: noise up to here is what rounding to 8 bits leaves (0.29), and nothing to speak of."""

EVEN, WHOLE = 0.5, 0.9
"""From this probability on a computer's; from this trust on what is held back is not worth a word."""

SHAPES: Final = {
    "gaussian": "The blur has no special form: it falls off like a bell.",
    "bicubic": "It was made small by bicubic interpolation, as image programs do.",
    "disc": "The blur is that of a lens out of focus: a disc.",
    "box": "The blur is that of averaging blocks of pixels: a box.",
    "motion": "The blur is that of a movement during the exposure: a stroke.",
}


@dataclass(frozen=True)
class Finding:
    """A whole sentence or two, and the word or two under which it stands."""

    topic: str
    text: str


@dataclass(frozen=True, eq=False)
class Known:
    """What the sentences are made from: the kernel that was used, and the analysis (None: it was given)."""

    kernel: SRKernel
    estimate: Analysis | None

    @property
    def stored(self) -> StoredJPEG | None:
        """The JPEG that the photograph was; None: none that matters."""
        return None if self.estimate is None else self.estimate.jpeg

    @property
    def origin(self) -> Origin | None:
        """Who made the photograph small, where that was asked."""
        return None if self.estimate is None else self.estimate.origin

    @property
    def spectral(self) -> SpectralEstimate | None:
        """What the spectrum said, where it was asked."""
        return None if self.estimate is None else self.estimate.spectral

    @property
    def shape(self) -> Shape:
        """Of the x2 kernel where one was estimated, which is what the uncertainty is about."""
        kernel = self.kernel if self.estimate is None else self.estimate.kernel
        return shape_of(kernel, None if self.spectral is None else self.spectral.posterior)


def findings(kernel: SRKernel, analysis: Analysis | None) -> tuple[Finding, ...]:
    """All that can be said, the most important first."""
    known = Known(kernel, analysis)
    return tuple(found for say in _SAYERS if (found := say(known)) is not None)


def _blur(known: Known) -> Finding | None:
    shape = known.shape
    if known.spectral is not None and known.spectral.family == "bicubic":
        return Finding("blur", "The photograph was softened no more than its shrinking needed.")
    scale = known.kernel.scale if known.estimate is None else known.estimate.kernel.scale
    text = (
        f"The photograph was softened by about {_pixels(shape.width)} of the picture enlarged {scale} times"
    )
    if shape.direction is None:
        return Finding("blur", f"{text}, about as much in all directions.")
    return Finding(
        "blur",
        f"{text}, more {shape.direction} ({shape.wide:.1f}) than across that direction ({shape.narrow:.1f}).",
    )


def _origin(known: Known) -> Finding | None:
    if known.estimate is None:
        return Finding("source", "The kernel was given, not estimated.")
    if known.spectral is None or known.estimate.gan is not None:
        return Finding("source", "The kernel was learned by KernelGAN.")
    return Finding("form", SHAPES.get(known.spectral.family, f"Its form is called {known.spectral.family}."))


def _maker(known: Known) -> Finding | None:
    """Who made it small, which decides what is undone."""
    origin = known.origin
    if origin is None:
        return None
    made, taken = "made small by a computer", "as a camera took it"
    kernel, camera = "the kernel found is undone", "a camera's mild blur is undone"
    if origin.computer >= EVEN:
        share, what, answer, other = origin.computer, made, kernel, camera
    else:
        share, what, answer, other = 1 - origin.computer, taken, camera, kernel
    if round(100 * share) == 100:
        text = f"It seems to be {what}: {answer}."
    else:
        text = f"It seems to be {what} ({100 * share:.0f} %): in that share of the result {answer}, in the "
        text += f"rest {other}."
    if origin.trust < WHOLE:
        text += (
            f" The result stays nearer to plain enlargement: {100 * origin.trust:.0f} % of the difference."
        )
    return Finding("origin", text)


def _storage(known: Known) -> Finding | None:
    """Which JPEG it was."""
    if known.stored is None:
        return None
    from blindsr.analysis.jpeg_history import nearest_quality

    tables, levels = known.stored.tables, 255 * math.sqrt(known.stored.noise.variance)
    source = "" if tables.read else ", as its pixels tell"
    quality = nearest_quality(tables)
    return Finding(
        "storage", f"It was a JPEG of quality {quality}{source}: noise of about {levels:.1f} of 255 levels."
    )


def _confidence(known: Known) -> Finding | None:
    spectral = known.spectral
    if spectral is None:
        return None
    if spectral.family == "gaussian":
        error = relative_error(known.shape)
        reason = f"the width is known to within {100 * error:.0f} % (one standard error)"
    else:
        odds = spectral.evidence[spectral.family]
        reason = f"this form is about {_times(odds)} as likely as a bell"
    parts = "one part" if spectral.windows == 1 else f"{spectral.windows} parts"
    text = f"Confidence is {confidence(known.estimate)}: {reason}, from {parts} of the photograph"
    return Finding("confidence", f"{text}{doubt(spectral)}.")


def _noise(known: Known) -> Finding | None:
    if known.spectral is None or known.stored is not None:
        return None
    levels = 255 * math.sqrt(known.spectral.noise_variance)
    if levels <= ROUNDING:
        return Finding("noise", "Hardly any noise: no more than rounding to 8 bits leaves.")
    return Finding("noise", f"There is noise of about {levels:.1f} of 255 grey levels.")


_SAYERS: Final[tuple[Callable[[Known], Finding | None], ...]] = (
    *(_blur, _origin, _confidence, _maker, _storage, _noise),
)


def _pixels(width: float) -> str:
    return f"{width:.1f} pixels"


def _times(log_odds: float) -> str:
    most = 1000
    return f"{math.exp(log_odds):.0f} times" if log_odds < math.log(most) else f"over {most} times"
