"""What was found in a photograph, in sentences that need no formula.

:func:`findings` is the only list of them: pages show what it returns, in its order. A new finding is one more
function that takes what is known and returns a :class:`Finding` or None. The command line writes shorter
lines (:mod:`blindsr.summary`).
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
"""Grey levels: noise up to here is negligible; rounding to 8 bits gives 0.29."""

EVEN, WHOLE = 0.5, 0.9
"""Probability from which a photograph is digitally downscaled; blend weight from which it goes unsaid."""

SHAPES: Final = {
    "gaussian": "The kernel has the shape of a Gaussian.",
    "bicubic": "The photograph was downscaled with bicubic interpolation, as image editors do.",
    "disc": "The kernel is a disc: the lens was out of focus.",
    "box": "The kernel is a box: blocks of pixels were averaged.",
    "motion": "The kernel is a line: the camera or the object moved during the exposure.",
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
        return Finding("blur", "The photograph has no more blur than bicubic downscaling gives.")
    scale = known.kernel.scale if known.estimate is None else known.estimate.kernel.scale
    text = (
        f"The blur has a standard deviation of about {shape.width:.1f} pixels of the picture enlarged "
        f"{scale} times"
    )
    if shape.direction is None:
        return Finding("blur", f"{text}, equal in all directions.")
    return Finding(
        "blur", f"{text}: {shape.wide:.1f} {shape.direction} and {shape.narrow:.1f} across that direction."
    )


def _origin(known: Known) -> Finding | None:
    if known.estimate is None:
        return Finding("source", "The kernel was given, not estimated.")
    if known.spectral is None or known.estimate.gan is not None:
        return Finding("source", "The kernel was estimated by KernelGAN.")
    family = known.spectral.family
    return Finding("form", SHAPES.get(family, f"The shape of the kernel is called {family}."))


def _class(known: Known) -> Finding | None:
    """Camera or digital downscaling, which decides what is inverted and how strongly."""
    origin = known.origin
    if origin is None:
        return None
    digital = ("downscaled digitally", "the estimated kernel is inverted")
    camera = ("taken by a camera and not downscaled", "a mild camera blur is inverted")
    first, second, probability = digital, camera, origin.computer
    if probability < EVEN:
        first, second, probability = camera, digital, 1 - probability
    if round(100 * probability) == 100:
        text = f"The photograph was {first[0]}: {first[1]}."
    else:
        text = (
            f"The photograph was probably {first[0]} (p = {probability:.2f}): {first[1]} with weight "
            f"{probability:.2f}, and {second[1]} with weight {1 - probability:.2f}."
        )
    if origin.trust < WHOLE:
        text += (
            f" The blend weight is {origin.trust:.2f}: 0 is bicubic interpolation, 1 the full restoration."
        )
    return Finding("origin", text)


def _storage(known: Known) -> Finding | None:
    """The JPEG compression."""
    if known.stored is None:
        return None
    from blindsr.analysis.jpeg_history import nearest_quality

    tables, levels = known.stored.tables, 255 * math.sqrt(known.stored.noise.variance)
    source = "" if tables.read else ", found from its pixels"
    quality = nearest_quality(tables)
    return Finding(
        "storage",
        f"JPEG compression of quality {quality}{source}: its noise is about {levels:.1f} of 255 grey levels.",
    )


def _confidence(known: Known) -> Finding | None:
    spectral = known.spectral
    if spectral is None or (known.estimate is not None and known.estimate.gan is not None):
        return None
    if spectral.family == "gaussian":
        error = relative_error(known.shape)
        reason = f"its width is known to within {100 * error:.0f} % (one standard error)"
    else:
        odds = spectral.evidence[spectral.family]
        reason = f"its shape is about {_times(odds)} as likely as a Gaussian"
    windows = "1 window" if spectral.windows == 1 else f"{spectral.windows} windows"
    text = f"Confidence in the kernel is {confidence(known.estimate)}: {reason}, from {windows} of the "
    return Finding("confidence", f"{text}photograph{doubt(spectral)}.")


def _noise(known: Known) -> Finding | None:
    if known.spectral is None or known.stored is not None:
        return None
    levels = 255 * math.sqrt(known.spectral.noise_variance)
    if levels <= ROUNDING:
        return Finding("noise", "Noise is negligible: no more than rounding to 8 bits gives.")
    return Finding("noise", f"Noise is about {levels:.1f} of 255 grey levels.")


_SAYERS: Final[tuple[Callable[[Known], Finding | None], ...]] = (
    *(_blur, _origin, _confidence, _class, _storage, _noise),
)


def _times(log_odds: float) -> str:
    most = 1000
    return f"{math.exp(log_odds):.0f} times" if log_odds < math.log(most) else f"over {most} times"
