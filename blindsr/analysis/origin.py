"""Whether a computer made the image small, or a camera took it as it is.

It decides what the image may be asked to give back. A computer's kernel is undone wholly. A camera's image
was never larger: its lens and pixels blur, its processing sharpens and takes noise, and what is beyond that
band is lost; undoing a Gaussian there makes grain and rims. The evidence is added up as log odds, each part
one that a person can check:

======== ===============================================================================================
colours  as fine as brightness: a computer's (:mod:`blindsr.analysis.chroma`)
apart    red and blue go their own ways at fine detail: a computer's; cameras guess them from green
gray     there are no colours to ask
jpeg     it is a JPEG, as cameras' images are; its colours say less
size     the file names its camera, and the size of this very picture: a camera's; a larger one of the same
         shape: a computer's
slope    of a JPEG: brightness has little fine detail: a computer's; cameras sharpen
round    the blur found is not round: a computer's, for lenses blur round
misfit   the spectrum is none that photographs have: a pattern, text; the kernel is not to be believed
spread   parts of the image disagree about the kernel, or there are few: likewise
======== ===============================================================================================

``computer`` is the probability; where it is low because nothing is certain, the camera's mild inverse is also
the safe one. ``trust`` is how far to leave bicubic interpolation at all: an image without fine detail, whose
power falls faster than with any kernel that goes with its pixels, was blurred before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from blindsr.analysis.chroma import Colours, look_at_colours
from blindsr.analysis.file_evidence import Size, Told
from blindsr.spectral.config import OriginConfig, SpectralConfig

if TYPE_CHECKING:
    from blindsr.spectral.estimate import SpectralEstimate

Array = npt.NDArray[np.float64]
NOTHING: Final = Told()


@dataclass(frozen=True)
class Origin:
    """computer: probability, 0..1, that a computer made the image small; 0 or 1 where that is sure or
    assumed. trust: 0..1, how far to leave bicubic interpolation. evidence: the parts of the log odds, by
    name."""

    computer: float
    trust: float
    evidence: Mapping[str, float]
    worth_training: bool = True
    """Whether the computer's kernel is believed enough to spend training on it."""


def judge(image: Array, estimate: SpectralEstimate, config: SpectralConfig, told: Told = NOTHING) -> Origin:
    """The origin of (C, H, W) in 0..1, C 1 or 3, given what its spectrum says of the kernel, and what its
    file told: its tables where they matter."""
    rules, jpeg = config.origin, told.jpeg
    halved = jpeg is not None and jpeg.chroma_halved
    stored = jpeg.chroma_noise(*config.colour.fine_halved) if jpeg is not None and halved else None
    colours = look_at_colours(image, config.colour, stored=stored)
    heard = colours.known
    middle = rules.bandwidth_middle_halved if halved else rules.bandwidth_middle
    evidence = {
        "prior": rules.prior,
        "colours": heard * _part(colours.bandwidth, rules.bandwidth, middle, rules.bandwidth_limits),
        "apart": 0.0
        if colours.apart is None
        else heard * _part(colours.apart, rules.apart, rules.apart_middle, rules.apart_limits),
        "gray": (1 - heard) * (rules.gray if jpeg is None else rules.gray_jpeg),
        "jpeg": 0.0 if jpeg is None else rules.jpeg,
        "size": _size((image.shape[1], image.shape[2]), told.taken, rules),
        "slope": 0.0
        if jpeg is None
        else _part(colours.slope, rules.slope, rules.slope_middle, rules.slope_limits),
        "round": rules.round_ * (anisotropy(estimate, rules) - rules.round_middle),
        "misfit": _part(estimate.misfit, rules.misfit, rules.misfit_limits[0], rules.misfit_limits),
        "spread": _spread(estimate, rules),
    }
    computer = float(1 / (1 + np.exp(-sum(evidence.values()))))
    if rules.assume != "auto":
        computer = float(rules.assume == "computer")
    elif max(computer, 1 - computer) >= rules.sure:
        computer = float(round(computer))
    trust = _trust(colours, rules) if rules.trust is None else rules.trust
    return Origin(computer, trust, evidence, trust * computer >= rules.worth)


def anisotropy(estimate: SpectralEstimate, rules: OriginConfig) -> float:
    """log(1 + squared distance of the found variances from those of a round blur, in standard errors)."""
    yy, xx, xy = estimate.covariance[0, 0], estimate.covariance[1, 1], estimate.covariance[0, 1]
    to_shape = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    errors = to_shape @ estimate.posterior @ to_shape.T + rules.round_slack * np.eye(2)
    shape = np.array([(yy - xx) / 2, xy])
    return float(np.log1p(min(float(shape @ np.linalg.solve(errors, shape)), rules.round_most)))


def _size(size: Size, taken: Size | None, rules: OriginConfig) -> float:
    """Log odds by a picture's size beside the one that its camera says it took."""
    if taken is None or min(taken) < 1:
        return 0.0
    shares = [ours / theirs for ours, theirs in zip(sorted(size), sorted(taken), strict=True)]
    if shares == [1.0, 1.0]:
        return rules.taken
    same_shape = abs(shares[0] - shares[1]) < rules.shrunk_shape * max(shares)
    return rules.shrunk if same_shape and max(shares) < rules.shrunk_most else 0.0


def _part(seen: float, weight: float, middle: float, limits: tuple[float, float]) -> float:
    return weight * (min(max(seen, limits[0]), limits[1]) - middle)


def _spread(estimate: SpectralEstimate, rules: OriginConfig) -> float:
    """Log odds by the deviation of half the trace."""
    half_trace = np.array([0.5, 0.5, 0.0])
    deviation = float(np.sqrt(half_trace @ estimate.posterior @ half_trace))
    low, high = rules.spread_limits
    return rules.spread * float(np.log10(min(max(deviation, low), high) / rules.spread_middle))


def _trust(colours: Colours, rules: OriginConfig) -> float:
    """Falls where the luma's power falls faster than ``smooth``."""
    beyond = max(0.0, rules.smooth - colours.slope) / rules.smooth_decades
    odds = rules.trust_most / (1 - rules.trust_most) * np.exp(-beyond)
    return float(odds / (1 + odds))
